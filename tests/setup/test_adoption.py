"""Tests of what others made: a trail, an old bucket, a KMS key, a role."""

import json

import pytest

from relay.errors import ConfigError
from relay.setup.grants import bucket_grants
from relay.setup.resource import Kind
from relay.setup.run import SetupFailedError, apply, destroy, plan_steps
from relay.setup.statements import document
from relay.setup.steps import Status, Step
from tests.setup.account import ACCOUNT, REGION, Account, an_account, statuses
from tests.support.clock import EagerClock

PLACE = {"LocationConstraint": REGION}
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:their-topic"


async def org_trail(account: Account, *, topic: str | None) -> None:
    """Make a trail as somebody did long ago, in the console."""
    clients = account.clients
    await clients.s3.create_bucket(Bucket="org-logs", CreateBucketConfiguration=PLACE)
    announced = {}
    if topic is not None:
        await clients.sns.create_topic(Name=topic)
        announced = {"SnsTopicName": topic}
    await clients.cloudtrail.create_trail(
        Name="org-trail", S3BucketName="org-logs", S3KeyPrefix="org", **announced
    )


def by_kind(steps: list[Step]) -> dict[Kind, Step]:
    """Return the steps by what they are about."""
    return {step.title.kind: step for step in steps}


async def test_existing_trail_brings_its_bucket_and_topic(moto: str) -> None:
    """Only what leads from its topic to the relay is made; the trail is started."""
    async with an_account(moto) as account:
        await org_trail(account, topic="their-topic")
    async with an_account(moto, trail={"name": "org-trail"}) as account:
        plan = account.session.plan
        steps = by_kind(await apply(account.resources, clock=EagerClock()))
        again = await plan_steps(account.resources, clock=EagerClock())
        statements = await account.bucket_statements("org-logs")

    assert (plan.bucket, plan.prefix, plan.topic_arn) == ("org-logs", "org", TOPIC)
    assert steps[Kind.BUCKET].status is Status.ADOPTED
    assert steps[Kind.TOPIC].status is Status.ADOPTED
    assert set(steps[Kind.TRAIL].changes) == {"logging"}
    assert statuses(again) == {Status.EXISTS, Status.ADOPTED}
    assert statements[1]["Resource"] == (
        f"arn:aws:s3:::org-logs/org/AWSLogs/{ACCOUNT}/*"
    )


async def test_existing_trail_without_a_topic_is_given_ours(moto: str) -> None:
    """That is changed and nothing else; what else differs is said."""
    async with an_account(moto) as account:
        await org_trail(account, topic=None)
    async with an_account(moto, trail={"name": "org-trail"}) as account:
        step = by_kind(await apply(account.resources, clock=EagerClock()))[Kind.TRAIL]
        again = await plan_steps(account.resources, clock=EagerClock())
        await destroy(account.resources, with_data=True, clock=EagerClock())
        trails = (await account.clients.cloudtrail.describe_trails())["trailList"]

    assert set(step.changes) == {"SnsTopicARN", "logging"}
    assert any("LogFileValidationEnabled is False" in note for note in step.notes)
    assert statuses(again) == {Status.EXISTS, Status.ADOPTED}
    assert [each["Name"] for each in trails] == ["org-trail"]


async def test_existing_trail_is_not_taken_elsewhere(moto: str) -> None:
    """Another bucket or topic than the trail has is refused, each named."""
    async with an_account(moto) as account:
        await org_trail(account, topic="their-topic")
    with pytest.raises(ConfigError) as refused:
        async with an_account(
            moto, trail={"name": "org-trail"}, bucket={"name": "mine"}, topic="mine"
        ):
            raise AssertionError("not refused")

    assert [each.partition(":")[0] for each in refused.value.problems] == [
        "bucket.name",
        "topic",
    ]


