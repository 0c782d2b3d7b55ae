"""The command line: one file a command, each thin; assembled here."""

from typing import Annotated

import typer

from relay import __version__
from relay.cli.check import check
from relay.cli.demo import demo
from relay.cli.match import match
from relay.cli.quarantine import quarantine
from relay.cli.route import route
from relay.cli.rule_test import rule_test
from relay.cli.run import run
from relay.cli.schema import schema
from relay.cli.setup import setup
from relay.cli.silence import silence
from relay.cli.status import status
from relay.cli.template import template

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


for command in (run, check, match, schema, status, demo):
    app.command()(command)
app.command("test")(rule_test)
app.add_typer(quarantine, name="quarantine")
app.add_typer(silence, name="silence")
app.add_typer(route, name="route")
app.add_typer(setup, name="setup")
app.add_typer(template, name="template")


def main() -> None:
    """Run the command that the words on the command line name."""
    app()
