"""Which API calls change what the trail and relay depend on, as filter patterns.

Failed calls count as well: who tries to stop a trail and may not is worth a look. The
names of calls and parameters are those of the services' CloudTrail records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.config.schema import Config
from relay.config.self_watch_section import SelfWatchRule
from relay.patterns import Pattern, compile_pattern
from relay.self_watch.resources import resources_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Calls to one service that change one kind of resource.

    ``parameters`` are where they name it. ``is_any`` says that calls on any resource
    count as long as it is not known which one is ours.
    """

    source: str
    calls: Sequence[str]
    parameters: Sequence[str]
    description: str
    is_any: bool = False


CHANGES: Final[Mapping[SelfWatchRule, Change]] = {
    SelfWatchRule.TRAIL: Change(
        source="cloudtrail",
        calls=("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"),
        parameters=("name", "trailName"),
        description="Somebody stops or changes the trail that relay reads.",
        is_any=True,
    ),
    SelfWatchRule.BUCKET: Change(
        source="s3",
        calls=(
            "DeleteBucket", "PutBucketPolicy", "DeleteBucketPolicy", "PutBucketAcl",
            "PutBucketNotification", "PutBucketLifecycle", "PutBucketReplication",
            "PutBucketEncryption", "DeleteBucketEncryption", "PutBucketVersioning",
            "PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock",
        ),
        parameters=("bucketName",),
        description="Somebody changes a bucket that the trail is stored in.",
    ),
    SelfWatchRule.TOPIC: Change(
        source="sns",
        calls=("DeleteTopic", "SetTopicAttributes", "AddPermission",
               "RemovePermission", "Unsubscribe"),
        parameters=("topicArn", "subscriptionArn"),
        description="Somebody changes the topic that the trail announces through.",
        is_any=True,
    ),
    SelfWatchRule.QUEUE: Change(
        source="sqs",
        calls=("DeleteQueue", "PurgeQueue", "SetQueueAttributes", "AddPermission",
               "RemovePermission"),
        parameters=("queueUrl",),
        description="Somebody changes or empties the queue that relay reads.",
    ),
    SelfWatchRule.LOG_GROUP: Change(
        source="logs",
        calls=("DeleteLogGroup", "DeleteLogStream", "PutRetentionPolicy",
               "DisassociateKmsKey"),
        parameters=("logGroupName",),
        description="Somebody deletes what relay has written, or shortens its life.",
    ),
    SelfWatchRule.ROLE: Change(
        source="iam",
        calls=("DeleteRole", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy",
               "DetachRolePolicy", "UpdateAssumeRolePolicy",
               "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"),
        parameters=("roleName",),
        description="Somebody changes the role that relay runs as.",
    ),
    SelfWatchRule.KEY: Change(
        source="kms",
        calls=("DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy",
               "DeleteImportedKeyMaterial"),
        parameters=("keyId",),
        description="Somebody changes a key that the trail or its log is kept with.",
    ),
}  # fmt: skip


def change_patterns(config: Config) -> dict[SelfWatchRule, Pattern]:
    """Return the pattern of each kind of change that ``config`` has a resource for."""
    known = resources_of(config)
    resources = {
        SelfWatchRule.TRAIL: known.trail,
        SelfWatchRule.BUCKET: known.buckets,
        SelfWatchRule.TOPIC: known.topic,
        SelfWatchRule.QUEUE: known.queue,
        SelfWatchRule.LOG_GROUP: known.log_groups,
        SelfWatchRule.ROLE: known.roles,
        SelfWatchRule.KEY: known.keys,
    }
    retention_days = config.logs.create.retention_days
    return {
        rule: _pattern(
            change,
            resources[rule],
            # relay's own call, when it makes the group.
            own_retention_days=(
                retention_days if rule is SelfWatchRule.LOG_GROUP else None
            ),
        )
        for rule, change in CHANGES.items()
        if resources[rule] or change.is_any
    }


def _pattern(
    change: Change, resources: Sequence[str], *, own_retention_days: int | None
) -> Pattern:
    parts = [
        f'($.eventSource = "{change.source}.amazonaws.com")',
        "($.eventName IN @calls)",
    ]
    lists = {"calls": change.calls}
    if resources:
        named = [f"($.requestParameters.{name} IN @ours)" for name in change.parameters]
        parts.append(f"({' || '.join(named)})")
        lists["ours"] = resources
    if own_retention_days is not None:
        days = "$.requestParameters.retentionInDays"
        parts.append(f"(({days} NOT EXISTS) || ({days} != {own_retention_days}))")
    text = f"{{ {' && '.join(parts)} }}"
    return compile_pattern(text, extensions=True, lists=lists)
