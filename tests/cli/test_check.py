"""Tests of ``relay check``."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from relay.cli.check import check

GOOD = """\
source: {queue_url: http://localhost/1/q, buckets: [abc]}
logs: {group: /x}
rules: [rules.yaml]
notify: {receivers: [{name: a}], route: {receiver: a}}
"""
RULES = "metric_filters: [{name: f, pattern: '{ $.a = b }', alarm: {}}]\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    """Run the command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Run()


class Run:
    """Writes the files and runs the command as its own app."""

    def __call__(self, config: str, *words: str, rules: str = RULES) -> Result:
        Path("relay.yaml").write_text(config)
        Path("rules.yaml").write_text(rules)
        return self.bare("--config", "relay.yaml", *words)

    def bare(self, *words: str) -> Result:
        """Run without writing anything."""
        app = typer.Typer()
        app.command()(check)
        return CliRunner().invoke(app, words)


def test_a_good_configuration_is_counted(run: Run) -> None:
    """The one line on standard output says how much was understood."""
    result = run(GOOD)

    assert result.exit_code == 0
    assert result.stdout == (
        "ok: 1 metric filters, 1 alarms, 1 receivers, 8 self_watch rules\n"
    )
    assert result.stderr == ""


def test_every_problem_is_printed_to_standard_error(run: Run) -> None:
    """One a line, of all files; the exit status says that the input is invalid."""
    result = run(GOOD.replace("abc", "B").replace("/x", "a b"), rules="alarms: [3]\n")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        "relay.yaml:1",
        "relay.yaml:2",
        "rules.yaml:1",
    ]


def test_warnings_do_not_fail(run: Run) -> None:
    """They are marked as such."""
    result = run(GOOD.replace("rules.yaml", "'*.yml'"))

    assert result.exit_code == 0
    assert result.stdout == (
        "ok: 0 metric filters, 0 alarms, 1 receivers, 8 self_watch rules\n"
    )
    assert result.stderr == "warning: relay.yaml:3: rules[0]: '*.yml' names no file\n"


def test_a_missing_file_is_invalid_input(run: Run) -> None:
    """The file is named."""
    result = run.bare("--config", "nope.yaml")

    assert result.exit_code == 2
    assert result.stderr == "nope.yaml: cannot be read: No such file or directory\n"


def test_programs_get_one_object(run: Run) -> None:
    """With --json everything is on standard output."""
    result = run(GOOD, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "ok": True,
        "problems": [],
        "warnings": [],
        "metric_filters": 1,
        "alarms": 1,
        "receivers": 1,
        "self_watch_rules": 8,
    }


def test_programs_get_problems_in_parts(run: Run) -> None:
    """File, line, option and message are apart."""
    result = run(
        GOOD.replace("rules.yaml", "'*.yml'").replace("{group: /x}", "{}"), "--json"
    )

    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "ok": False,
        "problems": [
            {
                "file": "relay.yaml",
                "line": 2,
                "option": "logs.group",
                "message": "is missing; it has no default",
            }
        ],
        "warnings": [
            {
                "file": "relay.yaml",
                "line": 3,
                "option": "rules[0]",
                "message": "'*.yml' names no file",
            }
        ],
    }


def test_a_broken_template_is_a_problem(run: Run) -> None:
    """With its file and line, though relay.yaml itself is sound."""
    Path("a.txt.j2").write_text("\n{{ alarm.titel }}\n")

    result = run(GOOD.replace("notify: {", "notify: {templates: [a.txt.j2], "))

    assert result.exit_code == 2
    assert result.stderr == ("a.txt.j2:2: 'AlarmView' has no attribute 'titel'\n")


KEPT = """\
aws: {endpoint_url: "http://127.0.0.1:9"}
source:
  queue_url: https://sqs.eu-west-1.amazonaws.com/123456789012/q
  buckets: [abc]
logs: {group: /x}
notify:
  receivers: [{name: a, webhook: [{url: "ssm:/relay/hook"}]}]
  route: {receiver: a}
"""


def test_secrets_in_aws_are_not_asked_for(run: Run) -> None:
    """A check runs where there are no credentials."""
    result = run(KEPT)

    assert (result.exit_code, result.stderr) == (0, "")


def test_secrets_in_aws_are_read_when_asked(run: Run) -> None:
    """One that cannot be read is a problem of its option."""
    result = run(KEPT, "--secrets")

    assert result.exit_code == 2
    assert result.stderr.startswith(
        "relay.yaml:7: notify.receivers[0].webhook[0].url:"
        " 'ssm:/relay/hook' cannot be read: ssm in eu-west-1: "
    )


def test_an_aws_that_cannot_be_called_is_a_problem(run: Run) -> None:
    """No option is at fault."""
    result = run(KEPT.replace("aws: {", "aws: {profile: nobody, "), "--secrets")

    assert result.exit_code == 2
    assert result.stderr.startswith("relay.yaml: aws: ")
    assert "nobody" in result.stderr
