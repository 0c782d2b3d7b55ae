"""relay.accounting.accountant: counted once, durable first, told afterwards."""

import math
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import msgspec
import pytest
from anyio.lowlevel import checkpoint
from structlog.testing import capture_logs

from relay.accounting.accountant import Accounting
from relay.accounting.counting import Counting
from relay.alarms.engine import AlarmEngine
from relay.config.conditions import NewValue
from relay.config.notify_section import Notify
from relay.config.rules import AlarmDefinition, Comparison, MissingData
from relay.errors import StateError
from relay.model import (
    AlarmState,
    Evaluation,
    Evidence,
    Feed,
    Group,
    Match,
    MetricPoint,
    OutboxEntry,
    SavedAlarm,
    Silence,
)
from relay.notify.plan import Planner
from relay.patterns import parse_selector
from relay.state.store import (
    Commit,
    LedgerKey,
    Notified,
    ObjectMark,
    Statement,
    Store,
)
from relay.telemetry import Telemetry
from tests.alarms.alarm_values import BY_USER, NOON, Members, definition
from tests.support.clock import FakeClock
from tests.support.watched_store import WatchedStore, watched_store

HOUR, DAY = 3_600, 86_400
LINE = LedgerKey(account="111122223333", region="eu-west-1", outcome="relayed")
MUTED = {"routes": [{"mute_time_intervals": ["lunch"]}]}
STAYS = Members(period_secs=DAY)
"""An alarm that stays in ALARM for as long as any test goes on."""


