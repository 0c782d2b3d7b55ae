"""The files in deploy/, and the Dockerfile, say what the daemon needs."""

import configparser
import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "relay.service"
POLICY = ROOT / "deploy" / "iam-policy.json"

CALLED = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:SendMessage",
    "s3:GetObject",
    "s3:ListBucket",  # without it S3 says 403 for a missing object, not 404
    "kms:Decrypt",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "logs:CreateLogGroup",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "sns:Publish",
}


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

    assert settings["Type"] == "exec"
    assert int(settings["TimeoutStopSec"]) > 20
    assert settings["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert settings["DynamicUser"] == "yes"
    assert settings["StateDirectory"] == "relay"
    assert settings["CapabilityBoundingSet"] == ""


def test_policy_allows_what_is_called_and_nothing_else() -> None:
    """Every action is one that the daemon calls; none is on everything."""
    policy = json.loads(POLICY.read_text())

    allowed: set[str] = set()
    for statement in policy["Statement"]:
        actions = statement["Action"]
        allowed |= {actions} if isinstance(actions, str) else set(actions)
        assert statement["Effect"] == "Allow"
        assert statement["Resource"] != "*"
    assert allowed == CALLED


def test_image_has_no_rights_and_is_watched() -> None:
    """The image pins by hash, runs as a plain user and asks /healthz."""
    text = (ROOT / "Dockerfile").read_text()

    assert "--require-hashes" in text
    assert "\nUSER 9815:9815\n" in text
    assert "/healthz" in text
    assert text.index("\nUSER") > text.rindex("\nFROM")
