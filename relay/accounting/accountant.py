"""The alarm branch: count what an object's records mean, durably, in one transaction.

One task owns the alarm engine and all writing to the state store. Objects that finish
while a commit is under way are counted together in the next one, so that a burst costs
few commits and a quiet trail waits for nobody. After a commit that failed the engine in
memory and the store on disk disagree: the error is not caught here, it stops the
daemon, and the next start reads the last good commit.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskStatus

from relay.accounting.commits import add_outcome, add_plan, add_removed, merge
from relay.accounting.counting import (
    Counted,
    Counting,
    add_repeated,
    count,
    events_of,
)
from relay.accounting.neighbours import Outbox, Sight
from relay.accounting.recent import RecentIds
from relay.accounting.telling import Telling
from relay.accounting.timer import DeadlineTimer
from relay.alarms.engine import AlarmEngine
from relay.alarms.outcome import AlarmView, Outcome, transitions_of
from relay.clock import Clock
from relay.config.rules import AnyAlarm, MuteRule
from relay.failpoints import Failpoint, failpoint
from relay.model import AlarmState, Datapoint, Silence, Transition
from relay.notify.plan import Plan, Planner
from relay.state.store import Commit, ObjectMark, Statement, Store
from relay.telemetry import Telemetry, get_log

_log = get_log("accounting")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replacement:
    """A new configuration's alarms and routes."""

    definitions: Sequence[AnyAlarm]
    mute_rules: Sequence[MuteRule]
    planner: Planner


