"""relay.self_watch.changes: which calls are about what relay lives on."""

import json
from typing import Any

import pytest

from relay.config.self_watch_section import SelfWatchRule
from relay.self_watch.changes import change_patterns
from tests.self_watch.examples import ACCOUNT, config

TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:trail"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0f1e"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/relay"
QUEUE = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/relay"


def call(source: str, call_name: str, /, **parameters: object) -> str:
    """Return the record of a call."""
    return json.dumps(
        {
            "eventSource": f"{source}.amazonaws.com",
            "eventName": call_name,
            "requestParameters": parameters,
        }
    )


def found(message: str, **changes: Any) -> set[str]:  # noqa: ANN401 - YAML
    """Return the rules that the record is about."""
    return {
        rule.value
        for rule, pattern in change_patterns(config(**changes)).items()
        if pattern.matches(message)
    }


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        pytest.param(call("cloudtrail", "StopLogging", name="any"), "trail", id="stop"),
        pytest.param(
            call("cloudtrail", "PutEventSelectors", trailName="any"),
            "trail",
            id="selectors",
        ),
        pytest.param(
            call("s3", "PutBucketPolicy", bucketName="old-logs"), "bucket", id="bucket"
        ),
        pytest.param(call("sns", "DeleteTopic", topicArn=TOPIC), "topic", id="topic"),
        pytest.param(call("sqs", "PurgeQueue", queueUrl=QUEUE), "queue", id="queue"),
        pytest.param(
            call(
                "sqs",
                "DeleteQueue",
                queueUrl=f"https://queue.amazonaws.com/{ACCOUNT}/relay",
            ),
            "queue",
            id="another URL of the queue",
        ),
        pytest.param(
            call("logs", "DeleteLogGroup", logGroupName="/relay/cloudtrail"),
            "log_group",
            id="log group",
        ),
    ],
)
def test_change_is_found(message: str, rule: str) -> None:
    """Everything that the configuration names anyway is watched without any option."""
    assert found(message) == {rule}


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(call("cloudtrail", "DescribeTrails"), id="reading"),
        pytest.param(
            call("s3", "PutBucketPolicy", bucketName="another"), id="other bucket"
        ),
        pytest.param(
            call("sqs", "PurgeQueue", queueUrl=f"{QUEUE}-2"), id="other queue"
        ),
        pytest.param(
            call("logs", "DeleteLogGroup", logGroupName="/relay"), id="other group"
        ),
        pytest.param(call("iam", "DeleteRole", roleName="relay"), id="unknown role"),
        pytest.param(call("kms", "DisableKey", keyId=KEY), id="unknown key"),
        pytest.param(
            call("evil", "StopLogging", name="any"), id="same name, other service"
        ),
    ],
)
def test_what_is_not_ours_is_not_found(message: str) -> None:
    """Other people change their buckets, queues, groups, roles and keys all day."""
    assert found(message) == set()


@pytest.mark.parametrize(
    ("trail", "called", "is_ours"),
    [
        ("org", "org", True),
        ("org", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org", True),
        (f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org", "org", True),
        ("org", "other", False),
        ("org", f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/other", False),
    ],
)
def test_trail_narrows(trail: str, called: str, *, is_ours: bool) -> None:
    """Named by name or ARN, in the configuration as in the call."""
    message = call("cloudtrail", "StopLogging", name=called)

    assert bool(found(message, self_watch={"trail": trail})) is is_ours


@pytest.mark.parametrize(
    ("message", "is_ours"),
    [
        (call("sns", "SetTopicAttributes", topicArn=TOPIC), True),
        (call("sns", "Unsubscribe", subscriptionArn=f"{TOPIC}:1-2-3"), True),
        (call("sns", "SetTopicAttributes", topicArn=f"{TOPIC}-2"), False),
        (call("sns", "Unsubscribe", subscriptionArn=f"{TOPIC}-2:1-2-3"), False),
    ],
)
def test_topic_narrows(message: str, *, is_ours: bool) -> None:
    """A subscription's ARN begins with its topic's."""
    assert bool(found(message, self_watch={"topic_arn": TOPIC})) is is_ours


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"self_watch": {"role": ROLE}}, id="option"),
        pytest.param({"aws": {"assume_role": ROLE}}, id="assumed"),
        pytest.param({"aws": {"s3": {"assume_role": {"role_arn": ROLE}}}}, id="for S3"),
    ],
)
def test_role_is_watched_where_it_is_known(changes: dict[str, Any]) -> None:
    """IAM calls a role by its name, without the path."""
    message = call("iam", "DetachRolePolicy", roleName="relay")

    assert found(message, **changes) == {"role"}


@pytest.mark.parametrize("key_id", [KEY, "0f1e"])
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"self_watch": {"kms_key": KEY}}, id="option"),
        pytest.param({"logs": {"create": {"kms_key": KEY}}}, id="of the log group"),
    ],
)
def test_key_is_watched_where_it_is_known(key_id: str, changes: dict[str, Any]) -> None:
    """KMS takes a key's id and its ARN."""
    message = call("kms", "ScheduleKeyDeletion", keyId=key_id)

    assert found(message, **changes) == {"key"}


def test_groups_of_routes_are_watched() -> None:
    """relay writes to them as well."""
    routes = [{"match": "x", "group": "/other"}, {"match": "y", "drop": True}]
    message = call("logs", "DeleteLogStream", logGroupName="/other")

    assert found(message, logs={"routes": routes}) == {"log_group"}


@pytest.mark.parametrize(("days", "is_found"), [(365, False), (1, True)])
def test_own_retention_is_no_change(days: int, *, is_found: bool) -> None:
    """relay itself sets it when it makes the group; a shorter life is a change."""
    message = call(
        "logs",
        "PutRetentionPolicy",
        logGroupName="/relay/cloudtrail",
        retentionInDays=days,
    )

    logs = {"create": {"retention_days": 365}}
    assert bool(found(message, logs=logs)) is is_found


def test_deleted_group_is_found_beside_a_retention() -> None:
    """A call without the parameter counts, whatever the retention is."""
    message = call("logs", "DeleteLogGroup", logGroupName="/relay/cloudtrail")

    assert found(message, logs={"create": {"retention_days": 365}}) == {"log_group"}


def test_rules_without_a_resource_are_not_there() -> None:
    """Role and key are known to few configurations."""
    rules = set(change_patterns(config()))

    assert rules == {
        SelfWatchRule.TRAIL,
        SelfWatchRule.BUCKET,
        SelfWatchRule.TOPIC,
        SelfWatchRule.QUEUE,
        SelfWatchRule.LOG_GROUP,
    }
