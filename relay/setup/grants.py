"""The policy statements that the parts of a setup need of each other; pure.

Sources: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail", "Amazon SNS
topic policy for CloudTrail", "Configure AWS KMS key policies for CloudTrail"; SNS
Developer Guide, "Subscribing an Amazon SQS queue"; CloudWatch Logs User Guide, "Encrypt
log data in CloudWatch Logs using AWS KMS".
"""

from typing import Any

from relay.setup.blueprint import Blueprint
from relay.setup.resource import Kind

Statements = tuple[dict[str, Any], ...]

_CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}


def bucket_grants(plan: Blueprint) -> Statements:
    """Return what lets the trail, and only it, write to its bucket.

    A bucket that setup makes refuses plain HTTP as well; the users of an older one may
    depend on it.
    """
    source = {"aws:SourceArn": plan.trail_arn}
    grants = [
        _allow(
            plan.sid("AclCheck"),
            _CLOUDTRAIL,
            "s3:GetBucketAcl",
            plan.bucket_arn,
            {"StringEquals": source},
        )
    ]
    owners = {"Write": plan.account, "OrganizationWrite": plan.file.trail.organization}
    prefix = f"{plan.prefix}/" if plan.prefix else ""
    for suffix, owner in owners.items():
        if owner is not None:
            grants.append(
                _allow(
                    plan.sid(suffix),
                    _CLOUDTRAIL,
                    "s3:PutObject",
                    f"{plan.bucket_arn}/{prefix}AWSLogs/{owner}/*",
                    {
                        "StringEquals": {
                            "s3:x-amz-acl": "bucket-owner-full-control",
                            **source,
                        }
                    },
                )
            )
    if Kind.BUCKET not in plan.named:
        resources = [plan.bucket_arn, f"{plan.bucket_arn}/*"]
        grants.append(_deny_plain(plan, "s3:*", resources))
    return tuple(grants)


def topic_grants(plan: Blueprint) -> Statements:
    """Return what lets the trail, and only it, publish to its topic."""
    condition = {"StringEquals": {"aws:SourceArn": plan.trail_arn}}
    return (
        _allow(
            plan.sid("Publish"), _CLOUDTRAIL, "sns:Publish", plan.topic_arn, condition
        ),
    )


def queue_grants(plan: Blueprint) -> Statements:
    """Return what lets the topic, and only it, send to the queue."""
    queue = plan.queue_arn(plan.queue)
    send = _allow(
        plan.sid("Send"),
        {"Service": "sns.amazonaws.com"},
        "sqs:SendMessage",
        queue,
        {"ArnEquals": {"aws:SourceArn": plan.topic_arn}},
    )
    if Kind.QUEUE in plan.named:
        return (send,)
    return (send, _deny_plain(plan, "sqs:*", queue))


def trail_key_grants(plan: Blueprint) -> Statements:
    """Return what lets CloudTrail encrypt log files with a key."""
    context = f"arn:{plan.partition}:cloudtrail:*:{plan.account}:trail/*"
    source = {"StringEquals": {"aws:SourceArn": plan.trail_arn}}
    return (
        _allow(
            plan.sid("EncryptLogFiles"),
            _CLOUDTRAIL,
            "kms:GenerateDataKey*",
            "*",
            source
            | {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": context}},
        ),
        _allow(plan.sid("DescribeKey"), _CLOUDTRAIL, "kms:DescribeKey", "*", source),
    )


def log_key_grants(plan: Blueprint) -> Statements:
    """Return what lets CloudWatch Logs encrypt this log group with a key."""
    return (
        _allow(
            plan.sid("EncryptLogEvents"),
            {"Service": f"logs.{plan.region}.amazonaws.com"},
            [
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:Describe*",
            ],
            "*",
            {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": plan.log_group_arn}},
        ),
    )


def _allow(
    sid: str,
    principal: dict[str, str],
    action: str | list[str],
    resource: str,
    condition: dict[str, Any],
) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        "Condition": condition,
    }


def _deny_plain(
    plan: Blueprint, action: str, resource: str | list[str]
) -> dict[str, Any]:
    return {
        "Sid": plan.sid("DenyPlainHttp"),
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
