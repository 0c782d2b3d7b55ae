"""The command line: one file a command, each thin; assembled here."""

from typing import Annotated

import typer

from relay import __version__
from relay.cli.check import check
from relay.cli.demo import demo
from relay.cli.match import match
from relay.cli.run import run
from relay.cli.schema import schema

app = typer.Typer(
    name="relay",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Relay AWS CloudTrail to CloudWatch Logs, and raise alarms on the way.",
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"relay {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


for command in (run, check, match, schema, demo):
    app.command()(command)


def main() -> None:
    """Run the command that the words on the command line name."""
    app()
