"""Tests of what differs from what is wanted: it is found, changed, and nothing else."""

import json

import pytest

from relay.setup.resource import Kind
from relay.setup.run import apply, plan_steps
from relay.setup.steps import Status
from tests.setup.account import ACCOUNT, BUCKET, REGION, TOPIC_ARN, an_account, statuses
from tests.support.clock import EagerClock

OPEN = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": True,
}


async def test_what_was_changed_by_hand_is_put_right(moto: str) -> None:
    """A setting of each kind; the plan names it, apply mends it."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    async with an_account(moto, role={}) as account:
        await apply(account.resources, clock=EagerClock())
        clients = account.clients
        sqs = clients.sqs
        url = (await sqs.get_queue_url(QueueName="cloudtrail-relay"))["QueueUrl"]
        await clients.s3.put_public_access_block(
            Bucket=BUCKET, PublicAccessBlockConfiguration=OPEN
        )
        await clients.s3.delete_bucket_encryption(Bucket=BUCKET)
        await sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"VisibilityTimeout": "7"}
        )
        listed = await clients.sns.list_subscriptions_by_topic(TopicArn=TOPIC_ARN)
        await clients.sns.set_subscription_attributes(
            SubscriptionArn=listed["Subscriptions"][0]["SubscriptionArn"],
            AttributeName="RawMessageDelivery",
            AttributeValue="true",
        )
        await clients.logs.delete_retention_policy(logGroupName="/relay/cloudtrail")
        await clients.iam.update_assume_role_policy(
            RoleName="cloudtrail-relay",
            PolicyDocument=json.dumps(trust),
        )
        await clients.cloudtrail.stop_logging(Name="cloudtrail-relay")
        await clients.cloudtrail.update_trail(
            Name="cloudtrail-relay", IsMultiRegionTrail=False
        )
        found = await plan_steps(account.resources, clock=EagerClock())
        await apply(account.resources, clock=EagerClock())
        after = await plan_steps(account.resources, clock=EagerClock())

    changed = {step.title.kind: set(step.changes) for step in found if step.is_change}
    # The emulator drops a queue's policy when another attribute is set; SQS does not.
    changed.pop(Kind.QUEUE_POLICY)
    assert changed == {
        Kind.BUCKET: {"public_access", "encryption"},
        Kind.QUEUE: {"VisibilityTimeout"},
        Kind.SUBSCRIPTION: {"RawMessageDelivery"},
        Kind.LOG_GROUP: {"retention_days"},
        Kind.ROLE: {"trust"},
        Kind.TRAIL: {"logging", "IsMultiRegionTrail"},
    }
    assert statuses(after) == {Status.EXISTS}


async def test_what_was_changed_in_the_file_is_applied(moto: str) -> None:
    """Keys, expiry and retention come, and go again with the option."""
    async with an_account(moto) as account:
        await apply(account.resources, clock=EagerClock())
        key = (await account.clients.kms.create_key())["KeyMetadata"]["Arn"]
    options = {
        "bucket": {"expire_days": 400},
        "logs": {"retention_days": None},
        "trail": {"kms_key": key},
    }
    async with an_account(moto, **options) as account:
        await apply(account.resources, clock=EagerClock())
        with_options = await plan_steps(account.resources, clock=EagerClock())
    async with an_account(moto) as account:
        steps = await apply(account.resources, clock=EagerClock())
        without_options = await plan_steps(account.resources, clock=EagerClock())

    changed = {step.title.kind: set(step.changes) for step in steps if step.is_change}
    assert statuses(with_options) == statuses(without_options) == {Status.EXISTS}
    assert changed == {
        Kind.BUCKET: {"encryption", "kms_key", "expire_days"},
        Kind.LOG_GROUP: {"retention_days"},
        Kind.TRAIL: {"KmsKeyId"},
    }


@pytest.mark.parametrize("days", [30, None], ids=["changed", "taken back"])
async def test_expiry_leaves_others_rules(moto: str, days: int | None) -> None:
    """The operator's own lifecycle rule of the bucket outlives every change of ours."""
    own = {
        "ID": "own",
        "Status": "Enabled",
        "Filter": {"Prefix": "tmp/"},
        "Expiration": {"Days": 1},
    }
    async with an_account(moto, bucket={"expire_days": 10}) as account:
        await apply(account.resources, clock=EagerClock())
        s3 = account.clients.s3
        life = await s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)
        await s3.put_bucket_lifecycle_configuration(
            Bucket=BUCKET, LifecycleConfiguration={"Rules": [own, *life["Rules"]]}
        )
    async with an_account(moto, bucket={"expire_days": days}) as account:
        await apply(account.resources, clock=EagerClock())
        life = await account.clients.s3.get_bucket_lifecycle_configuration(
            Bucket=BUCKET
        )

    found = {rule["ID"]: rule["Expiration"]["Days"] for rule in life["Rules"]}
    ours = {} if days is None else {"CloudtrailRelayExpire": days}
    assert found == {"own": 1} | ours


async def test_organization_may_write_as_well(moto: str) -> None:
    """Its accounts' log files are under the organization's id."""
    trail = {"organization": "o-abc123def4", "name": "org"}
    async with an_account(moto, trail=trail) as account:
        await apply(account.resources, clock=EagerClock())
        statements = await account.bucket_statements()

    assert f"arn:aws:s3:::{BUCKET}/AWSLogs/o-abc123def4/*" in {
        str(each["Resource"]) for each in statements
    }


async def test_first_region_has_no_location(moto: str) -> None:
    """S3 refuses a location constraint of its default region."""
    async with an_account(moto, region="us-east-1") as account:
        await apply(account.resources, clock=EagerClock())
        buckets = await account.clients.s3.list_buckets()

    assert [each["Name"] for each in buckets["Buckets"]] == [
        f"cloudtrail-relay-{ACCOUNT}-us-east-1"
    ]


async def test_what_hinders_delivery_is_noted(moto: str) -> None:
    """A filter policy, and a queue key that SNS may not use, are explained."""
    async with an_account(moto, queue="theirs") as account:
        clients = account.clients
        made = await clients.sqs.create_queue(
            QueueName="theirs", Attributes={"KmsMasterKeyId": "alias/aws/sqs"}
        )
        await clients.sns.create_topic(
            Name="cloudtrail-relay-trail",
            Tags=[
                {"Key": "made-by", "Value": "cloudtrail-relay"},
                {"Key": "relay-setup", "Value": "cloudtrail-relay"},
            ],
        )
        await clients.sns.subscribe(
            TopicArn=TOPIC_ARN,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:theirs",
            Attributes={"FilterPolicy": '{"a": ["b"]}'},
        )
        steps = await plan_steps(account.resources, clock=EagerClock())

    notes = " ".join(note for step in steps for note in step.notes)
    assert made["QueueUrl"].endswith("/theirs")
    assert "has a filter policy" in notes
    assert "alias/aws/sqs, which SNS may not use" in notes
