"""``relay test`` as its users run it: files in, a report and an exit status out."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import typer
from typer.testing import CliRunner, Result

from relay.cli.rule_test import rule_test

RULES = "metric_filters: [{name: f, pattern: '{ $.eventName = F }', alarm: {}}]\n"
GOOD = """\
rule_files: [rules.yaml]
tests:
  - name: raised
    events: [{record: {eventName: F}, matches_only: [f]}]
    expect: [{at: 0s, alarm: f, state: ALARM}]
"""
BAD = GOOD.replace("state: ALARM", "state: OK")
SCRIPT = "import typer; from relay.cli.rule_test import *; typer.run(rule_test)"


def run(*words: str | Path) -> Result:
    """Run ``relay test`` with ``words``."""
    app = typer.Typer()
    app.command()(rule_test)
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, with rules and a good test file in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "good.test.yaml").write_text(GOOD)
    return tmp_path


def test_all_pass() -> None:
    """A line for the file, one for all, and status 0."""
    result = run("good.test.yaml")

    first, last = result.stdout.splitlines()
    assert first == "good.test.yaml: ok, 1 test"
    assert last.startswith("1 file, 1 test in ")
    assert last.endswith("s: 1 passed")
    assert result.exit_code == 0


def test_one_fails(folder: Path) -> None:
    """The report says what is expected and what is so; status 1."""
    (folder / "bad.test.yaml").write_text(BAD)

    result = run("good.test.yaml", "bad.test.yaml")

    lines = result.stdout.splitlines()
    assert lines[1] == "bad.test.yaml: FAILED, 1 of 1 test"
    assert lines[4:7] == [
        "    bad.test.yaml:5: at 0s: state of f",
        "      - OK",
        "      + ALARM",
    ]
    assert result.exit_code == 1


def test_one_is_invalid(folder: Path) -> None:
    """The others are played all the same; status 2."""
    (folder / "odd.test.yaml").write_text(GOOD.replace("rules.yaml", "no.yaml"))
    (folder / "bad.test.yaml").write_text(BAD)

    result = run("odd.test.yaml", "bad.test.yaml")

    assert result.stdout.splitlines()[:3] == [
        "odd.test.yaml: INVALID",
        "  odd.test.yaml:1: rule_files[0]: 'no.yaml' names no file",
        "bad.test.yaml: FAILED, 1 of 1 test",
    ]
    assert result.exit_code == 2


def test_folders_are_searched(folder: Path) -> None:
    """To the bottom, for the names of test files; each file is played once."""
    (folder / "a" / "b").mkdir(parents=True)
    inner = GOOD.replace("rules.yaml", "../../rules.yaml")
    (folder / "a" / "b" / "c.test.yml").write_text(inner)

    result = run(".", "good.test.yaml")

    assert result.stdout.splitlines()[:2] == [
        "a/b/c.test.yml: ok, 1 test",
        "good.test.yaml: ok, 1 test",
    ]
    assert result.exit_code == 0


def test_a_folder_without_tests_is_invalid(folder: Path) -> None:
    """A slip in a path must not look like success."""
    (folder / "empty").mkdir()

    result = run("empty")

    assert "there is no test file (*.test.yaml or *.test.yml)" in result.stdout
    assert result.exit_code == 2


def test_nothing_to_test_is_wrong_usage() -> None:
    """There is no default."""
    assert run().exit_code == 2


def test_programs_get_one_object(folder: Path) -> None:
    """With --json there is nothing else on standard output."""
    (folder / "bad.test.yaml").write_text(BAD)

    result = run("--json", ".")

    document = json.loads(result.stdout)
    assert (document["tests"], document["failed"], document["ok"]) == (2, 1, False)
    assert result.exit_code == 1


def test_build_servers_get_a_file(folder: Path) -> None:
    """Beside the report."""
    result = run("good.test.yaml", "--junit", "out.xml")

    root = ET.parse(folder / "out.xml").getroot()  # noqa: S314 - our own document
    assert [case.get("name") for case in root.iter("testcase")] == ["raised"]
    assert result.exit_code == 0


def test_a_file_that_cannot_be_written() -> None:
    """It is told: a build server would look at an old one."""
    result = run("good.test.yaml", "--junit", "no/out.xml")

    assert result.stderr == (
        "relay test: no/out.xml: cannot be written: No such file or directory\n"
    )
    assert result.exit_code == 2


def test_verbose_tells_what_happened() -> None:
    """Of tests that passed, too."""
    result = run("-v", "good.test.yaml")

    assert "  ok raised good.test.yaml:3" in result.stdout.splitlines()
    assert "OK -> ALARM" in result.stdout


def test_a_terminal_gets_colours() -> None:
    """And nobody else."""
    reading, writing = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "good.test.yaml"],
        stdout=writing,
        env=os.environ | {"TERM": "xterm-256color", "NO_COLOR": ""},
    ) as process:
        os.close(writing)
        shown = os.read(reading, 4096)
        process.wait()
        os.close(reading)

    assert b"\x1b[32mok, 1 test" in shown
    assert "\x1b" not in run("good.test.yaml").stdout
