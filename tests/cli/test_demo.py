"""``relay demo`` is a command, and says what it is for."""

from typer.testing import CliRunner

from relay.cli import app


def test_demo_is_documented() -> None:
    """The help names what may be chosen."""
    result = CliRunner().invoke(app, ["demo", "--help"], env={"COLUMNS": "120"})

    assert result.exit_code == 0
    assert "--keep" in result.output
    assert "--seed" in result.output
