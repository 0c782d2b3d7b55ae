"""The command line as a whole: its commands, its version."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from relay import __version__
from relay.cli import app, main

COMMANDS = (
    "run",
    "check",
    "match",
    "schema",
    "setup",
    "status",
    "demo",
    "quarantine",
    "silence",
    "route",
)


def test_version_is_shown() -> None:
    """One line, exit 0."""
    result = CliRunner().invoke(app, ["--version"])

    assert (result.exit_code, result.stdout) == (0, f"relay {__version__}\n")


def test_help_lists_every_command() -> None:
    """Each with a line that says what it does."""
    result = CliRunner().invoke(app, ["--help"])
    described = {
        words[0]: len(words) > 1
        for line in result.stdout.splitlines()
        if (words := line.strip(" │").split())
    }

    assert result.exit_code == 0
    assert [name for name in COMMANDS if described.get(name)] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    """Exit 0, whatever it would need to run."""
    result = CliRunner().invoke(app, [name, "--help"])

    assert result.exit_code == 0
    assert f"relay {name}" in result.stdout


def test_no_words_show_the_help() -> None:
    """Who does not know what to type is told; scripts see that it was wrong usage."""
    result = CliRunner().invoke(app, [])

    assert result.exit_code == 2
    assert "Usage" in result.output


def test_unknown_command_is_wrong_usage() -> None:
    """Exit 2, and the word is named."""
    result = CliRunner().invoke(app, ["rnu"])

    assert result.exit_code == 2
    assert "rnu" in result.stderr


def test_main_runs_the_words_of_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the installed command ``relay`` calls."""
    monkeypatch.setattr(sys, "argv", ["relay", "--version"])
    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 0
    assert __version__ in capsys.readouterr().out


def test_module_is_the_command() -> None:
    """``python -m relay`` does the same as ``relay``."""
    done = subprocess.run(
        [sys.executable, "-m", "relay", "--version"],
        capture_output=True,
        check=False,
        text=True,
    )

    assert (done.returncode, done.stdout) == (0, f"relay {__version__}\n")
