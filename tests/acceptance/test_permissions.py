"""deploy/iam-policy.json is what the daemon needs: with it all works, without it stops.

The emulator evaluates the policy for every call and refuses wrong signatures. It does
not know KMS, ListBucket behind GetObject, TagResource behind CreateLogGroup: these,
and the ARNs of SNS and Logs, are in tests/deploy.
"""

import http.client
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiobotocore.session import AioSession

from relay.config.load import load
from relay.setup.permissions import daemon_policy, scope_of
from tests.acceptance.test_alarms import ROOT_LOGIN, alarm_topic
from tests.deploy.policy import Policy, actions_of, filled_policy
from tests.support.moto import CREDENTIALS, moto_server, reset
from tests.support.relay_process import running_relay
from tests.support.world import (
    BUCKET,
    GROUP,
    REGION,
    World,
    log_key,
    made_world,
    record,
)

MOTO_ACCOUNT = "123456789012"
WORDS = {
    "REGION": REGION,
    "ACCOUNT": MOTO_ACCOUNT,
    "BUCKET/PREFIX": BUCKET,
    "BUCKET": BUCKET,
    "GROUP": GROUP,
    "ALARM_TOPIC": "security",
    "ALARM_QUEUE": "direct",
    "QUEUE": "relay-1",
    "TRAIL_KEY": "none",
}
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
USER = "relay"


@dataclass(kw_only=True)
class Account:
    """A world whose calls are authorised, and the clients that look behind it."""

    world: World
    iam: Any
    logs: Any
    topic_listener: str
    direct: str
    config: Path

    async def allow(self, policy: Policy) -> None:
        """Make ``policy`` all that the daemon's user may do."""
        await self.iam.put_user_policy(
            UserName=USER, PolicyName="run-time", PolicyDocument=json.dumps(policy)
        )

    async def log_event_ids(self) -> list[str]:
        """Return the ids of the records that CloudWatch Logs has."""
        found = await self.logs.filter_log_events(logGroupName=GROUP)
        return sorted(
            json.loads(each["message"])["eventID"] for each in found["events"]
        )


@pytest.fixture(scope="module")
def strict_moto() -> Iterator[str]:
    """Run an emulator of its own: who may do what is one switch for all its users."""
    with moto_server() as url:
        yield url


@asynccontextmanager
async def guarded_account(
    moto: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Account]:
    """Make an account in which the test may do all and the daemon nothing as yet."""
    enforce(moto, from_call="inf")
    reset(moto)
    async with AsyncExitStack() as stack:
        iam = await stack.enter_async_context(client("iam", moto))
        admin = await made_user(iam, "admin")
        await iam.put_user_policy(
            UserName="admin", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING)
        )
        # What the daemon's process is given instead of made-up credentials.
        for name, value in (await made_user(iam, USER)).items():
            monkeypatch.setitem(CREDENTIALS, name, value)
        for name, value in admin.items():
            monkeypatch.setenv(name, value)
        iam = await stack.enter_async_context(client("iam", moto))
        logs = await stack.enter_async_context(client("logs", moto))
        world = await stack.enter_async_context(made_world(moto, folder))
        enforce(moto, from_call="0")
        topic_arn, listener = await alarm_topic(world)
        direct = await world.queue("direct")
        world.write_rules(metric_filters=[ROOT_LOGIN])
        yield Account(
            world=world,
            iam=iam,
            logs=logs,
            topic_listener=listener,
            direct=direct,
            config=world.write_config(
                source={
                    "queue_url": world.queue_url,
                    "buckets": [BUCKET],
                    # For a delete that is given up: then the message comes again.
                    "visibility_timeout": "10s",
                },
                # CloudWatch Logs is the emulator as well: the strict fake has no IAM.
                aws={"region": REGION, "endpoint_url": moto},
                notify={
                    "receivers": [
                        {
                            "name": "all",
                            "sns": [{"topic_arn": topic_arn}],
                            "sqs": [{"queue_url": direct}],
                        }
                    ],
                    "route": {"receiver": "all"},
                },
                logs={"group": GROUP, "create": {"retention_days": 30}},
            ),
        )


def client(service: str, url: str) -> Any:  # noqa: ANN401 - botocore is untyped
    """Return a client of the emulator with the environment's credentials."""
    return AioSession().create_client(service, region_name=REGION, endpoint_url=url)


async def made_user(iam: Any, name: str) -> dict[str, str]:  # noqa: ANN401 - untyped
    """Make a user without rights; return its credentials as an environment."""
    await iam.create_user(UserName=name)
    key = (await iam.create_access_key(UserName=name))["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_SESSION_TOKEN": "",
    }


