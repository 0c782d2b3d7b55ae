"""Reload: do all that can fail, then swap.

A ``Generation`` is everything that is built from one configuration. The new one is
built whole, beside the old one that goes on working; an error on the way changes
nothing. Then the swap: alarms and routes first, in one step between two commits; then
the new source starts receiving and the old one retires, finishing what it has in flight
by its own rules. So every message is processed by one configuration, whole.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import anyio
import anyio.to_thread
from anyio.abc import TaskGroup, TaskStatus

from relay.aws.clients import open_clients
from relay.aws.secret_sources import load_with_secrets
from relay.config.schema import Config, Loaded
from relay.errors import ConfigError
from relay.failpoints import Failpoint, failpoint
from relay.logs.writer import LogWriter
from relay.model import Message
from relay.notify.content.proof import load_templates
from relay.notify.outbox import Outbox, Sender
from relay.notify.plan import Planner
from relay.notify.receivers.build import Surroundings, build_senders
from relay.notify.receivers.slack_threads import Threads
from relay.notify.targets import Address
from relay.pipeline import Pipeline, Stages
from relay.process import Shared
from relay.publish.publisher import OpenClient, Publisher
from relay.quarantine.open import open_keeper
from relay.rules.compiled import CompiledRules
from relay.self_watch.lag import LagWatch
from relay.self_watch.rules import (
    count_built_in,
    count_own,
    self_watch_alarms,
    with_self_watch,
)
from relay.source.objects import ObjectReader
from relay.source.outcome import Outcome
from relay.source.sqs import SqsSource
from relay.telemetry import configure_logging, get_log
from relay.web.health import Health
from relay.web.silences import SilenceApi
from relay.web.status_view import StatusView

_log = get_log("reload")


@dataclass(frozen=True, slots=True, kw_only=True)
class LongLived:
    """What every generation is built on."""

    shared: Shared
    outbox: Outbox
    publisher: Publisher
    lag_watch: LagWatch
    http: aiohttp.ClientSession
    threads: Threads
    health: Health
    status: StatusView
    silences: SilenceApi


class Generation:
    """One configuration at work, from ``begin`` to ``release``."""

    def __init__(  # noqa: PLR0913 - each is a part that it has
        self,
        *,
        loaded: Loaded,
        source: SqsSource,
        writer: LogWriter,
        pipeline: Pipeline,
        planner: Planner,
        senders: dict[Address, Sender],
        open_cloudwatch: OpenClient,
    ) -> None:
        self.loaded = loaded
        self.source = source
        self.planner = planner
        self.senders = senders
        self.open_cloudwatch = open_cloudwatch
        self._writer = writer
        self._pipeline = pipeline
        self._begun = anyio.Event()
        self._released = anyio.Event()
        self._active = 0
        self._idle = anyio.Event()

    async def serve(
        self,
        process: Callable[[Message], Awaitable[Outcome]],
        *,
        task_status: TaskStatus["Generation"],
    ) -> None:
        """Be ready to process; after ``begin`` receive, until ``release``.

        What is received goes to ``process``: the last long polls of a source that
        retires bring messages for the generation that is in force by then.
        """
        async with anyio.create_task_group() as tg:
            await tg.start(self._writer.run, name="log writer")
            task_status.started(self)
            await self._begun.wait()
            await self.source.run(process)
            await self._released.wait()
            # An older source may have brought messages that are processed by this one.
            while self._active:
                await self._idle.wait()
            tg.cancel_scope.cancel()

    def begin(self) -> None:
        """Start receiving."""
        self._begun.set()

    def release(self) -> None:
        """Say that nobody sends with this generation's clients any more."""
        self._released.set()

    async def process(self, message: Message) -> Outcome:
        """Process one message by this configuration."""
        self._active += 1
        try:
            return await self._pipeline.process(message)
        finally:
            self._active -= 1
            self._idle.set()
            self._idle = anyio.Event()


