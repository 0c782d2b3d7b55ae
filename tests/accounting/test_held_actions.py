"""relay.accounting.accountant: what mute rules and suppressors hold back, durably."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from relay.accounting.accountant import Accounting
from relay.accounting.counting import Counting
from relay.alarms.engine import AlarmEngine
from relay.config.notify_section import Notify
from relay.config.rules import AlarmDefinition, AnyAlarm, MuteRule
from relay.model import Evaluation, Evidence, Feed, Match
from relay.notify.plan import Planner
from relay.state.store import Commit, ObjectMark, Store
from relay.telemetry import Telemetry
from tests.accounting.test_accountant import Box
from tests.alarms.alarm_values import NOON, definition
from tests.alarms.composite_values import composite, muted, suppressed_by
from tests.support.clock import FakeClock
from tests.support.watched_store import watched_store

HOUR = 3_600
A, S = definition("a"), definition("s")
STAYS = definition("a", period_secs=86_400)
WINDOW = muted(NOON + 60, NOON + HOUR, "a")


class Desk:
    """An accounting with its surroundings, all by one configuration."""

    def __init__(
        self,
        store: Store,
        clock: FakeClock,
        alarms: Sequence[AnyAlarm],
        mute_rules: Sequence[MuteRule],
    ) -> None:
        self.clock = clock
        self.box = Box()
        self.planner = planner(alarms, mute_rules)
        self.accounting = Accounting(
            store=store,
            engine=AlarmEngine(alarms, now=clock.now(), mute_rules=mute_rules),
            telemetry=Telemetry(),
            clock=clock,
        )

    async def hit(self, alarm: AlarmDefinition, event_id: str) -> None:
        """Count a record that puts ``alarm`` into ALARM."""
        match = Match(
            filter=alarm.name,
            event_id=event_id,
            time=self.clock.now(),
            value=1.0,
            feeds=(Feed(alarm=alarm.key, group=()),),
            evidence=Evidence(event_id=event_id),
        )
        mark = ObjectMark(
            bucket="b",
            key=event_id,
            etag="e",
            relayed=False,
            records=1,
            account="111122223333",
            region="eu-west-1",
        )
        await self.accounting.count(
            Counting(
                mark=mark,
                evaluation=Evaluation(matches=(match,)),
                received_at=self.clock.now(),
            )
        )

    async def pass_time(self, secs: float) -> None:
        """Advance the clock once everybody has seen what time it was before."""
        await anyio.wait_all_tasks_blocked()
        self.clock.advance(secs)
        # So that what is due now has been accounted for.
        await self.accounting.commit(Commit(at=self.clock.now()))


def planner(alarms: Sequence[AnyAlarm], mute_rules: Sequence[MuteRule]) -> Planner:
    """Return a planner that tells everything, and reminds every two hours."""
    targets = [{"queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}]
    return Planner(
        Notify.model_validate(
            {
                "receivers": [{"name": "all", "sqs": targets}],
                "route": {"receiver": "all", "repeat_interval": "2h"},
            }
        ),
        alarms,
        mute_rules=mute_rules,
        account="111122223333",
        region="eu-west-1",
        configured_at=NOON,
    )


@asynccontextmanager
async def at_work(
    store: Store,
    clock: FakeClock,
    *alarms: AnyAlarm,
    mute_rules: Sequence[MuteRule] = (),
) -> AsyncIterator[Desk]:
    """Run an accounting for the length of the block."""
    desk = Desk(store, clock, alarms, mute_rules)
    async with anyio.create_task_group() as tg:
        await tg.start(desk.accounting.run, desk.planner, desk.box)
        yield desk
        tg.cancel_scope.cancel()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the state is."""
    return tmp_path / "state.db"


async def test_a_muted_alarm_is_told_at_the_windows_end(path: Path) -> None:
    """By the timer, also after a restart; the notification says that it is late."""
    clock = FakeClock(now=NOON)
    async with watched_store(path) as store:
        async with at_work(store, clock, STAYS, mute_rules=[WINDOW]) as desk:
            await desk.pass_time(120)
            await desk.hit(STAYS, "1")
            within = list(desk.box.told)
            view = next(iter(desk.accounting.alarms()))
        clock.advance(60)
        async with at_work(store, clock, STAYS, mute_rules=[WINDOW]) as desk:
            await desk.pass_time(60)
            still = list(desk.box.told)
            await desk.pass_time(HOUR)
            await desk.box.until(1)
            stored = await store.outbox()

    assert (within, still) == ([], [])
    assert view.held_by == "MuteRule"
    assert desk.box.told == [("a", "ALARM", False)]
    (entry,) = desk.box.entries
    assert stored == [entry]
    assert entry.notification.after_mute
    assert entry.notification.received_at is None
    assert [each.event_id for each in entry.notification.evidence] == ["1"]


