"""Tests of whole setups: from nothing, again, after a failure, and away again."""

import json
from dataclasses import replace
from typing import Any

import pytest

from relay.setup.inventory import resources
from relay.setup.resource import Kind
from relay.setup.run import (
    ForeignError,
    Outcome,
    SetupFailedError,
    apply,
    destroy,
    plan_steps,
)
from relay.setup.steps import Status
from tests.setup.account import BUCKET, REGION, TOPIC_ARN, an_account, statuses
from tests.support.clock import EagerClock

ROLE = {"name": "relay-runner"}
CHANGES = [
    "create_bucket",
    "put_bucket_tagging",
    "put_public_access_block",
    "put_bucket_encryption",
    "put_bucket_policy",
    "create_topic",
    "set_topic_attributes",
    "create_queue",
    "set_queue_attributes",
    "subscribe",
    "create_log_group",
    "put_retention_policy",
    "create_role",
    "put_role_policy",
    "create_trail",
    "start_logging",
]
"""Every call by which an apply changes something, in order."""


async def test_plan_of_an_empty_account_makes_everything_and_nothing(moto: str) -> None:
    """Every step says that it would make something; nothing is made."""
    async with an_account(moto, role=ROLE) as account:
        first = await plan_steps(account.resources, clock=EagerClock())
        second = await plan_steps(account.resources, clock=EagerClock())

    assert {step.title.kind for step in first} == set(Kind) - {Kind.KEY_POLICY}
    assert statuses(first) == statuses(second) == {Status.MISSING}


async def test_applied_account_delivers_and_needs_nothing_more(moto: str) -> None:
    """The trail logs, its notices reach the queue, and a second plan has no change."""
    async with an_account(moto, role=ROLE) as account:
        told: list[str] = []
        await apply(
            account.resources,
            clock=EagerClock(),
            on_step=lambda step: told.append(step.title.kind),
        )
        again = await apply(account.resources, clock=EagerClock())
        clients = account.clients
        trail = await clients.cloudtrail.get_trail_status(Name="cloudtrail-relay")
        await clients.sns.publish(TopicArn=TOPIC_ARN, Message="a notice")
        url = (await clients.sqs.get_queue_url(QueueName="cloudtrail-relay"))[
            "QueueUrl"
        ]
        received = await clients.sqs.receive_message(QueueUrl=url)

    assert told[0] == Kind.BUCKET
    assert told[-1] == Kind.TRAIL
    assert statuses(again) == {Status.EXISTS}
    assert trail["IsLogging"]
    assert json.loads(received["Messages"][0]["Body"])["Message"] == "a notice"


async def test_apply_goes_on_where_it_failed(moto: str) -> None:
    """Each call is denied once: every apply comes one further, and the last to the end.

    None of them takes for somebody else's what the one before has half made.
    """
    failed: list[str] = []
    async with an_account(moto, role=ROLE) as account:
        for _ in CHANGES:
            broken = account.broken(failed, is_late=False)
            with pytest.raises(SetupFailedError, match="AccessDenied"):
                await apply(broken, clock=EagerClock())
        await apply(account.broken(failed, is_late=False), clock=EagerClock())
        after = await plan_steps(account.resources, clock=EagerClock())

    assert failed == CHANGES
    assert statuses(after) == {Status.EXISTS}


async def test_lost_answers_are_looked_up(moto: str) -> None:
    """What AWS did although it answered an error is found; the same apply goes on."""
    clock, failed = EagerClock(), list[str]()
    async with an_account(moto, role=ROLE) as account:
        await apply(account.broken(failed, is_late=True), clock=clock)
        after = await plan_steps(account.resources, clock=EagerClock())

    assert len(clock.slept) == len(failed)
    assert {"create_bucket", "create_queue", "create_trail"} < set(failed)
    assert statuses(after) == {Status.EXISTS}


async def test_others_things_are_not_taken(moto: str) -> None:
    """A queue of the name that nobody named stops everything before any change."""
    async with an_account(moto) as account:
        await account.clients.sqs.create_queue(QueueName="cloudtrail-relay")
        with pytest.raises(
            ForeignError, match="queue cloudtrail-relay: exists already"
        ):
            await apply(account.resources, clock=EagerClock())
        buckets = await account.clients.s3.list_buckets()

    assert buckets["Buckets"] == []


async def test_another_setups_things_are_not_taken(moto: str) -> None:
    """Two setups of one account do not share what only bears the maker's tag."""
    async with an_account(moto) as account:
        await apply(account.resources, clock=EagerClock())
    async with an_account(moto, name="second") as other:
        steps = await plan_steps(other.resources, clock=EagerClock())

    foreign = {step.title.kind for step in steps if step.status is Status.FOREIGN}
    assert foreign == {Kind.LOG_GROUP}