class Reloader:
    """Keeps one generation in force and puts the next one in its place."""

    def __init__(self, path: Path, long_lived: LongLived) -> None:
        self._path = path
        self._long = long_lived
        self._telemetry = long_lived.shared.telemetry
        self._current: Generation | None = None
        self._retiring: set[Generation] = set()

    async def build(self, tasks: TaskGroup, loaded: Loaded) -> Generation:
        """Return a generation that waits to begin; ``tasks`` is where it will work.

        Raises ConfigError when it cannot be built; nothing has changed then.
        """
        generation: Generation = await tasks.start(self._run, loaded, name="generation")
        return generation

    async def put_in_force(self, tasks: TaskGroup, new: Generation) -> None:
        """Have ``new`` take over from the generation in force, if there is one."""
        failpoint(Failpoint.BEFORE_SWAP)
        old, self._current = self._current, new
        loaded, shared = new.loaded, self._long.shared
        # Senders first: an entry that is planned for a new target must find it.
        self._long.outbox.replace_senders(new.senders)
        self._long.publisher.replace_client(new.open_cloudwatch)
        await shared.accounting.replace(
            loaded.rules.all_alarms, new.planner, mute_rules=loaded.rules.mute_rules
        )
        failpoint(Failpoint.AFTER_SWAP)
        self._long.lag_watch.alarm = self_watch_alarms(loaded).relay_late
        shared.budget.set_limit(loaded.config.source.max_in_flight.bytes)
        output = loaded.config.telemetry.log
        configure_logging(level=output.level, format=output.format)
        self._show(loaded)
        new.begin()
        self._long.health.progress = new.source
        if old is not None:
            self._retiring.add(old)
            tasks.start_soon(self._retire, old, name="retire generation")

    async def reload(self, tasks: TaskGroup) -> None:
        """Read the configuration again and put it to work, or change nothing."""
        try:
            loaded = with_self_watch(
                await load_with_secrets(self._path, clock=self._long.shared.clock)
            )
            self._refuse_fixed_options(loaded.config)
            new = await self.build(tasks, loaded)
        except ConfigError as error:
            self._telemetry.reload_successful.set(0)
            self._telemetry.reloads.labels("failure").inc()
            self._long.status.reloaded(error.problems)
            _log.error(
                "configuration not reloaded, the one in force stays",
                path=str(self._path),
                problems=error.problems,
            )
            return
        await self.put_in_force(tasks, new)
        self._telemetry.reloads.labels("success").inc()
        self._long.status.reloaded()

    async def stop(self) -> None:
        """Stop receiving and wait for what is in flight, in all generations.

        The one in force keeps its clients: there may be notifications to send.
        """
        async with anyio.create_task_group() as tg:
            for generation in (self._current, *self._retiring):
                if generation is not None:
                    tg.start_soon(generation.source.stop)

    async def _run(
        self, loaded: Loaded, *, task_status: TaskStatus[Generation]
    ) -> None:
        async with AsyncExitStack() as stack:
            generation = await self._build(stack, loaded)
            await generation.serve(self._process, task_status=task_status)

    async def _process(self, message: Message) -> Outcome:
        if self._current is None:
            raise RuntimeError("a message before any configuration is in force")
        return await self._current.process(message)

    async def _retire(self, old: Generation) -> None:
        await old.source.retire()
        old.release()
        self._retiring.discard(old)

    async def _build(self, stack: AsyncExitStack, loaded: Loaded) -> Generation:
        config, shared = loaded.config, self._long.shared
        telemetry, clock = shared.telemetry, shared.clock
        templates = await anyio.to_thread.run_sync(load_templates, loaded)
        aws = await open_clients(
            stack, config.aws, queue_url=config.source.queue_url, clock=clock
        )
        writer = LogWriter(aws.logs, config.logs, telemetry, clock)
        return Generation(
            loaded=loaded,
            source=SqsSource(
                aws.sqs,
                config.source,
                telemetry=telemetry,
                clock=clock,
                seen=shared.caught_up,
            ),
            writer=writer,
            pipeline=Pipeline(
                Stages(
                    reader=ObjectReader(
                        aws.s3,
                        config.source,
                        telemetry=telemetry,
                        clock=clock,
                    ),
                    rules=CompiledRules(loaded.rules, loaded.log_matches),
                    writer=writer,
                    quarantine=await open_keeper(config, aws, clock),
                    self_watch=self_watch_alarms(loaded),
                ),
                logs=config.logs,
                limits=config.source.limits,
                shared=shared,
                max_age_secs=config.source.max_age,
            ),
            planner=Planner(
                config.notify,
                loaded.rules.all_alarms,
                mute_rules=loaded.rules.mute_rules,
                account=aws.account,
                region=aws.region,
                configured_at=clock.now(),
            ),
            senders=build_senders(
                config.notify.receivers,
                Surroundings(
                    aws=aws,
                    http=self._long.http,
                    telemetry=telemetry,
                    clock=clock,
                    templates=templates,
                    threads=self._long.threads,
                ),
            ),
            open_cloudwatch=partial(
                aws.client_for, "cloudwatch", config.aws.cloudwatch.region or aws.region
            ),
        )

    def _refuse_fixed_options(self, new: Config) -> None:
        """Refuse what a running process cannot change; half a reload is none."""
        if self._current is None:
            return
        old = self._current.loaded.config
        fixed = {
            "state.url": (old.state.url, new.state.url),
            "telemetry.listen": (old.telemetry.listen, new.telemetry.listen),
        }
        problems = [
            f"{self._path}: {option}: changed from {before} to {after};"
            " that needs a restart"
            for option, (before, after) in fixed.items()
            if before != after
        ]
        if problems:
            raise ConfigError(problems)

    def _show(self, loaded: Loaded) -> None:
        for each in loaded.rules.filters:
            self._telemetry.filter_matches.labels(each.name)
        self._telemetry.reload_successful.set(1)
        self._telemetry.reload_timestamp.set(self._long.shared.clock.now())
        self._long.status.in_force(self._path, loaded)
        self._long.silences.token = loaded.config.telemetry.token
        for warning in loaded.warnings:
            _log.warning("configuration", warning=warning)
        _log.info(
            "configuration in force",
            path=str(self._path),
            metric_filters=count_own(loaded.rules.filters),
            alarms=count_own(loaded.rules.all_alarms),
            self_watch_rules=count_built_in(loaded.rules.alarms),
            receivers=len(loaded.config.notify.receivers),
        )
