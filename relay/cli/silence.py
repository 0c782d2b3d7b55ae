"""``relay silence``: keep alarms from being told for a while."""

import getpass
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from relay.clock import SystemClock, isoformat, parse_isoformat
from relay.config.units import parse_duration
from relay.errors import ConfigError
from relay.match.text import visible
from relay.status.address import address_in
from relay.status.client import NoAnswerError
from relay.status.silences import add_silence, expire_silence, list_silences
from relay.status.token import token_in
from relay.web.silences import NewSilence, ShownSilence, SilenceState

FAILED: Final = 1
INVALID: Final = 2
DEFAULT_CONFIG: Final = Path("/etc/relay/relay.yaml")

T = TypeVar("T")

silence = typer.Typer(
    no_args_is_help=True,
    help="Keep alarms from being told for a while.\n\n"
    "The running daemon is asked; it answers on its own machine. Making and ending "
    "silences needs its token: RELAY_TOKEN, or telemetry.token of the configuration.",
)

_Config = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        help="The daemon's configuration; telemetry says its address and its token.",
        envvar="RELAY_CONFIG",
    ),
]
_Url = Annotated[
    str | None,
    typer.Option(
        help="The daemon's address, such as http://127.0.0.1:9815.",
        show_default=False,
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON to standard output.")]


@silence.command()
def add(  # noqa: PLR0913 - each is an option
    matchers: Annotated[
        list[str],
        typer.Argument(
            metavar="MATCHER...",
            help="Conditions on labels that must all hold: severity=low, "
            "'account=~\"1.*\"'. Operators: = != =~ !~.",
        ),
    ],
    *,
    comment: Annotated[str, typer.Option("--comment", help="Why.")],
    duration: Annotated[
        str, typer.Option("--for", help="How long, such as 90s, 2h or 1d.")
    ] = "1h",
    start: Annotated[
        str | None,
        typer.Option(
            "--start", help="When it begins, in ISO 8601 (UTC). Default: now."
        ),
    ] = None,
    author: Annotated[
        str | None, typer.Option("--author", help="Who wants it. Default: the user.")
    ] = None,
    config: _Config = DEFAULT_CONFIG,
    url: _Url = None,
) -> None:
    """Make a silence and print its id.

    While it lasts, alarms whose labels fit all MATCHERs are told to nobody; what still
    lasts at its end is told then. Exit status: 0; 1 when the daemon refuses it or does
    not answer; 2 when an option is wrong.
    """
    begins_at = _checked("--start", parse_isoformat, start) if start else None
    lasts_secs = _checked("--for", parse_duration, duration)
    now = SystemClock().now()
    new = NewSilence(
        matchers=tuple(matchers),
        starts_at=None if begins_at is None else isoformat(begins_at),
        ends_at=isoformat((now if begins_at is None else begins_at) + lasts_secs),
        created_by=author or getpass.getuser(),
        comment=comment,
    )
    made = _asked(
        lambda: add_silence(url or address_in(config), new, token=token_in(config))
    )
    typer.echo(made.id)


@silence.command("list")
def list_all(
    *,
    expired: Annotated[
        bool, typer.Option("--expired", help="Also those that have ended.")
    ] = False,
    as_json: _Json = False,
    config: _Config = DEFAULT_CONFIG,
    url: _Url = None,
) -> None:
    """List silences. Exit status: 0; 1 when the daemon does not answer; 2 as above."""
    found = [
        each
        for each in _asked(lambda: list_silences(url or address_in(config)))
        if expired or each.state is not SilenceState.EXPIRED
    ]
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(found), indent=2))
    else:
        Console().print(_table(found))


@silence.command()
def expire(
    silence_id: Annotated[str, typer.Argument(metavar="ID")],
    config: _Config = DEFAULT_CONFIG,
    url: _Url = None,
) -> None:
    """End a silence now. Exit status: 0; 1 when the daemon refuses; 2 as above."""
    _asked(
        lambda: expire_silence(
            url or address_in(config), silence_id, token=token_in(config)
        )
    )


def _checked(option: str, parse: Callable[[str], float], text: str) -> float:
    try:
        return parse(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} cannot be read", param_hint=option
        ) from None


def _asked(ask: Callable[[], T]) -> T:
    """Return the daemon's answer, or end with a message and the right exit status."""
    try:
        return ask()
    except ConfigError as error:
        typer.echo(error, err=True)
        raise typer.Exit(INVALID) from None
    except NoAnswerError as error:
        typer.echo(error, err=True)
        raise typer.Exit(FAILED) from None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--url") from None


def _table(found: Sequence[ShownSilence]) -> Table:
    table = Table("id", "state", "matchers", "ends at", "by", "comment", box=None)
    for each in found:
        matchers = ", ".join(each.matchers)
        cells = (each.id, each.state, matchers, each.ends_at)
        # What people wrote may hold control characters.
        texts = (*cells, each.created_by, each.comment)
        table.add_row(*(Text(visible(text)) for text in texts))
    return table