async def test_destroy_leaves_an_account_as_it_was(moto: str) -> None:
    """Everything is removed, the last first; a second time there is nothing."""
    async with an_account(moto, role=ROLE) as account:
        await apply(account.resources, clock=EagerClock())
        removals = await destroy(account.resources, with_data=False, clock=EagerClock())
        again = await destroy(account.resources, with_data=False, clock=EagerClock())
        steps = await plan_steps(account.resources, clock=EagerClock())

    assert removals[0].title.kind is Kind.TRAIL
    assert {each.outcome for each in removals} == {Outcome.REMOVED}
    assert {each.outcome for each in again} == {Outcome.ABSENT}
    assert statuses(steps) == {Status.MISSING}


async def test_destroy_keeps_data_unless_it_is_asked_twice(moto: str) -> None:
    """A bucket with log files and a group with log events stay, and are named.

    Older versions and delete markers are log files, too.
    """
    # A named bucket: the emulator takes the statement against plain HTTP literally.
    async with an_account(moto, bucket={"name": BUCKET}) as account:
        await apply(account.resources, clock=EagerClock())
        clients = account.clients
        await clients.s3.put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        await clients.s3.put_object(Bucket=BUCKET, Key="AWSLogs/a", Body=b"x")
        await clients.s3.put_object(Bucket=BUCKET, Key="AWSLogs/b", Body=b"x")
        await clients.s3.delete_object(Bucket=BUCKET, Key="AWSLogs/b")
        await clients.logs.create_log_stream(
            logGroupName="/relay/cloudtrail", logStreamName="a"
        )
        kept = await destroy(account.resources, with_data=False, clock=EagerClock())
        objects = await clients.s3.list_objects_v2(Bucket=BUCKET)
        removed = await destroy(account.resources, with_data=True, clock=EagerClock())
        buckets = await clients.s3.list_buckets()

    whys = {each.title.kind: each.why for each in kept if each.why}
    assert whys == {
        Kind.BUCKET: "it holds log files",
        Kind.LOG_GROUP: "it holds log events",
    }
    assert objects["KeyCount"] == 1
    assert {each.title.kind for each in removed if each.outcome is Outcome.REMOVED} == {
        Kind.BUCKET,
        Kind.LOG_GROUP,
    }
    assert buckets["Buckets"] == []


async def test_destroy_takes_nothing_of_others(moto: str) -> None:
    """An adopted bucket and queue stay, with every statement but ours."""
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::their-logs/*",
    }
    async with an_account(
        moto, bucket={"name": "their-logs"}, queue="theirs"
    ) as account:
        clients = account.clients
        await clients.s3.create_bucket(
            Bucket="their-logs",
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        policy = {"Version": "2012-10-17", "Statement": [theirs]}
        await clients.s3.put_bucket_policy(
            Bucket="their-logs", Policy=json.dumps(policy)
        )
        await clients.sqs.create_queue(QueueName="theirs")
        steps = await apply(account.resources, clock=EagerClock())
        during = await account.bucket_statements("their-logs")
        await destroy(account.resources, with_data=True, clock=EagerClock())
        after = await account.bucket_statements("their-logs")
        queues = await clients.sqs.list_queues()

    adopted = {step.title.name for step in steps if step.status is Status.ADOPTED}
    assert adopted == {"their-logs", "theirs"}
    assert [each["Sid"] for each in during] == [
        "Theirs",
        "CloudtrailRelayAclCheck",
        "CloudtrailRelayWrite",
    ]
    assert after == [theirs]
    assert [url.rsplit("/", 1)[-1] for url in queues["QueueUrls"]] == ["theirs"]


async def test_locked_object_is_told(moto: str) -> None:
    """What S3 would not delete is named; the bucket stays."""
    async with an_account(moto, bucket={"name": BUCKET}) as account:
        await apply(account.resources, clock=EagerClock())
        await account.clients.s3.put_object(Bucket=BUCKET, Key="AWSLogs/a", Body=b"x")
        locked = replace(account.clients, s3=Locking(account.clients.s3))
        with pytest.raises(
            SetupFailedError, match=r"delete AWSLogs/a of bucket .* WORM"
        ):
            await destroy(
                resources(account.session.plan, locked),
                with_data=True,
                clock=EagerClock(),
            )


class Locking:
    """A client of S3 for which every object is under Object Lock."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - untyped
        self._client = client

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - untyped
        return getattr(self._client, name)

    async def delete_objects(self, **request: Any) -> dict[str, object]:  # noqa: ANN401 - the SDK's form
        """Refuse each, in an answer that succeeds as a whole."""
        keys = [each["Key"] for each in request["Delete"]["Objects"]]
        why = {"Code": "AccessDenied", "Message": "Object is WORM protected"}
        return {"Errors": [{"Key": key, **why} for key in keys]}
