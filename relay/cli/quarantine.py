"""``relay quarantine``: look at what could not be processed, and send it again."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import anyio
import msgspec
import typer
from rich.console import Console

from relay.clock import SystemClock
from relay.config.load import load
from relay.errors import ConfigError, RejectedError, TransientError
from relay.match.text import visible

if TYPE_CHECKING:  # the AWS SDK takes half a second that no other command needs
    from relay.quarantine.item import Item
    from relay.quarantine.session import Session

FAILED: Final = 1
INVALID: Final = 2
DEFAULT_CONFIG: Final = Path("/etc/relay/relay.yaml")

quarantine = typer.Typer(
    no_args_is_help=True,
    help="Look at messages that could not be processed, and send them again.\n\n"
    "They are where the section quarantine of the configuration says, or in the "
    "dead-letter queue of source.queue_url.\n\n"
    "A queue cannot be listed: its messages are received, which hides them from "
    "others and counts as one receive of each, and given back at the end. When the "
    "command is killed, they come back after a minute.",
)

_BODIES: Final = ("version", "replay", "body", "body_gzip")

_Config = Annotated[
    Path,
    typer.Option(
        "--config", "-c", help="The configuration file.", envvar="RELAY_CONFIG"
    ),
]
_Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object to standard output.")
]
_DeadLetters = Annotated[
    bool,
    typer.Option(
        "--dead-letters",
        help="Use the queue's own dead-letter queue, whatever is configured.",
    ),
]


@quarantine.command("list")
def list_items(
    config: _Config = DEFAULT_CONFIG,
    as_json: _Json = False,
    dead_letters: _DeadLetters = False,
) -> None:
    """List what is kept, without bodies, the oldest first.

    Exit status: 0, also when there is nothing; 1 when the place cannot be read; 2 when
    the configuration cannot be used.
    """
    _run(config, dead_letters, partial(_list, as_json=as_json))


@quarantine.command()
def show(
    id: Annotated[str, typer.Argument(help="As list shows it.", show_default=False)],  # noqa: A002 - the argument's name
    config: _Config = DEFAULT_CONFIG,
    dead_letters: _DeadLetters = False,
) -> None:
    """Print one item as JSON, with the body of the message and what would be sent.

    Exit status: 0; 1 when there is no such item; 2 when the configuration cannot be
    used.
    """
    _run(config, dead_letters, partial(_show, id_=id))


@quarantine.command()
def replay(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", show_default=False)
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Replay all that is kept.")
    ] = False,
    config: _Config = DEFAULT_CONFIG,
    as_json: _Json = False,
    dead_letters: _DeadLetters = False,
) -> None:
    """Send items back to source.queue_url; what was sent is kept no longer.

    An item is removed only when the queue has acknowledged its message. Of a message
    with many objects only those that failed are announced again; what was done before
    is never done twice.

    Exit status: 0 when all were sent; 1 when one was not, or there is no such item; 2
    for wrong usage or when the configuration cannot be used.
    """
    if bool(ids) == everything:
        raise typer.BadParameter("give the ids of items, or --all")
    wanted = None if everything else ids
    _run(config, dead_letters, partial(_replay, wanted=wanted, as_json=as_json))


def _run(
    path: Path, dead_letters: bool, work: Callable[["Session"], Awaitable[bool]]
) -> None:
    """Do ``work``, which tells whether all went well, and end with its status."""

    async def main() -> bool:
        from relay.quarantine.session import open_session  # noqa: PLC0415 - as above

        config = load(path).config
        async with open_session(
            config, SystemClock(), dead_letters=dead_letters
        ) as session:
            return await work(session)

    try:
        is_well = anyio.run(main)
    except ConfigError as error:
        typer.echo(error, err=True)
        raise typer.Exit(INVALID) from None
    except (TransientError, RejectedError) as error:
        typer.echo(error, err=True)
        raise typer.Exit(FAILED) from None
    if not is_well:
        raise typer.Exit(FAILED)


async def _list(session: "Session", *, as_json: bool) -> bool:
    items = await _items(session, None)
    if as_json:
        _print_json(
            {"place": session.place.name, "items": [_summary(item) for item in items]}
        )
        return True
    if items:
        typer.echo(f"{'ID':<38} {'SENT':<20} {'RECEIVED':>8} {'REASON':<22} OBJECTS")
    for item in items:
        typer.echo(
            f"{visible(item.id):<38} {visible(item.sent_at):<20}"
            f" {item.receive_count:>8} {visible(item.reason or '-'):<22}"
            f" {_objects(item)}"
        )
    typer.echo(f"{len(items)} items in {session.place.name}", err=True)
    return True


async def _show(session: "Session", *, id_: str) -> bool:
    items = await _items(session, [id_])
    if not items:
        typer.echo(f"no item {visible(id_)} in {session.place.name}", err=True)
        return False
    item = items[0]
    _print_json(_summary(item) | {"replay": item.to_send(), "body": item.original()})
    return True


async def _replay(
    session: "Session", *, wanted: Sequence[str] | None, as_json: bool
) -> bool:
    results = []
    with Console(stderr=True).status("looking for items") as status:
        async with aclosing(session.replay(wanted)) as replayed:
            async for result in replayed:
                results.append(result)
                status.update(f"{len(results)} items")
    failed = [result for result in results if result.error is not None]
    missing = sorted(set(wanted or ()) - {result.id for result in results})
    if as_json:
        _print_json(
            {
                "place": session.place.name,
                "replayed": [each.id for each in results if each.error is None],
                "failed": [
                    {"id": each.id, "sent": each.is_sent, "error": each.error}
                    for each in failed
                ],
                "missing": missing,
            }
        )
        return not (failed or missing)
    for each in failed:
        kept = "sent, but still kept" if each.is_sent else "not sent"
        typer.echo(f"{visible(each.id)}: {kept}: {visible(each.error or '')}", err=True)
    for id_ in missing:
        typer.echo(f"no item {visible(id_)} in {session.place.name}", err=True)
    typer.echo(
        f"replayed {len(results) - len(failed)} of {len(results) + len(missing)} items"
    )
    return not (failed or missing)


async def _items(session: "Session", wanted: Sequence[str] | None) -> list["Item"]:
    items = []
    with Console(stderr=True).status("looking for items") as status:
        async with aclosing(session.items(wanted)) as held:
            async for each in held:
                items.append(each.item)
                status.update(f"{len(items)} items")
    return items


def _summary(item: "Item") -> dict[str, object]:
    """Return what there is to know of an item, without any body."""
    members: dict[str, object] = msgspec.to_builtins(item)
    return {name: value for name, value in members.items() if name not in _BODIES}


def _objects(item: "Item") -> str:
    """Name the first object, and how many more there are."""
    if not item.objects:
        return "-"
    first = item.objects[0]
    more = f" and {len(item.objects) - 1} more" if len(item.objects) > 1 else ""
    return visible(f"s3://{first.bucket}/{first.key}") + more


def _print_json(document: Mapping[str, object]) -> None:
    typer.echo(json.dumps(document, indent=2))
