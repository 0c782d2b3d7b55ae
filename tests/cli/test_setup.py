"""``relay setup``: what people and programs see of it, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.session import get_session
from typer.testing import CliRunner, Result

from relay.cli import app

REGION = "eu-west-1"
BUCKET = f"cloudtrail-relay-123456789012-{REGION}"
Run = Callable[..., Result]


@pytest.fixture
def relay_setup(moto: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs the command in the emulator's account."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)

    def run(action: str, *words: str, answer: str | None = None) -> Result:
        line = ["setup", action, "--region", REGION, *words]
        return CliRunner().invoke(app, line, input=answer)

    return run


def new_key(moto: str) -> str:
    """Make a KMS key; return its ARN."""
    kms = get_session().create_client("kms", region_name=REGION, endpoint_url=moto)
    arn: str = kms.create_key()["KeyMetadata"]["Arn"]
    kms.close()
    return arn


def test_from_nothing_to_a_checked_configuration_and_back(
    relay_setup: Run, tmp_path: Path
) -> None:
    """Plan, apply, plan again, check what was written, destroy."""
    written = tmp_path / "relay.yaml"
    before = relay_setup("plan", "--exit-code")
    applied = relay_setup("apply", "--write", str(written))
    after = relay_setup("plan", "--exit-code")
    again = relay_setup("apply", "--write", str(written))
    checked = CliRunner().invoke(app, ["check", "--config", str(written)])
    destroyed = relay_setup("destroy", "--yes")

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert f"+ bucket {BUCKET}: would be made" in before.stdout
    assert before.stdout.splitlines()[-1] == "10 to make, 0 to change"
    assert applied.exit_code == again.exit_code == 0
    assert f"+ bucket {BUCKET}: made" in applied.stdout
    assert after.stdout.splitlines()[-1] == "nothing to do"
    assert checked.exit_code == 0
    assert destroyed.exit_code == 0
    assert f"- bucket {BUCKET}: removed" in destroyed.stdout


def test_programs_get_objects(relay_setup: Run) -> None:
    """Standard output is one JSON object, whatever the action."""
    plan = json.loads(relay_setup("plan", "--json").stdout)
    applied = json.loads(relay_setup("apply", "--json").stdout)
    destroyed = json.loads(relay_setup("destroy", "--json", "--yes").stdout)

    assert plan["changes"] == applied["changes"] == 10
    assert plan["steps"][0] == {
        "kind": "bucket",
        "name": BUCKET,
        "status": "missing",
        "changes": {
            "public_access": {"before": None, "after": "blocked"},
            "encryption": {"before": None, "after": "AES256"},
            "kms_key": {"before": None, "after": None},
            "expire_days": {"before": None, "after": None},
        },
        "notes": [],
    }
    assert destroyed["removals"][-1] == {
        "kind": "bucket",
        "name": BUCKET,
        "outcome": "removed",
        "why": "",
    }


def test_change_and_obstacle_are_shown(relay_setup: Run) -> None:
    """A setting with both its values; what is in the way ends with 1."""
    relay_setup("apply")
    changed = relay_setup("plan", "--use", "bucket=elsewhere")
    blocked = relay_setup("plan", "--name", "second")
    refused = relay_setup("apply", "--name", "second")

    assert f'    S3BucketName: "{BUCKET}" -> "elsewhere"' in changed.stdout
    assert blocked.exit_code == refused.exit_code == 1
    assert "! log group /relay/cloudtrail: in the way" in blocked.stdout
    assert blocked.stdout.splitlines()[-1].endswith(", 1 in the way")
    assert "log group /relay/cloudtrail: exists already" in refused.stderr


def test_destroy_asks(relay_setup: Run) -> None:
    """No means no; the bucket's name is asked for before its objects go."""
    relay_setup("apply")
    no = relay_setup("destroy", answer="n\n")
    wrong = relay_setup("destroy", "--yes", "--delete-objects", "another")
    yes = relay_setup("destroy", "--delete-objects", BUCKET, answer="y\n")

    assert no.exit_code == 1
    assert "account 123456789012, eu-west-1?" in no.stderr
    assert wrong.exit_code == 2
    assert f"the bucket is {BUCKET}" in wrong.stderr
    assert yes.exit_code == 0
    assert "with all log files and log events?" in yes.stderr


