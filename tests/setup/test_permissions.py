"""Tests of the IAM policy from a configuration: what each part needs, and no more."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from relay.config.load import load
from relay.config.schema import Loaded
from relay.errors import ConfigError
from relay.setup.permissions import daemon_policy, scope_of
from tests.deploy.policy import actions_of, filled_policy, resources_of

ACCOUNT = "123456789012"
QUEUE = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}"
BASE: dict[str, Any] = {
    "source": {"queue_url": f"{QUEUE}/relay", "buckets": ["logs"]},
    "logs": {"group": "/g", "create": {"group": False}},
}
PATTERN = '{ $.eventName = "X" }'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a rule that is published and one that is not."""
    rules = {
        "metric_filters": [
            {
                "name": name,
                "pattern": PATTERN,
                "metric": {"namespace": namespace, "name": name},
                "publish": is_published,
            }
            for name, namespace, is_published in (
                ("a", "Seen", True),
                ("b", "No", False),
            )
        ]
    }
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    return tmp_path


def loaded(folder: Path, **sections: object) -> Loaded:
    """Return a configuration as the daemon loads it."""
    path = folder / "relay.yaml"
    path.write_text(yaml.safe_dump(BASE | sections))
    return load(path)


def statements(found: Loaded, **options: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - passed on
    """Return the policy's statements by Sid."""
    scope = scope_of(found.config, account=None)
    policy = daemon_policy(found, scope=scope, **options)
    return {each["Sid"]: each for each in policy["Statement"]}


def notified(**targets: object) -> dict[str, object]:
    """Return a section notify with one receiver."""
    receiver = {"name": "all", **targets}
    return {"receivers": [receiver], "route": {"receiver": "all"}}


def test_least_is_source_and_log_group(folder: Path) -> None:
    """Without anything else in the configuration, there are these statements only."""
    assert statements(loaded(folder)).keys() == {
        "TakeMessages",
        "ReadLogFiles",
        "TellMissingFromForbidden",
        "WriteLogEvents",
    }


def test_equals_the_shipped_policy(folder: Path) -> None:
    """For a configuration of the kind that it is shipped for: same calls, same ARNs."""
    config = loaded(
        folder,
        rules=["rules.yaml"],
        logs={
            "group": "/relay/cloudtrail",
            "create": {"retention_days": 30, "tags": {"a": "b"}},
        },
        notify=notified(
            sns=[{"topic_arn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"}],
            sqs=[{"queue_url": f"{QUEUE}/direct"}],
        ),
    )
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
    shipped = filled_policy(
        {
            "REGION": "eu-west-1",
            "ACCOUNT": ACCOUNT,
            "QUEUE": "relay",
            "BUCKET": "logs",
            "PREFIX": "org",
            "TRAIL_KEY": "1",
            "GROUP": "/relay/cloudtrail",
            "ALARM_TOPIC": "alarms",
            "ALARM_QUEUE": "direct",
            "NAMESPACE": "Seen",
        }
    )

    policy = statements(config, key_arns=[key], prefix="org").values()

    assert pairs(policy) == pairs(shipped["Statement"])


def pairs(policy: Any) -> set[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Return what a policy allows: each action with each resource."""
    return {
        (action, resource)
        for statement in policy
        for action in actions_of(statement)
        for resource in resources_of(statement)
    }


@pytest.mark.parametrize("key", ["AWSLogs/1/a", "org/AWSLogs/1/a", "a/b/AWSLogs/o-1/a"])
def test_any_prefix_is_readable_by_default(folder: Path, key: str) -> None:
    """The configuration does not know what the trail's keys start with."""
    (resource,) = statements(loaded(folder))["ReadLogFiles"]["Resource"]

    assert fnmatchcase(f"arn:aws:s3:::logs/{key}", resource)
    assert not fnmatchcase("arn:aws:s3:::logs/private/a", resource)


def test_access_points_are_allowed_as_well(folder: Path) -> None:
    """AWS asks for both: the access point, and the bucket behind it."""
    point = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/point"
    source = BASE["source"] | {"access_points": {"logs": point}}

    found = statements(loaded(folder, source=source))

    assert f"{point}/object/*AWSLogs/*" in found["ReadLogFiles"]["Resource"]
    assert point in found["TellMissingFromForbidden"]["Resource"]


def test_routes_groups_are_written_to(folder: Path) -> None:
    """Every group that a record can get into, and no more than once."""
    routes = [
        {"match": PATTERN, "group": "/other"},
        {"match": PATTERN, "drop": True},
        {"match": PATTERN, "group": "/g"},
    ]

    found = statements(loaded(folder, logs={"group": "/g", "routes": routes}))

    start = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:"
    assert found["WriteLogEvents"]["Resource"] == [f"{start}/g:*", f"{start}/other:*"]
    assert found["MakeLogGroup"]["Action"] == ["logs:CreateLogGroup"]


def test_only_published_namespaces(folder: Path) -> None:
    """PutMetricData is narrowed by its namespace."""
    found = statements(loaded(folder, rules=["rules.yaml"]))

    assert found["PublishMetrics"]["Condition"] == {
        "StringEquals": {"cloudwatch:namespace": ["Seen"]}
    }


@pytest.mark.parametrize(
    ("targets", "sid", "action", "resource"),
    [
        (
            {"eventbridge": [{"bus": "b", "region": "eu-west-2"}]},
            "NotifyEventBus",
            "events:PutEvents",
            f"arn:aws:events:eu-west-2:{ACCOUNT}:event-bus/b",
        ),
        (
            {"lambda": [{"function": "f"}]},
            "NotifyFunction",
            "lambda:InvokeFunction",
            f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f",
        ),
        (
            {
                "lambda": [
                    {"function": f"arn:aws:lambda:eu-west-3:{ACCOUNT}:function:f"}
                ]
            },
            "NotifyFunction",
            "lambda:InvokeFunction",
            f"arn:aws:lambda:eu-west-3:{ACCOUNT}:function:f",
        ),
        (
            {"cloudwatch": [{"set_alarm_state": True}]},
            "SetAlarmState",
            "cloudwatch:SetAlarmState",
            f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:*",
        ),
        (
            {"cloudwatch": [{"metric": {}}]},
            "MirrorAlarms",
            "cloudwatch:PutMetricData",
            "*",
        ),
        (
            {
                "ses": [
                    {
                        "to": ["a@example.com"],
                        "from": "Relay <relay@example.com>",
                        "configuration_set": "set",
                    }
                ]
            },
            "SendMail",
            "ses:SendEmail",
            f"arn:aws:ses:eu-west-1:{ACCOUNT}:identity/example.com",
        ),
    ],
    ids=["bus", "function", "function arn", "alarm state", "mirror", "mail"],
)
def test_receivers_are_allowed(
    folder: Path, targets: dict[str, object], sid: str, action: str, resource: str
) -> None:
    """Each kind of target that is an AWS service has a statement of its own."""
    found = statements(loaded(folder, notify=notified(**targets)))

    assert (action, resource) in pairs([found[sid]])


@pytest.mark.parametrize(
    ("quarantine", "sid", "pair"),
    [
        (
            {"queue_url": f"{QUEUE}/kept"},
            "QuarantineQueue",
            ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:kept"),
        ),
        (
            {"s3": {"bucket": "kept", "prefix": "x/"}},
            "QuarantineBucket",
            ("s3:PutObject", "arn:aws:s3:::kept/x/*"),
        ),
    ],
    ids=["queue", "bucket"],
)
def test_quarantine_is_written_to(
    folder: Path, quarantine: object, sid: str, pair: tuple[str, str]
) -> None:
    """Only written: reading it is for whoever runs the command."""
    found = statements(loaded(folder, quarantine=quarantine))

    assert pairs([found[sid]]) == {pair}


def test_secrets_that_aws_keeps_are_read(folder: Path) -> None:
    """A name becomes an ARN; a secret's has six characters more; labels are cut."""
    arn = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:b-abcdef"
    hooks = [
        {"url": "https://a.example", "hmac_secret": "secretsmanager:a"},
        {"url": "https://b.example", "hmac_secret": f"secretsmanager:{arn}#k"},
        {"url": "https://c.example", "hmac_secret": "ssm:/relay/hook:3"},
    ]

    found = statements(loaded(folder, notify=notified(webhook=hooks)))

    assert found["ReadSecrets"]["Resource"] == [
        f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:a-??????",
        arn,
    ]
    assert found["ReadParameters"]["Resource"] == [
        f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/relay/hook"
    ]


def test_roles_are_assumed(folder: Path) -> None:
    """In both ways that the configuration may name one."""
    role = f"arn:aws:iam::{ACCOUNT}:role/"
    aws = {"assume_role": f"{role}a", "s3": {"assume_role": {"role_arn": f"{role}b"}}}

    found = statements(loaded(folder, aws=aws))

    assert found["AssumeRoles"]["Resource"] == [f"{role}a", f"{role}b"]


def test_partition_follows_the_region(folder: Path) -> None:
    """In China every ARN starts otherwise."""
    source = BASE["source"] | {
        "queue_url": f"https://sqs.cn-north-1.amazonaws.com.cn/{ACCOUNT}/relay"
    }

    found = statements(loaded(folder, source=source))

    assert found["TakeMessages"]["Resource"] == [
        f"arn:aws-cn:sqs:cn-north-1:{ACCOUNT}:relay"
    ]


def test_account_and_region_must_be_known(folder: Path) -> None:
    """An emulator's queue URL names neither."""
    source = BASE["source"] | {"queue_url": "http://127.0.0.1:1/queue/relay"}

    with pytest.raises(ConfigError) as refused:
        scope_of(loaded(folder, source=source).config, account=None)

    assert len(refused.value.problems) == 2