async def test_form_of_2014_is_explained_and_left(moto: str) -> None:
    """Today's form is added beside the account principals."""
    old = {
        "Sid": "AWSCloudTrailWrite20131101",
        "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::859597730677:root"]},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::old-logs/AWSLogs/{ACCOUNT}/*",
        "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
    }
    async with an_account(moto, bucket={"name": "old-logs"}) as account:
        s3 = account.clients.s3
        await s3.create_bucket(Bucket="old-logs", CreateBucketConfiguration=PLACE)
        text = json.dumps({"Version": "2012-10-17", "Statement": old})
        await s3.put_bucket_policy(Bucket="old-logs", Policy=text)
        steps = by_kind(await apply(account.resources, clock=EagerClock()))
        statements = await account.bucket_statements("old-logs")

    step = steps[Kind.BUCKET_POLICY]
    assert step.status is Status.DIFFERS
    assert (
        "AWSCloudTrailWrite20131101 lets CloudTrail in by account ids"
        in (step.notes[0])
    )
    assert statements[0] == old
    assert len(statements) == 3


async def test_keys_are_granted_and_never_made(moto: str) -> None:
    """One key of both gets three statements, and keeps its own first one."""
    async with an_account(moto) as account:
        made = await account.clients.kms.create_key()
        arn = made["KeyMetadata"]["Arn"]
    options = {"trail": {"kms_key": arn}, "logs": {"kms_key": arn}}
    async with an_account(moto, **options) as account:

        async def sids() -> list[str]:
            answer = await account.clients.kms.get_key_policy(
                KeyId=arn, PolicyName="default"
            )
            return [each["Sid"] for each in json.loads(answer["Policy"])["Statement"]]

        await apply(account.resources, clock=EagerClock())
        again = await plan_steps(account.resources, clock=EagerClock())
        during = await sids()
        await destroy(account.resources, with_data=False, clock=EagerClock())
        after = await sids()

    assert statuses(again) == {Status.EXISTS}
    assert during == [
        "Enable IAM User Permissions",
        "CloudtrailRelayEncryptLogFiles",
        "CloudtrailRelayDescribeKey",
        "CloudtrailRelayEncryptLogEvents",
    ]
    assert after == during[:1]


async def test_role_of_others_gets_our_policy_only(moto: str) -> None:
    """Who may have the role is its owner's business."""
    trust = {"Version": "2012-10-17", "Statement": []}
    async with an_account(moto, role={"name": "theirs"}) as account:
        iam = account.clients.iam
        await iam.create_role(
            RoleName="theirs", AssumeRolePolicyDocument=json.dumps(trust)
        )
        steps = by_kind(await apply(account.resources, clock=EagerClock()))
        role = (await iam.get_role(RoleName="theirs"))["Role"]
        policies = await iam.list_role_policies(RoleName="theirs")

    assert set(steps[Kind.ROLE].changes) == {"permissions"}
    assert role["AssumeRolePolicyDocument"] == trust
    assert policies["PolicyNames"] == ["cloudtrail-relay-relay"]


async def test_statement_of_others_that_says_the_same_is_enough(moto: str) -> None:
    """A bucket whose policy the console wrote for this very trail stays as it is."""
    options = {"bucket": {"name": "org-logs"}}
    async with an_account(moto, **options) as account:
        s3 = account.clients.s3
        await s3.create_bucket(Bucket="org-logs", CreateBucketConfiguration=PLACE)
        theirs = [
            each | {"Sid": f"AWSCloudTrail{number}"}
            for number, each in enumerate(bucket_grants(account.session.plan))
        ]
        await s3.put_bucket_policy(
            Bucket="org-logs", Policy=json.dumps(document(theirs))
        )
        steps = by_kind(await apply(account.resources, clock=EagerClock()))
        await destroy(account.resources, with_data=False, clock=EagerClock())
        after = await account.bucket_statements("org-logs")

    assert steps[Kind.BUCKET_POLICY].status is Status.EXISTS
    assert after == theirs


async def test_subscription_is_found_among_many(moto: str) -> None:
    """SNS lists a hundred at a time."""
    async with an_account(moto) as account:
        sns = account.clients.sns
        await sns.create_topic(Name="their-topic")
        for number in range(101):
            await sns.subscribe(
                TopicArn=TOPIC,
                Protocol="sqs",
                Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:a{number}",
            )
    async with an_account(moto, topic="their-topic") as account:
        await apply(account.resources, clock=EagerClock())
        again = await plan_steps(account.resources, clock=EagerClock())

    assert by_kind(again)[Kind.SUBSCRIPTION].status is Status.EXISTS


async def test_subscription_without_its_queue_is_removed(moto: str) -> None:
    """It leads nowhere, so nobody misses it."""
    async with an_account(moto) as account:
        await account.clients.sns.create_topic(Name="their-topic")
    async with an_account(moto, topic="their-topic") as account:
        await apply(account.resources, clock=EagerClock())
        sqs = account.clients.sqs
        url = (await sqs.get_queue_url(QueueName="cloudtrail-relay"))["QueueUrl"]
        await sqs.delete_queue(QueueUrl=url)
        await destroy(account.resources, with_data=False, clock=EagerClock())
        left = await account.clients.sns.list_subscriptions_by_topic(TopicArn=TOPIC)

    assert left["Subscriptions"] == []


async def test_key_that_is_not_there_is_told(moto: str) -> None:
    """Setup makes no keys."""
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/none"
    async with an_account(moto, trail={"kms_key": arn}) as account:
        with pytest.raises(SetupFailedError, match="read the policy of key arn:"):
            await plan_steps(account.resources, clock=EagerClock())


async def test_our_trail_of_a_name_of_its_own_is_known_again(moto: str) -> None:
    """It does not count as somebody else's, whose places would be followed."""
    async with an_account(moto, trail={"name": "mine"}) as account:
        await apply(account.resources, clock=EagerClock())
    async with an_account(moto, trail={"name": "mine"}) as account:
        steps = await plan_steps(account.resources, clock=EagerClock())

    assert account.session.plan.named == {Kind.TRAIL}
    assert statuses(steps) == {Status.EXISTS}