def test_existing_file_is_left(relay_setup: Run, tmp_path: Path) -> None:
    """It may hold an operator's work; everything else was made all the same."""
    written = tmp_path / "relay.yaml"
    written.write_text("mine\n")

    applied = relay_setup("apply", "--write", str(written))

    assert applied.exit_code == 1
    assert "exists with other content" in applied.stderr
    assert written.read_text() == "mine\n"
    assert relay_setup("plan", "--exit-code").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [("--use", "bucket"), ("--use", "cake=x"), ("--use", "queue=no queue")],
    ids=["no name", "no kind", "bad name"],
)
def test_wrong_usage_is_2(relay_setup: Run, words: tuple[str, ...]) -> None:
    """AWS is not asked."""
    assert relay_setup("plan", *words).exit_code == 2


def test_without_a_region_is_2(relay_setup: Run) -> None:
    """There is no default that would be right."""
    result = CliRunner().invoke(app, ["setup", "plan"])

    assert result.exit_code == 2
    assert "give --region" in result.stderr


def test_silent_account_is_1(relay_setup: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS cannot be reached: told in one line."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    result = relay_setup("plan")

    assert result.exit_code == 1
    assert "find out whose account this is" in result.stderr


def test_policy_is_printed(tmp_path: Path) -> None:
    """From the configuration alone; what cannot be loaded is 2."""
    config = tmp_path / "relay.yaml"
    config.write_text(
        "source:\n"
        "  queue_url: https://sqs.eu-west-1.amazonaws.com/111122223333/relay\n"
        "  buckets: [logs]\n"
        "logs: {group: /g}\n"
    )

    printed = CliRunner().invoke(
        app, ["setup", "iam-policy", "-c", str(config), "--prefix", "org"]
    )
    missing = CliRunner().invoke(
        app, ["setup", "iam-policy", "-c", str(tmp_path / "none")]
    )

    sids = [each["Sid"] for each in json.loads(printed.stdout)["Statement"]]
    assert printed.exit_code == 0
    assert sids[:2] == ["TakeMessages", "ReadLogFiles"]
    assert missing.exit_code == 2


@pytest.mark.parametrize(
    ("tool", "start"),
    [("cloudformation", "AWSTemplateFormatVersion:"), ("terraform", "# Written by")],
)
def test_template_is_printed_instead(relay_setup: Run, tool: str, start: str) -> None:
    """Nothing is made; the bucket is in it."""
    printed = relay_setup("plan", "--format", tool)

    assert printed.exit_code == 0
    assert printed.stdout.startswith(start)
    assert BUCKET in printed.stdout
    assert relay_setup("plan").stdout.splitlines()[-1] == "10 to make, 0 to change"


def test_template_replaces_nothing_of_others(relay_setup: Run) -> None:
    """A template's bucket policy would be the whole policy."""
    relay_setup("apply", "--name", "second")

    refused = relay_setup(
        "plan", "--format", "terraform", "--use", "log-group=/relay/cloudtrail"
    )

    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert "log group /relay/cloudtrail: exists already" in refused.stderr


def test_template_says_what_it_lacks(
    relay_setup: Run, moto: str, tmp_path: Path
) -> None:
    """The policy of a key cannot be added to by either tool."""
    config = tmp_path / "setup.yaml"
    made = new_key(moto)
    config.write_text(f"trail: {{kms_key: '{made}'}}\n")

    printed = relay_setup("plan", "--format", "cloudformation", "-c", str(config))

    assert printed.exit_code == 0
    assert f"key policy {made}: not in the template" in printed.stderr
