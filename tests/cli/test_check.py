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
    assert result.stdout == "ok: 1 metric filters, 1 alarms, 1 receivers\n"
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
    assert result.stdout == "ok: 0 metric filters, 0 alarms, 1 receivers\n"
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
