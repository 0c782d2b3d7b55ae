"""The AWS side of a trail, built in the order in which AWS accepts it.

Bucket and policy, topic and policy, queue with its dead-letter queue and policy,
subscription, log group, trail; and a topic for alarms with a queue that listens to it.
"""

import json
from dataclasses import dataclass

from relay.demo.cloud import Cloud
from relay.demo.emulator import ACCOUNT
from relay.demo.scenario import HOME_REGION

BUCKET = "example-org-trail-logs"
LOG_GROUP = "/relay/cloudtrail"
_TRAIL_ARN = f"arn:aws:cloudtrail:{HOME_REGION}:{ACCOUNT}:trail/organization"
_MAX_RECEIVES = 5
_VALIDATION = "CloudTrail validation message."
"""What CreateTrail publishes to a trail's topic before the first delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """Names and addresses of what was made."""

    bucket: str
    trail_topic_arn: str
    queue_url: str
    dead_letter_queue_url: str
    log_group: str
    alarm_topic_arn: str
    alarm_queue_url: str


async def provision(cloud: Cloud) -> Provisioned:
    """Build the AWS side of a trail and start the trail."""
    await _bucket(cloud)
    topic_arn = await _topic(cloud, "organization-trail", for_trail=True)
    dead_letter_url, dead_letter_arn = await _queue(cloud, "relay-dead-letters")
    redrive = {"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": _MAX_RECEIVES}
    queue_url, _ = await _queue(cloud, "relay", topic_arn=topic_arn, redrive=redrive)
    alarm_topic_arn = await _topic(cloud, "security-alarms", for_trail=False)
    alarm_queue_url, _ = await _queue(cloud, "security-team", topic_arn=alarm_topic_arn)
    await cloud.logs.create_log_group(logGroupName=LOG_GROUP)
    await cloud.logs.put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=365)
    await _trail(cloud, topic_arn)
    return Provisioned(
        bucket=BUCKET,
        trail_topic_arn=topic_arn,
        queue_url=queue_url,
        dead_letter_queue_url=dead_letter_url,
        log_group=LOG_GROUP,
        alarm_topic_arn=alarm_topic_arn,
        alarm_queue_url=alarm_queue_url,
    )


async def _bucket(cloud: Cloud) -> None:
    await cloud.s3.create_bucket(
        Bucket=BUCKET,
        CreateBucketConfiguration={"LocationConstraint": HOME_REGION},
    )
    await cloud.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(bucket_policy()))


def bucket_policy() -> dict[str, object]:
    """Return what CloudTrail demands of its bucket.

    CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail".
    """
    cloudtrail = {"Service": "cloudtrail.amazonaws.com"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AWSCloudTrailAclCheck20150319",
                "Effect": "Allow",
                "Principal": cloudtrail,
                "Action": "s3:GetBucketAcl",
                "Resource": f"arn:aws:s3:::{BUCKET}",
                "Condition": {"StringEquals": {"aws:SourceArn": _TRAIL_ARN}},
            },
            {
                "Sid": "AWSCloudTrailWrite20150319",
                "Effect": "Allow",
                "Principal": cloudtrail,
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/*",
                "Condition": {
                    "StringEquals": {
                        "s3:x-amz-acl": "bucket-owner-full-control",
                        "aws:SourceArn": _TRAIL_ARN,
                    }
                },
            },
        ],
    }


async def _topic(cloud: Cloud, name: str, *, for_trail: bool) -> str:
    created = await cloud.sns.create_topic(Name=name)
    arn: str = created["TopicArn"]
    if for_trail:
        await cloud.sns.set_topic_attributes(
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=json.dumps(_topic_policy(arn)),
        )
    return arn


def _topic_policy(arn: str) -> dict[str, object]:
    # The second statement is SNS's default; a policy that is set replaces it.
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AWSCloudTrailSNSPolicy20150319",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "SNS:Publish",
                "Resource": arn,
                "Condition": {"StringEquals": {"aws:SourceArn": _TRAIL_ARN}},
            },
            {
                "Sid": "Owner",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["SNS:GetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
                "Resource": arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
            },
        ],
    }


async def _queue(
    cloud: Cloud,
    name: str,
    *,
    topic_arn: str | None = None,
    redrive: dict[str, object] | None = None,
) -> tuple[str, str]:
    """Return the URL and ARN of a queue, subscribed to the topic when there is one."""
    attributes = {"RedrivePolicy": json.dumps(redrive)} if redrive else {}
    created = await cloud.sqs.create_queue(QueueName=name, Attributes=attributes)
    url: str = created["QueueUrl"]
    found = await cloud.sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["QueueArn"]
    )
    arn: str = found["Attributes"]["QueueArn"]
    if topic_arn:
        await cloud.sqs.set_queue_attributes(
            QueueUrl=url,
            Attributes={"Policy": json.dumps(_queue_policy(arn, topic_arn))},
        )
        await cloud.sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
    return url, arn


def _queue_policy(arn: str, topic_arn: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowTopic",
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
            },
            {
                "Sid": "DenyInsecureTransport",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }


async def _trail(cloud: Cloud, topic_arn: str) -> None:
    name = _TRAIL_ARN.rsplit("/", 1)[-1]
    await cloud.cloudtrail.create_trail(
        Name=name,
        S3BucketName=BUCKET,
        SnsTopicName=topic_arn.rsplit(":", 1)[-1],
        IsMultiRegionTrail=True,
        EnableLogFileValidation=True,
    )
    await cloud.cloudtrail.start_logging(Name=name)
    # The emulator does not announce a new trail as CloudTrail does.
    await cloud.sns.publish(TopicArn=topic_arn, Message=_VALIDATION)
