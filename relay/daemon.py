"""The daemon: builds what lives long, keeps one generation at work, ends in order.

Everything is started in the order of dependence and ended in reverse; what a later part
needs is there before it and stays until after it.
"""

from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import anyio
from anyio.abc import TaskGroup, TaskStatus

from relay import __version__, failpoints
from relay.accounting.accountant import Accounting
from relay.accounting.ledger import Ledger
from relay.alarms.engine import AlarmEngine
from relay.aws.secret_sources import load_with_secrets
from relay.budget import ByteBudget
from relay.caught_up import CaughtUp
from relay.clock import Clock, SystemClock
from relay.config.schema import Loaded
from relay.errors import ConfigError, StateError
from relay.faults import Faults
from relay.intents import Intents
from relay.lost import settle_left_behind
from relay.notify.outbox import Outbox
from relay.notify.receivers.http_guard import guarded_connector
from relay.notify.receivers.slack_threads import Threads
from relay.process import Shared
from relay.publish.publisher import Publisher
from relay.reload import LongLived, Reloader
from relay.self_watch.lag import LagWatch
from relay.self_watch.rules import with_self_watch
from relay.service_manager import ServiceManager
from relay.state.open import open_store
from relay.state.store import Store
from relay.telemetry import Telemetry, configure_logging, get_log
from relay.web.health import Health
from relay.web.server import WebServer
from relay.web.silences import SilenceApi
from relay.web.status_view import StatusView

_log = get_log("daemon")

MARKS_KEPT_SECS = 15 * 86_400.0
"""SQS keeps a message at most 14 days: after 15 nothing old can come again."""
PRUNE_EVERY_SECS = 3_600.0
OUTBOX_GRACE_SECS = 5.0
"""How long a stop waits for notifications; what is left is durable and goes later."""