async def test_reminders_count_from_when_it_was_told(path: Path) -> None:
    """Not from when it began."""
    async with (
        watched_store(path) as store,
        at_work(store, FakeClock(now=NOON), STAYS, mute_rules=[WINDOW]) as desk,
    ):
        await desk.pass_time(120)
        await desk.hit(STAYS, "1")
        await desk.pass_time(HOUR - 120)
        await desk.box.until(1)
        await desk.pass_time(2 * HOUR - 1)
        early = list(desk.box.told)
        await desk.pass_time(1)
        await desk.box.until(2)

    assert early == [("a", "ALARM", False)]
    assert desk.box.told[1:] == [("a", "ALARM", True)]


async def test_the_end_of_what_was_told_is_caught_up(path: Path) -> None:
    """Who was told of the ALARM is remembered over a restart, and told of its end."""
    clock = FakeClock(now=NOON)
    async with watched_store(path) as store:
        async with at_work(store, clock, A, mute_rules=[WINDOW]) as desk:
            await desk.hit(A, "1")
            await desk.pass_time(400)
            told = list(desk.box.told)
        async with at_work(store, clock, A, mute_rules=[WINDOW]) as desk:
            await desk.pass_time(HOUR)
            await desk.box.until(1)

    assert told == [("a", "ALARM", False)]
    assert desk.box.told == [("a", "OK", False)]


async def test_nobody_hears_of_the_end_of_what_was_not_told(path: Path) -> None:
    """It came and went within the window."""
    async with (
        watched_store(path) as store,
        at_work(store, FakeClock(now=NOON), A, mute_rules=[WINDOW]) as desk,
    ):
        await desk.pass_time(120)
        await desk.hit(A, "1")
        await desk.pass_time(HOUR - 60)
        await desk.pass_time(HOUR)

    assert desk.box.told == []


async def test_reminders_wait_for_the_windows_end(path: Path) -> None:
    """One that falls due within it comes then."""
    later = muted(NOON + HOUR, NOON + 3 * HOUR, "a")
    async with (
        watched_store(path) as store,
        at_work(store, FakeClock(now=NOON), STAYS, mute_rules=[later]) as desk,
    ):
        await desk.hit(STAYS, "1")
        await desk.pass_time(2.5 * HOUR)
        within = list(desk.box.told)
        await desk.pass_time(HOUR / 2)
        await desk.box.until(2)

    assert within == [("a", "ALARM", False)]
    assert desk.box.told[1:] == [("a", "ALARM", True)]


async def test_a_reload_may_end_a_window(path: Path) -> None:
    """Without the rule, what waited is told with that very commit."""
    async with (
        watched_store(path) as store,
        at_work(store, FakeClock(now=NOON), A, mute_rules=[WINDOW]) as desk,
    ):
        await desk.pass_time(120)
        await desk.hit(A, "1")
        await desk.accounting.replace([A], planner([A], []))

    assert desk.box.told == [("a", "ALARM", False)]


QUIET = composite("quiet", "ALARM(a)", suppressed_by("s", 60, 90))


async def test_a_suppressed_alarm_is_told_when_nothing_suppresses_it(
    path: Path,
) -> None:
    """Its children are told at once; it waits, over a restart too."""
    clock = FakeClock(now=NOON)
    alarms = (STAYS, S, QUIET)
    async with watched_store(path) as store:
        async with at_work(store, clock, *alarms) as desk:
            await desk.pass_time(61)
            await desk.hit(STAYS, "1")
            before = list(desk.box.told)
        async with at_work(store, clock, *alarms) as desk:
            await desk.pass_time(60)
            await desk.box.until(1)

    assert before == [("a", "ALARM", False)]
    assert desk.box.told == [("quiet", "ALARM", False)]
    composite_trigger = desk.box.entries[0].notification.composite
    assert composite_trigger is not None
    assert composite_trigger.rule == "ALARM(a)"
    assert [child.alarm for child in composite_trigger.children] == ["a"]


async def test_reminders_go_on_behind_a_suppression(path: Path) -> None:
    """None in between, though one fell due; and nobody is told as if it were new."""
    alarms = (STAYS, S, QUIET)
    async with (
        watched_store(path) as store,
        at_work(store, FakeClock(now=NOON), *alarms) as desk,
    ):
        await desk.pass_time(61)
        await desk.hit(STAYS, "1")
        await desk.pass_time(60)
        first = [each for each in desk.box.told if each[0] == "quiet"]
        await desk.pass_time(2 * HOUR - 10)
        await desk.hit(S, "2")
        await desk.pass_time(60)
        await desk.pass_time(240)
        suppressed = [each for each in desk.box.told if each[0] == "quiet"]
        await desk.pass_time(90)
        await anyio.wait_all_tasks_blocked()

    assert first == suppressed == [("quiet", "ALARM", False)]
    told = [each for each in desk.box.told if each[0] == "quiet"]
    assert told == [("quiet", "ALARM", False), ("quiet", "ALARM", True)]
