"""``relay route``: which receivers would be told of an alarm with these labels."""

import json
import os
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from relay.clock import SystemClock, isoformat, parse_isoformat
from relay.config.notify_section import Notify
from relay.config.units import format_duration
from relay.model import Silence
from relay.notify.inhibit import Sides
from relay.notify.mute import Mute, Mutes
from relay.notify.route import Router, Way
from relay.notify.silences import Silences
from relay.ruletest.routing import read_routes
from relay.status.client import NoAnswerError
from relay.status.silences import list_silences

FAILED: Final = 1
INVALID: Final = 2
DEFAULT_CONFIG: Final = Path("/etc/relay/relay.yaml")

route = typer.Typer(no_args_is_help=True, help="Try the routing tree.")


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a notification on its way to one receiver."""

    receiver: str
    option: str
    matchers: tuple[str, ...]
    repeat_interval: str | None
    send_resolved: bool
    mute: str | None
    until: str | None


@route.callback()
def _route() -> None:
    """Keep ``test`` a word of its own."""


@route.command()
def test(
    labels: Annotated[
        list[str],
        typer.Argument(metavar="LABEL=VALUE...", help="The labels of the alarm."),
    ],
    *,
    at: Annotated[
        str | None,
        typer.Option("--at", help="When, in ISO 8601 (UTC). Default: now."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON to standard output.")
    ] = False,
    config: Annotated[
        Path,
        typer.Option(
            "--config", "-c", help="The configuration file.", envvar="RELAY_CONFIG"
        ),
    ] = DEFAULT_CONFIG,
    url: Annotated[
        str | None,
        typer.Option(
            help="A running daemon, such as http://127.0.0.1:9815: its silences count.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show which receivers would be told of an alarm with these labels, and why.

    Inhibition is left out: it depends on what else is in ALARM. Exit status: 0 when
    somebody would be told; 1 when nobody would, or the daemon does not answer; 2 when
    the configuration cannot be used.
    """
    wanted = dict(_label(text) for text in labels)
    notify = _routes(config)
    now = SystemClock().now() if at is None else _time(at)
    mutes = Mutes(notify).at(now, _silences(url))
    answers = [
        _answer(way, mutes.find(wanted, Sides(), way.routed))
        for way in Router(notify.route).ways(wanted)
    ]
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(answers), indent=2))
    else:
        for answer in answers:
            typer.echo(_text(answer))
    if all(answer.mute is not None for answer in answers):
        typer.echo("nobody would be told now", err=True)
        raise typer.Exit(FAILED)


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f"{text!r} is no label; write severity=critical")
    return name, value


def _time(text: str) -> float:
    try:
        return parse_isoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time; write 2026-11-24T22:00:00Z", param_hint="--at"
        ) from None


def _routes(config: Path) -> Notify:
    """Return the section ``notify``; receivers' secrets need not be there."""
    notify, problems = read_routes(config, environment=os.environ)
    if notify is None:
        for problem in problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(INVALID)
    return notify


def _silences(url: str | None) -> Silences:
    if url is None:
        return Silences()
    try:
        found = list_silences(url)
    except NoAnswerError as error:
        typer.echo(error, err=True)
        raise typer.Exit(FAILED) from None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--url") from None
    return Silences(
        Silence(
            id=each.id,
            matchers=each.matchers,
            starts_at=parse_isoformat(each.starts_at),
            ends_at=parse_isoformat(each.ends_at),
            created_by=each.created_by,
            comment=each.comment,
        )
        for each in found
    )


def _answer(way: Way, mute: Mute | None) -> _Answer:
    routed = way.routed
    interval = routed.repeat_interval_secs
    until = None if mute is None else mute.until
    return _Answer(
        receiver=routed.receiver,
        option=way.option,
        matchers=tuple(map(str, way.matchers)),
        repeat_interval=format_duration(interval) if interval else None,
        send_resolved=routed.send_resolved,
        mute=None if mute is None else mute.reason,
        until=None if until is None else isoformat(until),
    )


def _text(answer: _Answer) -> str:
    """Return three lines on one receiver."""
    why = ", ".join(answer.matchers) or "everything"
    repeats = (
        "never repeated"
        if answer.repeat_interval is None
        else f"repeated every {answer.repeat_interval}"
    )
    end = "told of the end" if answer.send_resolved else "not told of the end"
    mute = "" if answer.mute is None else f"\n  mute ({answer.mute})"
    until = "" if answer.until is None else f", at least until {answer.until}"
    return (
        f"{answer.receiver}\n  by {answer.option}: {why}\n  {repeats}, {end}"
        f"{mute}{until}"
    )