async def run(
    path: Path,
    intents: Intents,
    *,
    clock: Clock | None = None,
    service_manager: ServiceManager | None = None,
    task_status: TaskStatus[str] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """Run the daemon with the configuration at ``path`` until ``intents`` say stop.

    ``started`` gives the daemon's own address once messages are taken. Raises
    ConfigError when the configuration cannot be used, StateError when the state store
    fails.
    """
    clock = clock or SystemClock()
    loaded = with_self_watch(await load_with_secrets(path, clock=clock))
    output = loaded.config.telemetry.log
    configure_logging(level=output.level, format=output.format)
    _log.info("starting", version=__version__, config=str(path))
    if failpoints.SETTING:
        _log.warning("failpoints are armed", setting=failpoints.SETTING)
    try:
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(open_store(loaded.config.state))
            http = await stack.enter_async_context(
                aiohttp.ClientSession(connector=guarded_connector())
            )
            daemon = _Daemon(path, loaded, store=store, http=http, clock=clock)
            daemon.service_manager = service_manager or daemon.service_manager
            await daemon.run(intents, task_status)
    except BaseExceptionGroup as group:
        known = group.subgroup((ConfigError, StateError))
        if known is None:
            raise
        # Of several parts that fail for one cause the first says it.
        raise _first(known) from group
    _log.info("stopped")


class _Daemon:
    """What lives as long as the process, and the order of its life."""

    def __init__(
        self,
        path: Path,
        loaded: Loaded,
        *,
        store: Store,
        http: aiohttp.ClientSession,
        clock: Clock,
    ) -> None:
        self.service_manager = ServiceManager({}, pid=0)
        self._loaded = loaded
        self._store = store
        self._clock = clock
        self._telemetry = telemetry = Telemetry()
        self._health = Health(clock)
        caught_up = CaughtUp(clock)
        self._lag_watch = LagWatch(seen_until=caught_up.seen_until, clock=clock)
        self._publisher = Publisher(backlog=store, telemetry=telemetry, clock=clock)
        self._accounting = Accounting(
            store=store,
            engine=AlarmEngine(
                loaded.rules.all_alarms,
                now=clock.now(),
                mute_rules=loaded.rules.mute_rules,
            ),
            telemetry=telemetry,
            clock=clock,
            sight=caught_up,
            on_points=self._publisher.wake,
        )
        caught_up.on_moved = self._accounting.source_moved
        self._outbox = Outbox(
            commit=self._accounting.commit, telemetry=telemetry, clock=clock
        )
        self._status = StatusView(
            books=self._accounting,
            health=self._health,
            telemetry=telemetry,
            clock=clock,
        )
        self._silences = SilenceApi(self._accounting, clock)
        self._shared = shared = Shared(
            accounting=self._accounting,
            budget=ByteBudget(
                loaded.config.source.max_in_flight.bytes, telemetry.bytes_in_flight
            ),
            faults=Faults(telemetry),
            ledger=Ledger(telemetry),
            telemetry=telemetry,
            clock=clock,
            caught_up=caught_up,
        )
        self._reloader = Reloader(
            path,
            LongLived(
                shared=shared,
                outbox=self._outbox,
                publisher=self._publisher,
                lag_watch=self._lag_watch,
                http=http,
                threads=Threads(),
                health=self._health,
                status=self._status,
                silences=self._silences,
            ),
        )

    async def run(self, intents: Intents, task_status: TaskStatus[str]) -> None:
        """Start, reload when asked, and end when asked.

        Three groups, ended from the inside out: generations, whose clients the outbox
        sends with; the outbox, which commits through the accounting; the services.
        """
        async with anyio.create_task_group() as services:
            async with anyio.create_task_group() as sending:
                async with anyio.create_task_group() as generations:
                    url = await self._start(services, sending, generations)
                    generations.start_soon(
                        self._reload, intents, generations, name="reload"
                    )
                    services.start_soon(
                        self.service_manager.run,
                        self._health.problems,
                        self._clock,
                        name="watchdog",
                    )
                    self._health.ready = True
                    self.service_manager.ready()
                    _log.info("ready", metrics=f"{url}/metrics")
                    task_status.started(url)
                    await intents.stopped()
                    await self._drain()
                    generations.cancel_scope.cancel()
                sending.cancel_scope.cancel()
            services.cancel_scope.cancel()

    async def _drain(self) -> None:
        """Finish or hand back what is in flight, and send what can be sent."""
        progress = self._health.progress
        in_flight = 0 if progress is None else progress.in_flight
        _log.info("stopping", in_flight=in_flight)
        self._health.ready = False
        self.service_manager.stopping(in_flight)
        await self._reloader.stop()
        with anyio.move_on_after(OUTBOX_GRACE_SECS):
            await self._outbox.wait_idle()

    async def _start(
        self, services: TaskGroup, sending: TaskGroup, generations: TaskGroup
    ) -> str:
        """Build all that can fail, then start from the state store outwards."""
        host, _, port = self._loaded.config.telemetry.listen.rpartition(":")
        web = WebServer(
            host=host.strip("[]"),
            port=int(port),
            registry=self._telemetry.registry,
            health=self._health,
            reporter=self._status,
            silences=self._silences,
        )
        url: str = await services.start(web.run, name="web")
        first = await self._reloader.build(generations, self._loaded)
        await services.start(
            self._accounting.run, first.planner, self._outbox, name="accounting"
        )
        # Senders before entries: an entry without a sender is a dead letter.
        self._outbox.replace_senders(first.senders)
        self._outbox.add(await self._store.outbox())
        await sending.start(self._outbox.run, name="outbox")
        services.start_soon(self._prune, name="prune state")
        services.start_soon(
            self._lag_watch.run, self._accounting.observe, name="lag watch"
        )
        await self._reloader.put_in_force(generations, first)
        await sending.start(
            self._publisher.run, self._accounting.commit, name="publisher"
        )
        return url

    async def _reload(self, intents: Intents, generations: TaskGroup) -> None:
        async for _ in intents.reloads():
            self.service_manager.reloading(self._clock)
            await self._reloader.reload(generations)
            self.service_manager.ready()

    async def _prune(self) -> None:
        while True:
            await settle_left_behind(self._shared)
            forgotten = await self._store.prune(self._clock.now() - MARKS_KEPT_SECS)
            _log.debug("state pruned", forgotten=forgotten)
            await self._clock.sleep(PRUNE_EVERY_SECS)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