def enforce(url: str, *, from_call: str) -> None:
    """Make the emulator check every call after the first ``from_call`` ones."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("POST", "/moto-api/reset-auth", body=from_call)
        assert connection.getresponse().status == http.HTTPStatus.OK
    finally:
        connection.close()


def for_moto(policy: Policy) -> Policy:
    """Return ``policy`` with what the emulator wants and AWS does not.

    AWS authorises a batch call by the action of the single one. The emulator compares
    resources of SQS and S3 only: it takes every call to SNS and Logs to be on "*".
    """
    statements = []
    for statement in policy["Statement"]:
        actions = actions_of(statement)
        batches = {
            f"{action}Batch"
            for action in actions
            if action in ("sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
        }
        has_resources = {"sqs", "s3"} >= {each.split(":")[0] for each in actions}
        statements.append(
            {
                **statement,
                "Action": sorted({*actions, *batches}),
                "Resource": statement["Resource"] if has_resources else "*",
            }
        )
    return {**policy, "Statement": statements}


def without(policy: Policy, lacking: str) -> Policy:
    """Return ``policy`` without one statement, or without one action."""
    statements = [
        {
            **statement,
            "Action": [each for each in actions_of(statement) if each != lacking],
        }
        for statement in policy["Statement"]
        if statement["Sid"] != lacking
    ]
    assert statements != policy["Statement"]
    return {**policy, "Statement": statements}


ROOT = record("root", eventName="ConsoleLogin", userIdentity={"type": "Root"})


def generated_policy(config: Path) -> Policy:
    """Return what ``relay setup iam-policy`` prints for a configuration."""
    loaded = load(config)
    return daemon_policy(loaded, scope=scope_of(loaded.config, account=MOTO_ACCOUNT))


@pytest.mark.parametrize("is_generated", [False, True], ids=["shipped", "generated"])
async def test_policy_is_enough(
    strict_moto: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_generated: bool,
) -> None:
    """A user with exactly this policy relays, notifies, deletes; nothing is denied."""
    async with guarded_account(strict_moto, tmp_path, monkeypatch) as account:
        world = account.world
        policy = (
            generated_policy(account.config) if is_generated else filled_policy(WORDS)
        )
        await account.allow(for_moto(policy))
        await world.put_records(log_key("a"), [record("other"), ROOT])
        async with running_relay(account.config) as relay:
            await world.announce([log_key("a")])
            await relay.until("relay_messages_deleted_total", 1)
            await relay.until("relay_notifications_total", 2, outcome="sent")
            status = await relay.stop()
            complaints = [line for line in relay.log if is_complaint(line)]
        told = [
            *await world.receive(account.topic_listener),
            *await world.receive(account.direct),
        ]
        left = await world.depth(world.queue_url)
        groups = await account.logs.describe_log_groups(logGroupNamePrefix=GROUP)
        arrived = await account.log_event_ids()

    assert complaints == []
    assert status == 0
    assert arrived == ["other", "root"]
    assert [json.loads(each)["NewStateValue"] for each in told] == ["ALARM", "ALARM"]
    assert left == 0
    assert [each["retentionInDays"] for each in groups["logGroups"]] == [30]


@pytest.mark.parametrize(
    ("lacking", "errors", "is_deleted"),
    [
        ("TakeMessages", "relay_source_errors_total", False),
        ("sqs:DeleteMessage", "relay_source_errors_total", False),
        ("ReadLogFiles", "relay_object_errors_total", False),
        ("WriteLogEvents", "relay_put_log_events_errors_total", False),
        ("MakeLogGroup", "relay_put_log_events_errors_total", False),
        # The outbox on disk has the notification: the message is not needed any more.
        ("NotifyTopic", "relay_notification_errors_total", True),
        ("NotifyQueue", "relay_notification_errors_total", True),
    ],
)
async def test_missing_permission_is_named_and_loses_nothing(
    strict_moto: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lacking: str,
    errors: str,
    is_deleted: bool,
) -> None:
    """Denials are counted as access_denied; once granted, all that waited goes on."""
    async with guarded_account(strict_moto, tmp_path, monkeypatch) as account:
        world = account.world
        policy = filled_policy(WORDS)
        await account.allow(for_moto(without(policy, lacking)))
        await world.put_records(log_key("a"), [record("other"), ROOT])
        async with running_relay(account.config) as relay:
            await world.announce([log_key("a")])
            await relay.until(errors, 1, reason="access_denied")
            if is_deleted:
                await relay.until("relay_messages_deleted_total", 1)
            left = await world.depth(world.queue_url)
            await account.allow(for_moto(policy))
            if lacking == "ReadLogFiles":
                # As SQS does when the time is over for which relay has hidden it.
                await world.announce([log_key("a")])
            await relay.until("relay_messages_deleted_total", 1)
            await relay.until("relay_notifications_total", 2, outcome="sent")
            complaints = [line for line in relay.log if is_complaint(line)]
        told = [
            *await world.receive(account.topic_listener),
            *await world.receive(account.direct),
        ]
        arrived = await account.log_event_ids()

    assert left == (0 if is_deleted else 1)
    assert complaints != []
    assert {line.get("reason") for line in complaints} == {"access_denied"}
    assert arrived == ["other", "root"]
    assert [json.loads(each)["NewStateValue"] for each in told] == ["ALARM", "ALARM"]


def is_complaint(line: dict[str, object]) -> bool:
    """Return whether a log line tells of something wrong."""
    return line.get("level") in ("warning", "error", "critical")