def planner(
    *definitions: AlarmDefinition, receiver: str = "all", mute_until: str = ""
) -> Planner:
    """Return a planner that tells ``receiver``, and reminds it every hour.

    It is mute from noon to ``mute_until``, if that is given.
    """
    targets = [{"queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}]
    times = [{"start_time": "12:00", "end_time": mute_until}]
    intervals = [{"name": "lunch", "time_intervals": [{"times": times}]}]
    return Planner(
        Notify.model_validate(
            {
                "receivers": [{"name": receiver, "sqs": targets}],
                "route": {"receiver": receiver, "repeat_interval": "1h"}
                | (MUTED if mute_until else {}),
                "time_intervals": intervals if mute_until else [],
            }
        ),
        definitions,
        account="111122223333",
        region="eu-west-1",
        configured_at=NOON - DAY,
    )


def counting(
    alarm: AlarmDefinition,
    *event_ids: str | None,
    object_key: str = "k",
    group: Group = (),
) -> Counting:
    """Return an object whose records match the filter that feeds ``alarm``."""
    matches = tuple(
        Match(
            filter="f",
            event_id=event_id,
            time=NOON,
            value=1.0,
            feeds=(Feed(alarm=alarm.key, group=group),),
            evidence=Evidence(event_id=event_id),
        )
        for event_id in event_ids
    )
    mark = ObjectMark(
        bucket="b",
        key=object_key,
        etag="e",
        relayed=False,
        records=len(event_ids),
        account=LINE.account,
        region=LINE.region,
    )
    return Counting(
        mark=mark, evaluation=Evaluation(matches=matches), received_at=NOON - 1.0
    )


class Box:
    """An outbox that keeps what it is given; a test can wait for it."""

    def __init__(self) -> None:
        self.entries: list[OutboxEntry] = []
        self._changed = anyio.Event()

    def add(self, entries: Iterable[OutboxEntry]) -> None:
        """Keep ``entries``."""
        self.entries += entries
        self._changed.set()
        self._changed = anyio.Event()

    async def until(self, entries: int) -> None:
        """Wait until so many have come."""
        with anyio.fail_after(5):
            while len(self.entries) < entries:
                await self._changed.wait()

    @property
    def told(self) -> list[tuple[str, str, bool]]:
        """The alarms and states that are told, and whether that is a reminder."""
        return [
            (each.notification.alarm, each.notification.state, each.notification.repeat)
            for each in self.entries
        ]


class Desk:
    """An accounting with its surroundings."""

    def __init__(
        self, store: Store, clock: FakeClock, alarms: Sequence[AlarmDefinition]
    ) -> None:
        self.clock = clock
        self.box = Box()
        self.telemetry = Telemetry()
        self.seen: float = math.inf
        self.points_told = 0
        self.accounting = Accounting(
            store=store,
            engine=AlarmEngine(alarms, now=clock.now()),
            telemetry=self.telemetry,
            clock=clock,
            sight=self,
            on_points=self._note_points,
        )

    def _note_points(self) -> None:
        self.points_told += 1

    def seen_until(self) -> float:
        """Return what the test says."""
        return self.seen

    def will_see(self, at: float) -> float | None:
        """Nobody knows; the test says it."""

    async def pass_time(self, secs: float) -> None:
        """Advance the clock once everybody has seen what time it was before."""
        await anyio.wait_all_tasks_blocked()
        self.clock.advance(secs)

    def metric(self, name: str, **labels: str) -> float | None:
        """Return one sample."""
        return self.telemetry.registry.get_sample_value(name, labels)


@asynccontextmanager
async def at_work(
    store: Store,
    *alarms: AlarmDefinition,
    clock: FakeClock | None = None,
    first: Planner | None = None,
) -> AsyncIterator[Desk]:
    """Run an accounting of ``alarms`` for the length of the block."""
    desk = Desk(store, clock or FakeClock(now=NOON), alarms)
    async with anyio.create_task_group() as tg:
        await tg.start(desk.accounting.run, first or planner(*alarms), desk.box)
        yield desk
        tg.cancel_scope.cancel()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the state is."""
    return tmp_path / "state.db"


# --- counting -------------------------------------------------------------------------


async def test_counted_object_is_durable_as_a_whole(path: Path) -> None:
    """Mark, event id, alarm, notification, who was told, ledger: all in the store."""
    alarm = definition()
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await desk.accounting.count(counting(alarm, "id-1", None))
        marks = await desk.accounting.marks("b", "k")
        known = await store.counted([("f", "id-1")])
        (saved,) = await store.alarms()
        stored = await store.outbox()
        told = await store.notified()
        ledger = await store.ledger()

    assert [(mark.etag, mark.relayed) for mark in marks] == [("e", False)]
    assert known == {("f", "id-1")}
    assert saved.alarm == alarm.key
    assert stored == desk.box.entries
    assert desk.box.told == [("failures", "ALARM", False)]
    assert told == [Notified(alarm="failures", group=(), receiver="all", at=NOON)]
    assert [(line.outcome, n) for line, n in ledger.items()] == [("received", 2)]


async def test_unknown_object_has_no_marks(path: Path) -> None:
    """It has not been here."""
    async with watched_store(path) as store, at_work(store) as desk:
        marks = await desk.accounting.marks("b", "k")

    assert list(marks) == []


async def test_metrics_show_what_is_durable(path: Path) -> None:
    """Matches, repeats, transitions, alarms by state, the delay and the commit."""
    alarm = definition(threshold=2)
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await desk.accounting.count(counting(alarm, "id-1", "id-2", "id-1"))
        metric = desk.metric

    assert metric("relay_filter_matches_total", filter="f") == 2
    assert metric("relay_filter_repeats_total") == 1
    assert metric("relay_alarm_transitions_total", state="ALARM") == 1
    assert metric("relay_alarms", state="ALARM") == 1
    assert metric("relay_alarms", state="OK") == 0
    assert metric("relay_delay_seconds_sum", stage="received_to_decided") == 1.0
    assert metric("relay_state_commit_seconds_count") == len(store.commits)


async def test_event_of_an_earlier_object_is_not_counted_again(path: Path) -> None:
    """Whatever path it came by: an event id counts once per filter, for good."""
    alarm = definition(threshold=2)
    async with watched_store(path) as store:
        async with at_work(store, alarm) as desk:
            await desk.accounting.count(counting(alarm, "id-1"))
        async with at_work(store, alarm) as desk:
            await desk.accounting.count(counting(alarm, "id-1", object_key="other"))
            repeats = desk.metric("relay_filter_repeats_total")
            in_alarm = desk.metric("relay_alarms", state="ALARM")

    assert (repeats, in_alarm) == (1, 0)


async def test_event_of_another_object_is_repeated(path: Path) -> None:
    """All its records are counted apart, not only those that a filter matches."""
    repeated = replace(LINE, outcome="repeated")
    async with watched_store(path) as store, at_work(store) as desk:
        for name, ids in (("a", ["1", "2"]), ("b", ["2", "3"]), ("c", ["4"])):
            await desk.accounting.count(
                replace(counting(definition(), object_key=name), event_ids=ids)
            )
        ledger = await store.ledger()
        shown = desk.metric(
            "relay_records_repeated_total", account=LINE.account, region=LINE.region
        )

    assert (ledger[repeated], shown) == (1, 1)


async def test_object_counted_again_after_a_crash_is_no_repeat(path: Path) -> None:
    """The commit that would have counted it was never durable; nor is what it knew."""
    object_ = replace(counting(definition(), object_key="a"), event_ids=["1", "2"])
    async with watched_store(path) as store:
        with pytest.raises(ExceptionGroup):
            async with at_work(store) as desk:
                store.is_broken = True
                await desk.accounting.count(object_)
        store.is_broken = False
        async with at_work(store) as desk:
            await desk.accounting.count(object_)
        outcomes = [line.outcome for line in await store.ledger()]

    assert outcomes == ["received"]


async def test_state_can_be_looked_at(path: Path) -> None:
    """The statement, what was left behind, and the alarms: for whoever shows them."""
    alarm = definition()
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await desk.accounting.count(counting(alarm, "id-1"))
        statement = await desk.accounting.statement()
        left = await desk.accounting.left_behind(NOON + 1)
        states = [
            (view.definition.name, view.state) for view in desk.accounting.alarms()
        ]

    assert statement.in_flight == {(LINE.account, LINE.region): 1}
    assert [mark.key for mark in left] == ["k"]
    assert states == [("failures", AlarmState.ALARM)]


async def test_what_comes_during_a_commit_shares_the_next(path: Path) -> None:
    """Five objects and a commit of others in one transaction; each caller hears."""
    alarm = definition(threshold=5)
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await desk.accounting.commit(Commit(at=NOON))
        before = len(store.commits)
        store.close_gate()
        async with anyio.create_task_group() as tg:
            tg.start_soon(desk.accounting.commit, Commit(at=NOON, ledger={LINE: 1}))
            await store.until_held_up()
            for number in range(5):
                object_ = counting(alarm, f"id-{number}", object_key=f"k{number}")
                tg.start_soon(desk.accounting.count, object_)
            tg.start_soon(desk.accounting.commit, Commit(at=NOON, ledger={LINE: 2}))
            await anyio.wait_all_tasks_blocked()
            store.open_gate()
        ledger = await store.ledger()

    assert len(store.commits) - before == 2
    assert len(store.commits[-1].objects) == 5
    assert ledger[LINE] == 3
    assert desk.box.told == [("failures", "ALARM", False)]


async def test_nobody_hears_before_it_is_durable(path: Path) -> None:
    """While the commit is held up, neither the caller nor the outbox goes on."""
    alarm = definition()
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await desk.accounting.commit(Commit(at=NOON))
        store.close_gate()
        is_counted = anyio.Event()

        async def count() -> None:
            await desk.accounting.count(counting(alarm, "id-1"))
            is_counted.set()

        async with anyio.create_task_group() as tg:
            tg.start_soon(count)
            await store.until_held_up()
            await anyio.wait_all_tasks_blocked()
            early = is_counted.is_set() or bool(desk.box.entries)
            store.open_gate()

    assert not early
    assert len(desk.box.entries) == 1


async def test_commit_once_begun_is_seen_to_its_end(path: Path) -> None:
    """A stop in the middle waits for it: the engine has moved on already."""
    alarm = definition()
    async with watched_store(path) as store:
        desk = Desk(store, FakeClock(now=NOON), [alarm])
        async with anyio.create_task_group() as tg:
            await tg.start(desk.accounting.run, planner(alarm), desk.box)
            await desk.accounting.commit(Commit(at=NOON))
            store.close_gate()
            tg.start_soon(desk.accounting.count, counting(alarm, "id-1"))
            await store.until_held_up()
            tg.cancel_scope.cancel()
            store.open_gate()
        marks = await store.marks([("b", "k")])

    assert ("b", "k") in marks


async def test_failed_commit_ends_it_and_tells_nobody(path: Path) -> None:
    """StateError comes out; no notification of what is not durable goes on."""
    alarm = definition()
    async with watched_store(path) as store:
        with pytest.raises(ExceptionGroup) as raised:
            async with at_work(store, alarm) as desk:
                store.is_broken = True
                await desk.accounting.count(counting(alarm, "id-1"))
        marks = await store.marks([("b", "k")])

    assert raised.group_contains(StateError, match="disk is full")
    assert desk.box.entries == []
    assert marks == {}


async def test_evicted_groups_are_counted(path: Path) -> None:
    """A group that makes room for another is no longer stored."""
    alarm = definition(group_by=BY_USER, max_groups=1, threshold=2)
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        for user in ("alice", "bob"):
            await desk.accounting.count(
                counting(alarm, user, object_key=user, group=(user,))
            )
        saved = await store.alarms()
        evicted = desk.metric("relay_alarm_groups_evicted_total")

    assert [each.group for each in saved] == [("bob",)]
    assert evicted == 1


async def test_values_without_room_are_counted(path: Path) -> None:
    """What a flood pushes out of an alarm's memory may be told as new again."""
    subject = parse_selector("$.sourceIPAddress")
    new = NewValue(of=subject, within_secs=DAY, learn_secs=DAY, max_values=1)
    alarm = replace(definition(), condition=new, filter="f")
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
            work = counting(alarm, address, object_key=address)
            (match,) = work.evaluation.matches
            (feed,) = match.feeds
            match = replace(match, feeds=(replace(feed, term=address),))
            evaluation = Evaluation(matches=(match,))
            await desk.accounting.count(replace(work, evaluation=evaluation))
        evicted = desk.metric("relay_alarm_values_evicted_total")

    assert evicted == 2


# --- time -----------------------------------------------------------------------------


async def test_alarm_is_judged_when_its_time_comes(path: Path) -> None:
    """Without any message the alarm goes back to OK, and that is told."""
    alarm = definition()
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await desk.accounting.count(counting(alarm, "id-1"))
        await desk.pass_time(HOUR / 2)
        await desk.box.until(2)
        states = desk.metric("relay_alarms", state="OK")

    assert desk.box.told == [
        ("failures", "ALARM", False),
        ("failures", "OK", False),
    ]
    assert states == 1


async def test_absence_is_judged_as_far_as_the_source_has_seen(path: Path) -> None:
    """A backlog is no silence: what it holds may have happened all the time."""
    silent = definition(
        comparison=Comparison.LESS, treat_missing_data=MissingData.BREACHING
    )
    async with watched_store(path) as store, at_work(store, silent) as desk:
        desk.seen = 0.0
        await desk.pass_time(2 * HOUR)
        await anyio.wait_all_tasks_blocked()
        before = list(desk.box.told)

        desk.seen = desk.clock.now()
        desk.accounting.source_moved()
        await desk.box.until(1)

    assert before == []
    assert desk.box.told == [("failures", "ALARM", False)]


async def test_reminders_come_at_the_interval(path: Path) -> None:
    """Every hour as long as it is in ALARM, counted from the last time."""
    alarm = definition(**STAYS)
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await desk.accounting.count(counting(alarm, "id-1"))
        for hours in (1, 2):
            await desk.pass_time(HOUR)
            await desk.box.until(1 + hours)
        told = await store.notified()

    assert desk.box.told == [
        ("failures", "ALARM", False),
        ("failures", "ALARM", True),
        ("failures", "ALARM", True),
    ]
    assert [each.at for each in told] == [NOON + 2 * HOUR]


async def test_reminder_that_fell_due_meanwhile_comes_at_the_start(path: Path) -> None:
    """Who was told is remembered: after a day without relay there is one reminder."""
    alarm = definition(**STAYS)
    clock = FakeClock(now=NOON)
    async with watched_store(path) as store:
        async with at_work(store, alarm, clock=clock) as desk:
            await desk.accounting.count(counting(alarm, "id-1"))
        clock.advance(HOUR / 2)
        async with at_work(store, alarm, clock=clock) as desk:
            await desk.accounting.commit(Commit(at=clock.now()))
            early = list(desk.box.told)
        clock.advance(5 * HOUR)
        async with at_work(store, alarm, clock=clock) as desk:
            await desk.box.until(1)

    assert early == []
    assert desk.box.told == [("failures", "ALARM", True)]


async def test_alarm_in_a_mute_time_is_told_when_that_ends(path: Path) -> None:
    """By the timer, also after a restart; until then it is counted as suppressed."""
    alarm = definition(**STAYS)
    clock = FakeClock(now=NOON)
    muted = planner(alarm, mute_until="13:00")
    async with watched_store(path) as store:
        async with at_work(store, alarm, clock=clock) as desk:
            await desk.accounting.replace([alarm], muted)
            await desk.accounting.count(counting(alarm, "id-1"))
            suppressed = desk.metric(
                "relay_notifications_suppressed_total", reason="interval"
            )
            early = list(desk.box.told)
        async with at_work(store, alarm, clock=clock, first=muted) as desk:
            await desk.pass_time(HOUR / 2)
            await desk.pass_time(HOUR / 2)
            await desk.box.until(1)

    assert (suppressed, early) == (1, [])
    assert desk.box.told == [("failures", "ALARM", False)]


def silence(*, ends_at: float) -> Silence:
    """Return a silence of all that is not the team iam's, from noon on."""
    return Silence(
        id="1",
        matchers=("team!=iam",),
        starts_at=NOON,
        ends_at=ends_at,
        created_by="me",
        comment="maintenance",
    )


async def test_silenced_alarm_is_told_when_the_silence_ends(path: Path) -> None:
    """Also over a restart: silences are kept."""
    alarm = definition(**STAYS)
    clock = FakeClock(now=NOON)
    commit = Commit(at=NOON, silences=[silence(ends_at=NOON + HOUR)])
    async with watched_store(path) as store:
        async with at_work(store, alarm, clock=clock) as desk:
            await desk.accounting.commit(commit)
            await desk.accounting.count(counting(alarm, "id-1"))
            suppressed = desk.metric(
                "relay_notifications_suppressed_total", reason="silence"
            )
            early = list(desk.box.told)
        async with at_work(store, alarm, clock=clock) as desk:
            kept = list(desk.accounting.silences())
            shown = desk.metric("relay_silences")
            await desk.pass_time(HOUR)
            await desk.box.until(1)

    assert (suppressed, shown, early) == (1, 1, [])
    assert kept == commit.silences
    assert desk.box.told == [("failures", "ALARM", False)]


async def test_silence_that_is_ended_ends_at_once(path: Path) -> None:
    """Whoever was silenced is told; the longer ended ones are forgotten."""
    alarm = definition(**STAYS)
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        for ends_at in (NOON + HOUR, NOON):
            ending = silence(ends_at=ends_at)
            await desk.accounting.commit(Commit(at=NOON, silences=[ending]))
            if ends_at > NOON:
                await desk.accounting.count(counting(alarm, "id-1"))
        await desk.box.until(1)
        known = list(desk.accounting.silences())
        await desk.pass_time(6 * DAY)
        other = msgspec.structs.replace(silence(ends_at=NOON + 7 * DAY), id="2")
        await desk.accounting.commit(Commit(at=NOON, silences=[other]))
        later = list(desk.accounting.silences())

    assert desk.box.told[0] == ("failures", "ALARM", False)
    assert known == [silence(ends_at=NOON)]
    assert later == [other]


class Forgetful:
    """A store that keeps nothing and uses no thread: all is over within the loop."""

    def __init__(self) -> None:
        self.commits = 0

    async def marks(
        self, objects: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Sequence[ObjectMark]]:
        """Return nothing."""
        return {}

    async def counted(self, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return nothing."""
        return set()

    async def commit(self, commit: Commit) -> None:
        """Count it."""
        self.commits += 1
        await checkpoint()

    async def alarms(self) -> list[SavedAlarm]:
        """Return nothing."""
        return []

    async def outbox(self) -> list[OutboxEntry]:
        """Return nothing."""
        return []

    async def notified(self) -> list[Notified]:
        """Return nothing."""
        return []

    async def silences(self) -> list[Silence]:
        """Return nothing."""
        return []

    async def ledger(self) -> Mapping[LedgerKey, int]:
        """Return nothing."""
        return {}

    async def statement(self) -> Statement:
        """Return that nothing is known and nothing waits."""
        return Statement(
            lines={}, in_flight={}, outbox_pending=0, outbox_oldest_at=None
        )

    async def left_behind(self, before: float) -> list[ObjectMark]:
        """Return nothing."""
        return []

    async def metric_points(
        self, *, limit: int, oldest_first: bool
    ) -> Mapping[MetricPoint, int]:
        """Return nothing."""
        return {}

    async def metric_backlog(self) -> int:
        """Return that nothing waits."""
        return 0

    async def prune(self, before: float) -> int:
        """Forget nothing."""
        return 0


async def test_reminder_of_an_evicted_group_is_not_waited_for() -> None:
    """With its group gone nobody is reminded, and the timer rests."""
    alarm = definition(group_by=BY_USER, max_groups=1, threshold=2, period_secs=DAY)
    async with at_work(Forgetful(), alarm) as desk:
        await desk.accounting.count(counting(alarm, "a", "b", group=("alice",)))
        await desk.accounting.count(counting(alarm, "c", group=("bob",)))
        await desk.pass_time(HOUR)
        is_resting = False
        with anyio.move_on_after(0.3):
            await anyio.wait_all_tasks_blocked()
            is_resting = True

    assert desk.box.told == [("failures", "ALARM", False)]
    assert is_resting


# --- restarts and reloads -------------------------------------------------------------


async def test_alarms_come_back_as_they_were(path: Path) -> None:
    """After a restart it is still in ALARM, and nobody is told a second time."""
    alarm = definition(**STAYS)
    async with watched_store(path) as store:
        async with at_work(store, alarm) as desk:
            await desk.accounting.count(counting(alarm, "id-1"))
        async with at_work(store, alarm) as desk:
            shown = desk.metric("relay_alarms", state="ALARM")
            await desk.accounting.count(counting(alarm, "id-2", object_key="other"))

    assert shown == 1
    assert desk.box.entries == []


async def test_state_of_a_redefined_alarm_goes(path: Path) -> None:
    """It was said of another condition: forgotten, with a word in the log."""
    async with watched_store(path) as store:
        async with at_work(store, definition()) as desk:
            await desk.accounting.count(counting(definition(), "id-1"))
        with capture_logs() as logged:
            async with at_work(store):
                saved = await store.alarms()

    assert saved == []
    assert [line["groups"] for line in logged if "redefined" in line["event"]] == [1]


async def test_unchanged_alarm_keeps_its_state_over_a_reload(path: Path) -> None:
    """The one that is gone is forgotten; the new routes are in force."""
    kept, gone = definition("kept", **STAYS), definition("gone", **STAYS)
    async with watched_store(path) as store, at_work(store, kept, gone) as desk:
        for alarm in (kept, gone):
            await desk.accounting.count(
                counting(alarm, alarm.name, object_key=alarm.name)
            )
        await desk.accounting.replace([kept], planner(kept, receiver="others"))
        saved = await store.alarms()
        in_alarm = desk.metric("relay_alarms", state="ALARM")
        await desk.box.until(3)

    assert [each.alarm.name for each in saved] == ["kept"]
    assert in_alarm == 1
    assert [each.receiver for each in desk.box.entries] == ["all", "all", "others"]


async def test_new_receiver_is_told_of_what_is_in_alarm(path: Path) -> None:
    """At once, as the new routes are in force; the old one is told no more."""
    alarm = definition(**STAYS)
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await desk.accounting.count(counting(alarm, "id-1"))
        await desk.accounting.replace([alarm], planner(alarm, receiver="others"))
        await desk.box.until(2)

    assert [each.receiver for each in desk.box.entries] == ["all", "others"]
    assert desk.box.told == [("failures", "ALARM", False)] * 2


async def test_what_came_before_a_reload_goes_by_the_old_definitions(
    path: Path,
) -> None:
    """An object that waits with the reload for one commit is counted first."""
    alarm = definition(**STAYS)
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await waiting_together(desk, store, counting(alarm, "id-1"), [alarm])
        in_alarm = desk.metric("relay_alarms", state="ALARM")

    assert in_alarm == 1
    assert desk.box.told == [("failures", "ALARM", False)]


async def test_alarm_that_fired_before_a_reload_is_told(path: Path) -> None:
    """Also when the new configuration has it no more: its events are counted."""
    alarm = definition(**STAYS)
    async with watched_store(path) as store, at_work(store, alarm) as desk:
        await waiting_together(desk, store, counting(alarm, "id-1"), [])

    assert desk.metric("relay_alarm_transitions_total", state=AlarmState.ALARM) == 1
    assert desk.box.told == [("failures", "ALARM", False)]


async def waiting_together(
    desk: Desk, store: WatchedStore, first: Counting, new: Sequence[AlarmDefinition]
) -> None:
    """Have an object and then a reload to ``new`` wait for the same commit."""
    await desk.accounting.commit(Commit(at=NOON))
    store.close_gate()
    async with anyio.create_task_group() as tg:
        tg.start_soon(desk.accounting.commit, Commit(at=NOON))
        await store.until_held_up()
        tg.start_soon(desk.accounting.count, first)
        await anyio.wait_all_tasks_blocked()
        tg.start_soon(desk.accounting.replace, new, planner(*new))
        await anyio.wait_all_tasks_blocked()
        store.open_gate()
