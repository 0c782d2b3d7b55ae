"""A setup as Terraform's HCL; pure.

Names and ARNs are those of one account and region, as ``relay setup apply`` has them.
References between the blocks give Terraform the order.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from relay.setup.blueprint import Blueprint
from relay.setup.grants import Statements, bucket_grants, queue_grants, topic_grants
from relay.setup.inventory import role_policy
from relay.setup.queue import MAX_RECEIVES, attributes_of
from relay.setup.role import trust_policy
from relay.setup.statements import document
from relay.setup.tags import tags_of

_HEAD = """\
# Written by `relay setup plan --format terraform`; set region and account with the
# provider: the names and ARNs below are of account {account} in {region}.
"""
_KEEP = {"lifecycle": {"prevent_destroy": True}}


@dataclass(frozen=True, slots=True)
class Expression:
    """Text that stands in HCL as it is: a reference, or a call."""

    text: str


Body = Mapping[str, object]


def terraform(plan: Blueprint) -> str:
    """Return the blocks as one file."""
    blocks = [_resource(kind, name, body) for kind, name, body in _resources(plan)]
    return "\n".join([_HEAD.format(account=plan.account, region=plan.region), *blocks])


def _resources(plan: Blueprint) -> Iterator[tuple[str, str, Body]]:
    bucket = Expression("aws_s3_bucket.trail.id")
    topic = Expression("aws_sns_topic.trail.arn")
    queue = Expression("aws_sqs_queue.relay.id")
    yield (
        "aws_s3_bucket",
        "trail",
        {"bucket": plan.bucket, "tags": tags_of(plan.setup), **_KEEP},
    )
    yield from _bucket_parts(plan, bucket)
    yield "aws_sns_topic", "trail", {"name": plan.topic, "tags": tags_of(plan.setup)}
    yield (
        "aws_sns_topic_policy",
        "trail",
        {"arn": topic, "policy": _policy(topic_grants(plan))},
    )
    yield "aws_sqs_queue", "dead_letters", _queue(plan, plan.dead_letter_queue)
    redrive = Expression(
        "jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letters.arn,"
        f" maxReceiveCount = {MAX_RECEIVES} }})"
    )
    yield (
        "aws_sqs_queue",
        "relay",
        {**_queue(plan, plan.queue), "redrive_policy": redrive},
    )
    yield (
        "aws_sqs_queue_policy",
        "relay",
        {"queue_url": queue, "policy": _policy(queue_grants(plan))},
    )
    yield (
        "aws_sns_topic_subscription",
        "relay",
        {
            "topic_arn": topic,
            "protocol": "sqs",
            "endpoint": Expression("aws_sqs_queue.relay.arn"),
        },
    )
    yield (
        "aws_cloudwatch_log_group",
        "relay",
        {
            "name": plan.file.logs.group,
            "retention_in_days": plan.file.logs.retention_days,
            "kms_key_id": plan.file.logs.kms_key,
            "tags": tags_of(plan.setup),
            **_KEEP,
        },
    )
    yield from _role(plan)
    yield "aws_cloudtrail", "trail", _trail(plan, bucket)


def _bucket_parts(
    plan: Blueprint, bucket: Expression
) -> Iterator[tuple[str, str, Body]]:
    blocked = (
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    )
    yield (
        "aws_s3_bucket_public_access_block",
        "trail",
        {"bucket": bucket, **dict.fromkeys(blocked, True)},
    )
    key, days = plan.file.trail.kms_key, plan.file.bucket.expire_days
    default = {
        "sse_algorithm": "AES256" if key is None else "aws:kms",
        "kms_master_key_id": key,
    }
    yield (
        "aws_s3_bucket_server_side_encryption_configuration",
        "trail",
        {
            "bucket": bucket,
            "rule": {
                "apply_server_side_encryption_by_default": default,
                "bucket_key_enabled": key is not None,
            },
        },
    )
    if days is not None:
        rule = {
            "id": plan.sid("Expire"),
            "status": "Enabled",
            "filter": {},
            "expiration": {"days": days},
        }
        yield (
            "aws_s3_bucket_lifecycle_configuration",
            "trail",
            {"bucket": bucket, "rule": rule},
        )
    yield (
        "aws_s3_bucket_policy",
        "trail",
        {"bucket": bucket, "policy": _policy(bucket_grants(plan))},
    )


def _queue(plan: Blueprint, name: str) -> Body:
    wanted = attributes_of()
    return {
        "name": name,
        "message_retention_seconds": wanted["MessageRetentionPeriod"],
        "receive_wait_time_seconds": wanted["ReceiveMessageWaitTimeSeconds"],
        "visibility_timeout_seconds": wanted["VisibilityTimeout"],
        "sqs_managed_sse_enabled": wanted["SqsManagedSseEnabled"],
        "tags": tags_of(plan.setup),
    }


def _role(plan: Blueprint) -> Iterator[tuple[str, str, Body]]:
    role = plan.file.role
    if role is None:
        return
    yield (
        "aws_iam_role",
        "relay",
        {
            "name": role.name or plan.setup,
            "assume_role_policy": _encoded(trust_policy(role.service)),
            "tags": tags_of(plan.setup),
        },
    )
    yield (
        "aws_iam_role_policy",
        "relay",
        {
            "name": plan.setup,
            "role": Expression("aws_iam_role.relay.id"),
            "policy": _encoded(role_policy(plan)),
        },
    )


def _trail(plan: Blueprint, bucket: Expression) -> Body:
    trail = plan.file.trail
    return {
        "name": plan.trail,
        "s3_bucket_name": bucket,
        "s3_key_prefix": plan.prefix,
        "sns_topic_name": Expression("aws_sns_topic.trail.arn"),
        "is_multi_region_trail": trail.multi_region,
        "is_organization_trail": trail.organization is not None,
        "include_global_service_events": True,
        "enable_log_file_validation": trail.validate_log_files,
        "kms_key_id": trail.kms_key,
        "tags": tags_of(plan.setup),
        # CreateTrail checks both policies.
        "depends_on": Expression(
            "[aws_s3_bucket_policy.trail, aws_sns_topic_policy.trail]"
        ),
    }


def _policy(grants: Statements) -> Expression:
    return _encoded(document(grants))


def _encoded(policy: Mapping[str, object]) -> Expression:
    return Expression(f"jsonencode({_literal(policy)})")


def _resource(kind: str, name: str, body: Body) -> str:
    lines = [f'resource "{kind}" "{name}" {{', *_lines(body, "  "), "}", ""]
    return "\n".join(lines)


def _lines(body: Body, indent: str) -> Iterator[str]:
    for key, value in body.items():
        if isinstance(value, Mapping) and key != "tags":
            yield f"{indent}{key} {{"
            yield from _lines(value, indent + "  ")
            yield f"{indent}}}"
        elif value is not None:
            text = value.text if isinstance(value, Expression) else _literal(value)
            yield f"{indent}{key} = {text}"


def _literal(value: object) -> str:
    """Return a value as HCL, which takes JSON for an expression.

    But for ``${``, which starts a template: none of our names can hold a ``$``.
    """
    return json.dumps(value)
