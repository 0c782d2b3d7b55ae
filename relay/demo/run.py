"""The story, told once in order: build the AWS side, start relay, play, look, judge."""

import secrets
import signal
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import anyio
from rich.console import Console

from relay.clock import Clock
from relay.demo.cloud import Cloud, open_cloud
from relay.demo.delivery import deliver
from relay.demo.emulator import running_emulator
from relay.demo.errors import DemoError
from relay.demo.findings import Findings, missing_notifications
from relay.demo.inbox import Inbox
from relay.demo.ledger import Metrics, fetch
from relay.demo.mail import mail_receiver
from relay.demo.process import stop, tail
from relay.demo.provision import Provisioned, provision
from relay.demo.queue import read_alarm_queue
from relay.demo.readback import count_messages, read_event_ids
from relay.demo.relay_process import (
    Receivers,
    RelayProcess,
    running_relay,
    write_config,
)
from relay.demo.report import print_report
from relay.demo.scenario import Scenario, build
from relay.demo.screen import PlainScreen, Screen, open_screen
from relay.demo.webhook import webhook_receiver

EXIT_OK, EXIT_FAILED, EXIT_INTERRUPTED = 0, 1, 130

_SETTLE_TIMEOUT_SECS = 30.0
_POLL_SECS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the demo is played; ``pace_secs`` is the pause between two deliveries."""

    seed: int
    keep: bool = False
    pace_secs: float = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """Everything that stands when the play begins."""

    cloud: Cloud
    place: Provisioned
    inbox: Inbox
    relay: RelayProcess
    scenario: Scenario


async def run_demo(
    console: Console, options: Options, *, environment: Mapping[str, str], clock: Clock
) -> int:
    """Play the demo; return 0 when relay lost nothing and told everybody, else 1.

    SIGINT and SIGTERM end it early, or end the waiting of ``keep``; whatever was
    started is stopped in any case.
    """
    demo = _Demo(console, options, clock)
    async with anyio.create_task_group() as tg:
        tg.start_soon(_cancel_on_signal, tg.cancel_scope, name="signals")
        try:
            await demo.play(environment)
        except DemoError as error:
            console.print(f"demo: {error}", markup=False, soft_wrap=True)
            demo.exit_code = EXIT_FAILED
        tg.cancel_scope.cancel()
    return demo.exit_code


async def _cancel_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()
            return


class _Demo:
    """One performance; ``exit_code`` says "interrupted" until the verdict is there."""

    def __init__(self, console: Console, options: Options, clock: Clock) -> None:
        self._console = console
        self._options = options
        self._clock = clock
        self.exit_code = EXIT_INTERRUPTED

    async def play(self, environment: Mapping[str, str]) -> None:
        """Tell the whole story."""
        async with AsyncExitStack() as stack:
            with open_screen(self._console, self._clock.monotonic) as screen:
                stage = await self._build(stack, screen, environment)
                findings = await self._perform(stage, screen)
            is_good = print_report(
                self._console, findings, metrics_url=stage.relay.metrics_url
            )
            self.exit_code = EXIT_OK if is_good else EXIT_FAILED
            if not is_good:
                self._console.print("relay's log ends with:", markup=False)
                self._console.print(
                    tail(stage.relay.output), markup=False, soft_wrap=True
                )
            if self._options.keep:
                await self._keep(stage)

    async def _build(
        self, stack: AsyncExitStack, screen: Screen, environment: Mapping[str, str]
    ) -> _Stage:
        """Start everything in order; ``stack`` stops it in reverse."""
        clock, inbox = self._clock, Inbox()
        inbox.show_on(screen.notified)
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="relay-demo-")))
        screen.phase("starting the emulator")
        endpoint_url = await stack.enter_async_context(
            running_emulator(environment=environment, directory=directory, clock=clock)
        )
        screen.phase("building bucket, topics, queues, log group and trail")
        cloud = await open_cloud(stack, endpoint_url)
        place = await provision(cloud)
        secret = secrets.token_hex(32)
        webhook_url = await stack.enter_async_context(
            webhook_receiver(inbox, secret=secret, clock=clock)
        )
        receivers = Receivers(
            webhook_url=webhook_url,
            webhook_secret=secret,
            smtp_port=await stack.enter_async_context(
                mail_receiver(inbox, clock=clock)
            ),
        )
        screen.phase("starting relay")
        config, port = write_config(
            directory, endpoint_url=endpoint_url, place=place, receivers=receivers
        )
        child = await stack.enter_async_context(
            running_relay(config, port, environment=environment, clock=clock)
        )
        scenario = build(seed=self._options.seed, now=clock.now())
        return _Stage(
            cloud=cloud, place=place, inbox=inbox, relay=child, scenario=scenario
        )

    async def _perform(self, stage: _Stage, screen: Screen) -> Findings:
        """Deliver everything, wait for what must follow, stop relay, look."""
        async with anyio.create_task_group() as tg:
            tg.start_soon(self._read_alarm_queue, stage, name="alarm queue")
            screen.phase("playing")
            announced = 1  # the validation message of the new trail
            for step in stage.scenario.steps:
                announced += await deliver(stage.cloud, stage.place, step)
                screen.delivered(step)
                await self._clock.sleep(self._options.pace_secs)
            screen.phase("waiting until relay has finished")
            metrics, has_settled = await self._settle(stage, announced)
            tg.cancel_scope.cancel()
        screen.phase("reading back")
        exit_code = None if self._options.keep else await stop(stage.relay.process)
        found = await read_event_ids(stage.cloud, stage.place.log_group)
        dead = await count_messages(stage.cloud, stage.place.dead_letter_queue_url)
        return Findings(
            scenario=stage.scenario,
            metrics=metrics,
            found=found,
            received=tuple(stage.inbox.received),
            refused=tuple(stage.inbox.refused),
            dead_letters=dead,
            has_settled=has_settled,
            exit_code=exit_code,
        )

    async def _settle(self, stage: _Stage, announced: int) -> tuple[Metrics, bool]:
        """Wait until every message is done and every notification came, or too long."""
        async with aiohttp.ClientSession() as session:
            with anyio.move_on_after(_SETTLE_TIMEOUT_SECS):
                await stage.inbox.wait_until(
                    lambda inbox: (
                        not missing_notifications(stage.scenario, inbox.received)
                    )
                )
                while True:
                    metrics = await fetch(session, stage.relay.metrics_url)
                    if _is_idle(metrics, announced):
                        return metrics, True
                    await self._clock.sleep(_POLL_SECS)
            return await fetch(session, stage.relay.metrics_url), False

    async def _keep(self, stage: _Stage) -> None:
        """Stay up, and go on telling what comes, until a signal ends it."""
        stage.inbox.show_on(PlainScreen(self._console, self._clock.monotonic).notified)
        self._console.print(
            f"[bold]relay[/] is still running: {stage.relay.metrics_url} "
            f"(log: {stage.relay.output}); Ctrl-C ends it",
            soft_wrap=True,
        )
        await self._read_alarm_queue(stage)

    async def _read_alarm_queue(self, stage: _Stage) -> None:
        await read_alarm_queue(
            stage.cloud, stage.place.alarm_queue_url, stage.inbox, clock=self._clock
        )


def _is_idle(metrics: Metrics, announced: int) -> bool:
    return (
        metrics.messages_deleted >= announced
        and metrics.messages_in_flight == 0
        and metrics.outbox_pending == 0
    )
