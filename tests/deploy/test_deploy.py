"""The files in deploy/, and the Dockerfile, say what the daemon needs."""

import configparser
import shutil
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.deploy.policy import (
    actions_of,
    filled_policy,
    resources_of,
    shipped_policy,
)

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "relay.service"

WORDS = {
    "REGION": "eu-west-1",
    "ACCOUNT": "111122223333",
    "QUEUE": "relay",
    "BUCKET": "trail-logs",
    "PREFIX": "org",
    "TRAIL_KEY": "0f4a",
    "GROUP": "/relay/cloudtrail",
    "ALARM_TOPIC": "security",
    "ALARM_QUEUE": "alarms",
}
LOG_GROUP = "arn:aws:logs:eu-west-1:111122223333:log-group:/relay/cloudtrail"
CALLED = {
    "sqs:ReceiveMessage": "arn:aws:sqs:eu-west-1:111122223333:relay",
    "sqs:DeleteMessage": "arn:aws:sqs:eu-west-1:111122223333:relay",
    "sqs:ChangeMessageVisibility": "arn:aws:sqs:eu-west-1:111122223333:relay",
    "sqs:GetQueueAttributes": "arn:aws:sqs:eu-west-1:111122223333:relay",
    "sqs:SendMessage": "arn:aws:sqs:eu-west-1:111122223333:alarms",
    "s3:GetObject": "arn:aws:s3:::trail-logs/org/AWSLogs/o-1/111122223333/CloudTrail/a",
    # Without it S3 says 403 for a missing object, not 404.
    "s3:ListBucket": "arn:aws:s3:::trail-logs",
    "kms:Decrypt": "arn:aws:kms:eu-west-1:111122223333:key/0f4a",
    "logs:CreateLogStream": f"{LOG_GROUP}:log-stream:a",
    "logs:PutLogEvents": f"{LOG_GROUP}:log-stream:a",
    "logs:CreateLogGroup": f"{LOG_GROUP}:log-stream:",
    "logs:PutRetentionPolicy": f"{LOG_GROUP}:log-stream:",
    # CreateLogGroup with tags asks for it too, and it alone is compared without ":*"
    # (CloudWatch Logs API reference, "LogGroup": arn, logGroupArn).
    "logs:TagResource": LOG_GROUP,
    "sns:Publish": "arn:aws:sns:eu-west-1:111122223333:security",
    # It knows no resources (Service Authorization Reference, "CloudWatch").
    "cloudwatch:PutMetricData": "*",
}
"""What the daemon calls, and the resource on which AWS looks for the permission."""


def service() -> dict[str, str]:
    """Return the [Service] section; of a repeated name the last value."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # keeps case
    unit.read(UNIT)
    return dict(unit["Service"])


def test_systemd_accepts_the_unit() -> None:
    """``systemd-analyze verify`` has nothing to say but that relay is not installed."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")

    checked = subprocess.run(
        [analyze, "verify", "--man=no", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    told = [
        line
        for line in checked.stderr.splitlines()
        if "is not executable: No such file" not in line and "relay" in line
    ]
    assert told == []


def test_unit_stops_after_the_drain_and_keeps_its_state() -> None:
    """systemd waits longer than a drain takes; state outlives a dynamic user."""
    settings = service()

    assert settings["Type"] == "notify"
    assert int(settings["TimeoutStopSec"]) > 20
    assert int(settings["WatchdogSec"]) > 0
    assert settings["ExecReload"] == "/bin/sh -c 'kill -HUP $MAINPID'"
    assert settings["DynamicUser"] == "yes"
    assert settings["StateDirectory"] == "relay"
    assert settings["CapabilityBoundingSet"] == ""


def test_unit_is_hardened() -> None:
    """systemd's own score of what is exposed stays low: 15 of 100 and less."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")

    scored = subprocess.run(
        [
            analyze,
            "security",
            "--offline=true",
            "--threshold=15",
            "--no-pager",
            str(UNIT),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    if "unrecognized option" in scored.stderr:
        pytest.skip("systemd-analyze is older than 250: it cannot score a file")
    assert scored.returncode == 0, scored.stdout + scored.stderr


def test_policy_allows_what_is_called_and_nothing_else() -> None:
    """Every action is one that the daemon calls; none is on everything.

    PutMetricData can only be narrowed by the namespace.
    """
    statements = shipped_policy()["Statement"]

    assert {each for one in statements for each in actions_of(one)} == set(CALLED)
    assert {one["Effect"] for one in statements} == {"Allow"}
    everywhere = [one for one in statements if "*" in resources_of(one)]
    assert [(actions_of(one), one["Condition"]) for one in everywhere] == [
        (
            ["cloudwatch:PutMetricData"],
            {"StringEquals": {"cloudwatch:namespace": "NAMESPACE"}},
        )
    ]


@pytest.mark.parametrize(("action", "resource"), CALLED.items(), ids=CALLED.keys())
def test_policy_names_the_resource_of_each_call(action: str, resource: str) -> None:
    """Filled in, the policy allows each call on the ARN that AWS compares."""
    allowed = [
        pattern
        for statement in filled_policy(WORDS)["Statement"]
        if action in actions_of(statement)
        for pattern in resources_of(statement)
    ]

    assert any(fnmatchcase(resource, pattern) for pattern in allowed)


def test_image_has_no_rights_and_is_watched() -> None:
    """The image pins by hash, runs as a plain user and asks /healthz."""
    text = (ROOT / "Dockerfile").read_text()

    assert "--require-hashes" in text
    assert "\nUSER 9815:9815\n" in text
    assert "/healthz" in text
    assert text.index("\nUSER") > text.rindex("\nFROM")
