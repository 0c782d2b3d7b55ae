"""``relay run``: the daemon in the foreground, as systemd and containers want it."""

import signal
from pathlib import Path
from typing import Annotated

import anyio
import typer
from anyio.abc import TaskStatus

from relay.errors import ConfigError, RelayError, StateError
from relay.intents import Intents

DEFAULT_CONFIG = Path("/etc/relay/relay.yaml")


def run(
    config: Annotated[
        Path, typer.Option(help="The configuration file.", envvar="RELAY_CONFIG")
    ] = DEFAULT_CONFIG,
) -> None:
    """Run the daemon until SIGTERM or SIGINT; SIGHUP reloads the configuration.

    A second SIGTERM or SIGINT ends it at once; what is unfinished then comes again.
    Exits 2 when the configuration cannot be used, 1 when the state store fails.
    """
    try:
        anyio.run(_run, config)
    except ConfigError as error:
        typer.echo(error, err=True)
        raise typer.Exit(2) from None
    except StateError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None


async def _run(config: Path) -> None:
    # Here, because the AWS SDK takes half a second that no other command needs.
    from relay import daemon  # noqa: PLC0415

    intents = Intents()
    failure: RelayError | None = None
    async with anyio.create_task_group() as tg:
        await tg.start(_watch_signals, intents, tg)
        try:
            await daemon.run(config, intents)
        except RelayError as error:
            failure = error  # raised in here it would come out in a group
        tg.cancel_scope.cancel()
    if failure is not None:
        raise failure


async def _watch_signals(
    intents: Intents, tg: anyio.abc.TaskGroup, *, task_status: TaskStatus[None]
) -> None:
    watched = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
    is_stopping = False
    with anyio.open_signal_receiver(*watched) as signals:
        task_status.started()
        async for each in signals:
            if each == signal.SIGHUP:
                intents.request_reload()
            elif is_stopping:
                tg.cancel_scope.cancel()
            else:
                is_stopping = True
                intents.request_stop()
