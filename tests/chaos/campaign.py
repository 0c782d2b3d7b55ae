"""One campaign from beginning to end: feed, break, let it recover, look, judge."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import anyio

from relay.clock import Clock
from tests.chaos import clock_jumps
from tests.chaos.books import read_books
from tests.chaos.cloud import stored
from tests.chaos.faults import WIRE_FAULTS, Fault
from tests.chaos.injectors import INJECTORS, Injector, at_failpoint
from tests.chaos.material import Expected, Trail
from tests.chaos.schedule import Campaign, process_faults
from tests.chaos.stage import Stage, set_stage
from tests.chaos.verdict import Found, Heard, Verdict, judge

_LOOK_SECS = 0.05
_LISTEN_SECS = 0.5
_RECOVERY_SECS = 180.0
"""From the last fault to an empty queue: it holds what waits for half a minute."""
_WITH_CLOCK = (Fault.CLOCK_JUMP, Fault.MIXED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table."""

    campaign: Campaign
    injected: int
    verdict: Verdict | None
    """None when the campaign was skipped, for ``skipped``."""
    secs: float = 0.0
    skipped: str = ""
    log: tuple[str, ...] = ()
    """The end of the last life's log."""


@dataclass(slots=True, kw_only=True)
class _Load:
    """What keeps the daemon busy."""

    stage: Stage
    campaign: Campaign
    records: int = 0
    is_over: bool = False

    async def run(self) -> None:
        """Put in messages, as the queue drains, until it is over."""
        while not self.is_over:
            if await self.stage.cloud.depth() >= self.campaign.max_queued:
                await anyio.sleep(_LOOK_SECS)  # another process, only asked
                continue
            self.records += await self.stage.cloud.feed(
                self.stage.trail, self.campaign.seed
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a campaign has led to, before anybody judges."""

    expected: Expected
    found: Found
    injected: int
    log: tuple[str, ...]


async def play(
    campaign: Campaign, *, moto_url: str, folder: Path, clock: Clock
) -> Line:
    """Perform a campaign in ``folder``, which is empty, and judge it."""
    if campaign.fault is Fault.CLOCK_JUMP and clock_jumps.library() is None:
        return Line(
            campaign=campaign, injected=0, verdict=None, skipped=clock_jumps.MISSING
        )
    started = clock.monotonic()
    outcome = await perform(campaign, moto_url=moto_url, folder=folder, clock=clock)
    return Line(
        campaign=campaign,
        injected=outcome.injected,
        verdict=judge(outcome.expected, outcome.found),
        secs=clock.monotonic() - started,
        log=outcome.log,
    )


async def perform(
    campaign: Campaign, *, moto_url: str, folder: Path, clock: Clock
) -> Outcome:
    """Perform a campaign in ``folder``, which is empty."""
    trail = Trail((campaign.seed, campaign.name), now=clock.now())
    async with set_stage(
        moto_url=moto_url, folder=folder, trail=trail, seed=campaign.seed
    ) as (stage, http, logs_url):
        if campaign.fault in _WITH_CLOCK:
            stage.environment |= clock_jumps.environment(folder)
        heard: list[Heard] = []
        async with _listening(stage, heard):
            injected = await _break(stage, campaign)
            metrics = await _recover(stage, http, clock)
            left = await stage.cloud.depth()
            await stage.stop()
        found = Found(
            stored=await stored(http, logs_url),
            books=read_books(stage.state),
            heard=heard,
            receivers=frozenset(stage.cloud.addresses.listeners),
            left_in_queue=left,
            metrics=metrics,
            unsettled_at_ends=stage.unsettled,
            surprises=stage.surprises,
        )
        return Outcome(
            expected=trail.expected,
            found=found,
            injected=injected,
            log=tuple(stage.life.log),
        )


async def _break(stage: Stage, campaign: Campaign) -> int:
    """Inject until it was often enough, under load all the time; return how often."""
    load = _Load(stage=stage, campaign=campaign)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(load.run, name="load")
        await stage.begin_ready()
        stage.proxy.inject(campaign.rules)
        if campaign.fault in WIRE_FAULTS:
            await _until(
                stage, lambda: stage.proxy.fired[campaign.fault] >= campaign.times
            )
            injected = stage.proxy.fired[campaign.fault]
        else:
            injected = await _break_process(stage, campaign)
        await _until(stage, lambda: load.records >= campaign.records)
        load.is_over = True
    if campaign.fault is Fault.MIXED:
        injected += stage.proxy.fired.total()
    return max(injected, stage.proxy.fired[campaign.fault])


async def _break_process(stage: Stage, campaign: Campaign) -> int:
    random, injected = campaign.random, 0
    faults = process_faults(campaign)
    for _ in range(campaign.times):
        fault = next(faults)
        inject: Injector = (
            INJECTORS[fault] if campaign.point is None else at_failpoint(campaign.point)
        )
        injected += await inject(stage, random)
    return injected


async def _until(stage: Stage, is_reached: Callable[[], bool]) -> None:
    """Wait while the daemon works; it must not end."""
    while not is_reached():
        await _be_alive(stage)
        await anyio.sleep(_LOOK_SECS)  # another process, only asked


async def _be_alive(stage: Stage) -> None:
    if stage.life.status is not None:
        await stage.over(0)  # nobody has asked it to end: a surprise
        await stage.begin_ready()


async def _recover(
    stage: Stage, http: aiohttp.ClientSession, clock: Clock
) -> dict[str, float]:
    """Let all that was put in be finished; return the ledger in the metrics."""
    stage.proxy.inject([])
    until = clock.monotonic() + _RECOVERY_SECS
    while clock.monotonic() < until:
        await _be_alive(stage)
        if await stage.life.is_ready():
            try:
                samples = await stage.life.samples(http)
            except aiohttp.ClientError:
                continue
            at_rest = not (
                samples["relay_messages_in_flight", ("", "")]
                or samples["relay_outbox_pending", ("", "")]
                or await stage.cloud.depth()
            )
            if at_rest:
                return {
                    "received": _sum(samples, "relay_records_received_total"),
                    "settled": _sum(samples, "relay_records_total"),
                }
        await anyio.sleep(_LOOK_SECS)  # another process, only asked
    stage.surprise(f"not at rest after {_RECOVERY_SECS:.0f} s")
    return {}


def _sum(samples: object, name: str) -> float:
    assert isinstance(samples, dict)
    return float(sum(value for (each, _), value in samples.items() if each == name))


@asynccontextmanager
async def _listening(stage: Stage, heard: list[Heard]) -> AsyncIterator[None]:
    """Take notifications all the time, and once more at the end."""
    over = anyio.Event()

    async def run() -> None:
        # Never cancelled: what was taken and not yet written down would be lost.
        while not over.is_set():
            await stage.cloud.listen(heard)
            with anyio.move_on_after(_LISTEN_SECS):
                await over.wait()
        await stage.cloud.listen(heard)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run, name="listen")
        try:
            yield
        finally:
            over.set()
