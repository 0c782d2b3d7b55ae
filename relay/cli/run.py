"""``relay run``: the daemon in the foreground, as systemd and containers want it."""

import gc
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import anyio
import typer
from anyio.abc import TaskStatus

from relay.errors import ConfigError, RelayError, StateError
from relay.intents import Intents

DEFAULT_CONFIG = Path("/etc/relay/relay.yaml")
SWITCH_INTERVAL_SECS = 0.001


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
    from relay.service_manager import ServiceManager  # noqa: PLC0415

    _tune_interpreter()
    intents = Intents()
    failure: RelayError | None = None
    async with anyio.create_task_group() as tg:
        await tg.start(_watch_signals, intents, tg)
        try:
            await daemon.run(
                config,
                intents,
                service_manager=ServiceManager(os.environ, pid=os.getpid()),
            )
        except RelayError as error:
            failure = error  # raised in here it would come out in a group
        tg.cancel_scope.cancel()
    if failure is not None:
        raise failure


def _tune_interpreter() -> None:
    """Keep the event loop's turns short while a worker thread decodes a big object.

    The thread gives the interpreter back after 1 ms instead of 5, and the collector no
    longer walks the some hundred thousand objects that the imports have left for good.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_SECS)
    gc.collect()
    gc.freeze()


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
