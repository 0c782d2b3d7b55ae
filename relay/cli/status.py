"""``relay status``: how the running daemon is, and where all its records are."""

import json
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console

from relay.errors import ConfigError
from relay.status.address import address_in
from relay.status.client import NoAnswerError, fetch
from relay.status.report import show

FAILED: Final = 1
INVALID: Final = 2
DEFAULT_CONFIG: Final = Path("/etc/relay/relay.yaml")


def status(
    config: Annotated[
        Path,
        typer.Option(
            "--config",
            "-c",
            help="The daemon's configuration; telemetry.listen is its address.",
            envvar="RELAY_CONFIG",
        ),
    ] = DEFAULT_CONFIG,
    url: Annotated[
        str | None,
        typer.Option(
            help="The daemon's address, such as http://127.0.0.1:9815.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object to standard output.")
    ] = False,
) -> None:
    """Show how the running daemon is: its queue, its ledger, alarms and notifications.

    It answers on its own machine only. Exit status: 0 when it is healthy and the ledger
    balances; 1 when not, or when it does not answer; 2 when the configuration cannot be
    used.
    """
    try:
        found = fetch(url or address_in(config))
    except ConfigError as error:
        typer.echo(error, err=True)
        raise typer.Exit(INVALID) from None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--url") from None
    except NoAnswerError as error:
        typer.echo(error, err=True)
        raise typer.Exit(FAILED) from None
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(found), indent=2))
    else:
        show(found, Console())
    if not found.healthy:
        raise typer.Exit(FAILED)