@dataclass(frozen=True, slots=True, kw_only=True)
class _Observed:
    """Datapoints that are of no object."""

    datapoints: Sequence[Datapoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """Something for the next commit, and the event that says it is durable.

    ``work`` is None when nothing but the time has changed.
    """

    work: Counting | Commit | _Observed | _Replacement | None
    done: anyio.Event = field(default_factory=anyio.Event)


class Accounting:
    """Counts objects, moves alarms on, and commits; everything in one order."""

    def __init__(
        self,
        *,
        store: Store,
        engine: AlarmEngine,
        telemetry: Telemetry,
        clock: Clock,
        sight: Sight | None = None,
        on_points: Callable[[], object] = lambda: None,
    ) -> None:
        """Account into ``store``; absence is judged as far as ``sight`` goes.

        ``on_points`` is called when there are more points to publish, durably.
        """
        self._on_points = on_points
        self._sight = sight
        self._store = store
        self._engine = engine
        self._telemetry = telemetry
        self._clock = clock
        self._recent = RecentIds()
        # As many jobs as there are callers who wait for theirs: messages in flight.
        self._jobs: list[_Job] = []
        self._arrived = anyio.Event()
        self._timer = DeadlineTimer(
            clock, deadline=self._next_deadline, on_due=lambda: self._submit(None)
        )
        self._telling = Telling(engine)

    async def marks(self, bucket: str, key: str) -> Sequence[ObjectMark]:
        """Return how far the object has come before, newest etag first."""
        return (await self._store.marks([(bucket, key)])).get((bucket, key), ())

    async def left_behind(self, before: float) -> Sequence[ObjectMark]:
        """Return the marks that have been in flight since before ``before``."""
        return await self._store.left_behind(before)

    async def statement(self) -> Statement:
        """Return the durable ledger, what is in flight, and what waits to be sent."""
        return await self._store.statement()

    def silences(self) -> Sequence[Silence]:
        """Return all silences, those that ended within the last days included."""
        return self._telling.silences()

    def alarms(self) -> Iterable[AlarmView]:
        """Return all alarm groups as they are now."""
        return self._engine.states()

    async def count(self, counting: Counting) -> None:
        """Count one object's matches; returns when that is durable."""
        await self._submit(counting)

    async def observe(self, datapoints: Sequence[Datapoint]) -> None:
        """Count datapoints that are of no object; returns when that is durable."""
        await self._submit(_Observed(datapoints=datapoints))

    async def commit(self, commit: Commit) -> None:
        """Write ``commit`` with the next transaction; returns when it is durable."""
        await self._submit(commit)

    async def replace(
        self,
        definitions: Sequence[AnyAlarm],
        planner: Planner,
        *,
        mute_rules: Sequence[MuteRule] = (),
    ) -> None:
        """Put a new configuration's alarms and routes in the old ones' place.

        What was counted before went by the old ones, what comes after goes by the new
        ones; alarms whose definition is unchanged keep their state.
        """
        await self._submit(
            _Replacement(
                definitions=definitions, mute_rules=mute_rules, planner=planner
            )
        )

    def source_moved(self) -> None:
        """Say that the source has seen more, or less."""
        self._timer.moved()

    async def run(
        self, planner: Planner, outbox: Outbox, *, task_status: TaskStatus[None]
    ) -> None:
        """Restore the alarms, then account until cancelled; ``outbox`` sends on.

        Raises StateError when the store fails, at any time.
        """
        self._outbox = outbox
        await self._restore(planner)
        async with anyio.create_task_group() as tg:
            tg.start_soon(self._timer.run, name="alarm timer")
            task_status.started()
            while True:
                await self._arrived.wait()
                self._arrived = anyio.Event()
                jobs, self._jobs = self._jobs, []
                await self._account(jobs)

    async def _submit(
        self, work: Counting | Commit | _Observed | _Replacement | None
    ) -> None:
        job = _Job(work=work)
        self._jobs.append(job)
        self._arrived.set()
        await job.done.wait()

    async def _restore(self, planner: Planner) -> None:
        unknown = self._engine.restore(await self._store.alarms())
        self._telling.begin(
            planner,
            notified=await self._store.notified(),
            silences=await self._store.silences(),
            now=self._clock.now(),
        )
        if unknown:
            _log.info(
                "alarms were redefined, their old state goes", groups=len(unknown)
            )
            gone = [(saved.alarm.name, saved.group) for saved in unknown]
            await self._store.commit(Commit(at=self._clock.now(), alarms_removed=gone))
        self._show_alarms()

    async def _account(self, jobs: Sequence[_Job]) -> None:
        now = self._clock.now()
        commit = Commit(at=now)
        countings = [job.work for job in jobs if isinstance(job.work, Counting)]
        events = [event for counting in countings for event in events_of(counting)]
        counted = Counted(events=await self._store.counted(events))
        await self._find_repeated(countings, counted, commit)
        transitions: list[Transition] = []
        planned: list[Plan] = []
        for job in jobs:
            match job.work:
                case Counting():
                    count(job.work, counted, commit, self._engine.definition)
                case Commit():
                    merge(commit, job.work)
                    self._telling.silence(job.work.silences, now)
                case _Observed():
                    counted.datapoints += job.work.datapoints
                case _Replacement():
                    # What came before it goes by the old definitions and routes.
                    outcomes = self._apply(counted, commit, now)
                    planned.append(self._telling.plan(outcomes, now))
                    transitions += transitions_of(outcomes)
                    self._replace(job.work, commit, now)
                case None:
                    pass
        outcomes = self._apply(counted, commit, now)
        tick = self._engine.tick(now=now, seen_until=self._seen_until())
        outcomes.append(self._take(tick, commit))
        planned.append(self._telling.plan(outcomes, now))
        transitions += transitions_of(outcomes)
        planned.append(self._telling.remind(now))
        for plan in planned:
            add_plan(commit, plan)
        await self._write(commit)
        self._outbox.add(entry for plan in planned for entry in plan.entries)
        if transitions or commit.alarms_removed:
            self._telling.changed()
        self._telling.look_ahead(self._clock.now())
        self._show(countings, counted, transitions, planned)
        for job in jobs:
            job.done.set()
        self._timer.moved()

    async def _find_repeated(
        self, countings: Sequence[Counting], counted: Counted, commit: Commit
    ) -> None:
        for counting in countings:
            repeated = await self._recent.take(counting.event_ids)
            add_repeated(counting, repeated, counted, commit)

    def _apply(self, counted: Counted, commit: Commit, now: float) -> list[Outcome]:
        if not counted.datapoints:
            return []
        outcome = self._engine.apply(
            counted.datapoints, now=now, seen_until=self._seen_until()
        )
        counted.datapoints = []
        return [self._take(outcome, commit)]

    def _take(self, outcome: Outcome, commit: Commit) -> Outcome:
        add_outcome(commit, outcome)
        self._telling.forget(outcome.removed)
        self._telemetry.groups_evicted.inc(outcome.evicted)
        self._telemetry.values_evicted.inc(outcome.values_evicted)
        if outcome.actions or outcome.has_resumed:
            self._telling.changed()
        return outcome

    def _replace(self, new: _Replacement, commit: Commit, now: float) -> None:
        replaced = self._engine.replace(
            new.definitions, now=now, mute_rules=new.mute_rules
        )
        add_removed(commit, replaced.removed)
        self._telling.forget(replaced.removed)
        self._telling.replace(new.planner)

    async def _write(self, commit: Commit) -> None:
        started = self._clock.monotonic()
        # Once begun it must be seen to its end: the engine has moved on already.
        with anyio.CancelScope(shield=True):
            failpoint(Failpoint.BEFORE_COMMIT)
            await self._store.commit(commit)
            failpoint(Failpoint.AFTER_COMMIT)
        self._telemetry.commits.observe(self._clock.monotonic() - started)
        if any(times > 0 for times in commit.points.values()):
            self._on_points()

    def _show(
        self,
        countings: Sequence[Counting],
        counted: Counted,
        transitions: Sequence[Transition],
        planned: Sequence[Plan],
    ) -> None:
        """Show what is durable now in metrics and log."""
        decided_at = self._clock.now()
        delay = self._telemetry.delay.labels("received_to_decided")
        for counting in countings:
            delay.observe(max(0.0, decided_at - counting.received_at))
        for plan in planned:
            for reason in plan.suppressed:
                self._telemetry.notifications_suppressed.labels(reason).inc()
        for name, matches in counted.matches.items():
            self._telemetry.filter_matches.labels(name).inc(matches)
        self._telemetry.filter_repeats.inc(counted.repeats)
        for place, records in counted.repeated.items():
            labels = self._telemetry.account_labels(*place)
            self._telemetry.records_repeated.labels(*labels).inc(records)
        for transition in transitions:
            self._telemetry.transitions.labels(transition.new).inc()
            _log.info(
                "alarm changed state",
                alarm=transition.alarm.name,
                group=list(transition.group),
                old=transition.old,
                new=transition.new,
                reason=transition.reason,
            )
        self._show_alarms()

    def _show_alarms(self) -> None:
        counts = self._engine.counts()
        for state in AlarmState:
            self._telemetry.alarms.labels(state).set(counts.get(state, 0))
        unended = self._telling.unended_silences(self._clock.now())
        self._telemetry.silences.set(unended)

    def _seen_until(self) -> float | None:
        return None if self._sight is None else self._sight.seen_until()

    def _next_deadline(self) -> float | None:
        seen_until = self._seen_until()
        deadline = self._engine.next_deadline(seen_until=seen_until)
        waiting = self._engine.next_deadline()
        if waiting is not None and seen_until is not None and waiting > seen_until:
            # The source has not seen as much; it says so when anything comes.
            waiting = None if self._sight is None else self._sight.will_see(waiting)
        deadlines = (deadline, waiting, self._telling.due_at)
        return min((at for at in deadlines if at is not None), default=None)
