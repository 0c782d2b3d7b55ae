"""The state of one alarm group, and what moves it: new datapoints, and time.

Two ways lead to a transition. ``add`` fires at once when new datapoints make a breach
that later ones cannot undo. ``advance`` lets time pass, in the order in which things
come due: the end of the *hold* (a breach that was seen keeps the group in ALARM for N
periods from its newest datapoint), and each point at which the watermark uncovers other
slots. A group whose breaches fire early and whose silence means OK knows the hold only;
its gaps count as not breaching.

Judged behind the watermark, an ALARM out of absence, or out of a value that more data
would have lifted, counts only over slots that began after the group was born: of
earlier ones it has not seen everything. A late datapoint can still make a judged
average breach.

A negative value lowers the sums of its windows, but takes back no breach that was seen:
with Sum above a threshold, what has fired has fired.

``until`` is the time up to which what has come is known to be complete: ``now``, or
before that while a backlog is read. Time passes no further, or silence would be taken
for absence.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from relay.alarms.breach import find_breach
from relay.alarms.condition import Condition, Trend
from relay.alarms.evaluator import Verdict, evaluate
from relay.alarms.reason import Explanation, explain, explain_calm
from relay.alarms.saved import Body, Change, encode_body
from relay.alarms.sightings import Sightings
from relay.alarms.windows import Windows
from relay.model import AlarmState, Datapoint, Group, SavedAlarm, Transition

MAX_AHEAD_SECS = 7200.0
"""CloudWatch API Reference, PutMetricData: two hours; beyond, a time counts as now."""


class GroupState:
    """The state of one group of one alarm; time and datapoints are arguments.

    ``turn`` is the engine's: it orders the groups of one alarm. ``is_unsaved`` tells
    that ``save`` would give another body than the last time.
    """

    __slots__ = (
        "_born_at",
        "_breached",
        "_condition",
        "_hold_until",
        "_judged",
        "_sightings",
        "_windows",
        "alarm",
        "change",
        "group",
        "is_unsaved",
        "state",
        "turn",
    )

    def __init__(self, condition: Condition, group: Group, body: Body) -> None:
        self._condition = condition
        self._born_at = body.born_at
        self._hold_until = body.hold_until
        self._judged = body.judged
        self.change = body.change
        self._windows = Windows(condition, body.buckets)
        self._sightings = Sightings(condition, body.sightings)
        self._breached: tuple[int, int] | None = None
        self.alarm = condition.key
        self.group = group
        self.state = body.state
        self.turn = body.turn
        self.is_unsaved = False

    @property
    def last_transition(self) -> Transition | None:
        """The transition that led to the present state, if there was one."""
        if self.change is None:
            return None
        return self.change.transition(self.alarm, self.group, self.state)

    @property
    def is_spent(self) -> bool:
        """Whether it could as well begin anew: it rests and holds no datapoints."""
        return (
            self.state is self._condition.resting_state
            and not self._windows.buckets
            and self._hold_until is None
        )

    def due(self) -> float | None:
        """Return when ``advance`` has something to do, if nothing comes before."""
        times = [self._hold_until, self._windows.idle_at()]
        if self._condition.needs_watermark:
            times.append(self._next_uncovered())
        return min((at for at in times if at is not None), default=None)

    def advance(self, until: float) -> list[Transition]:
        """Let time pass; return the transitions, in order.

        Each happens at the time at which it was due, so that it does not matter how
        often this is called.
        """
        transitions: list[Transition] = []
        while (due := self._next_judgement()) <= until:
            if due == self._hold_until:
                self._hold_until, self.is_unsaved = None, True
            self._judged = max(self._judged, self._condition.watermark(due))
            if self._hold_until is None:
                transitions += self._judge(due)
        self._judged = max(self._judged, self._condition.watermark(until))
        idle_at = self._windows.idle_at()
        if idle_at is not None and idle_at <= until:
            self._windows.clear()
            self._sightings.drop_outside(())
        return transitions

    def add(
        self, points: Sequence[Datapoint], *, now: float, until: float | None = None
    ) -> list[Transition]:
        """Add datapoints that came at ``now``; return the transition they cause.

        What was due by ``until`` (by default, now) has to have been judged before.
        """
        until = now if until is None else until
        self._judged = max(self._judged, self._condition.watermark(until))
        points = [_not_ahead(point, now) for point in points]
        dropped = self._windows.dropped
        changed = self._windows.add(points, now=now, until=until)
        self._sightings.add(points, now=now)
        self.is_unsaved = True
        if any(point.value < 0 for point in points):
            self._breached = None
        received = [p.received_at for p in points if p.received_at is not None]
        received_at = max(received, default=None)
        transitions = self._look_for_breach(changed, now, received_at)
        if changed[0] < self._judged and self._hold_until is None:
            # The newest complete slots may say something else now.
            transitions += self._judge(now, received_at=received_at)
        self._windows.trim()
        self._sightings.trim()
        if dropped != self._windows.dropped:
            self._sightings.drop_outside(self._windows.buckets)
        return transitions

    def evictions(self) -> int:
        """Return 0: a threshold remembers no values."""
        return 0

    def save(self) -> SavedAlarm:
        """Return all that a restart needs, and note that it is saved."""
        self.is_unsaved = False
        return SavedAlarm(
            alarm=self.alarm,
            group=self.group,
            body=encode_body(self._body()),
        )

    def _body(self) -> Body:
        return Body(
            state=self.state,
            born_at=self._born_at,
            turn=self.turn,
            hold_until=self._hold_until,
            judged=self._judged,
            change=self.change,
            buckets=list(self._windows.buckets.values()),
            sightings=self._sightings.kept,
        )

    # --- time ---------------------------------------------------------------------

    def _next_judgement(self) -> float:
        due = math.inf if self._hold_until is None else self._hold_until
        if self._condition.needs_watermark:
            uncovered = self._next_uncovered()
            due = due if uncovered is None else min(due, uncovered)
        return due

    def _next_uncovered(self) -> float | None:
        """Return when the watermark shows slots that may call for another verdict."""
        ends = [self._windows.next_change(self._judged), self._first_whole_end()]
        later = [end for end in ends if end is not None and end > self._judged]
        return self._condition.due(min(later)) if later else None

    def _first_whole_end(self) -> int:
        """Return the first end whose N slots began after the group was born."""
        born = math.ceil(self._born_at / self._condition.bucket_secs)
        return born + self._condition.window_buckets

    def _judge(
        self, at: float, *, received_at: float | None = None
    ) -> list[Transition]:
        if not self._condition.needs_watermark:
            return self._calm_down(at)
        slots = self._windows.slots(self._judged, self._condition.range_slots)
        verdict = evaluate(slots, self._condition, self.state)
        if verdict.state is self.state or self._is_premature(verdict):
            return []
        explanation = explain(verdict, self._condition, at=at)
        return [self._move(verdict, explanation, at=at, received_at=received_at)]

    def _is_premature(self, verdict: Verdict) -> bool:
        """Return whether ``verdict`` is an ALARM that data from before may belie."""
        needs_all = verdict.by_absence or self._condition.trend is Trend.AWAY
        return (
            verdict.state is AlarmState.ALARM
            and needs_all
            and self._judged < self._first_whole_end()
        )

    def _calm_down(self, at: float) -> list[Transition]:
        """Go back to OK: the hold is over, so nothing has breached for N periods."""
        if self.state is AlarmState.OK:
            return []
        condition = self._condition
        # Up to the running minute, or a breach of the first one held would still show.
        slots = self._windows.slots(condition.bucket(at) + 1, condition.periods)
        verdict = evaluate(slots, condition, self.state)
        if verdict.state is AlarmState.OK:
            return [self._move(verdict, explain(verdict, condition, at=at), at=at)]
        calm = replace(verdict, state=AlarmState.OK, supporting=())
        return [self._move(calm, explain_calm(calm, condition, at=at), at=at)]

    # --- datapoints ---------------------------------------------------------------

    def _look_for_breach(
        self, changed: Sequence[int], now: float, received_at: float | None
    ) -> list[Transition]:
        if self._is_known_breach(changed):
            self._hold(changed, now)
            return []
        end = self._find_breach(changed)
        if end is None:
            return []
        slots = self._windows.slots(end, self._condition.range_slots)
        verdict = evaluate(slots, self._condition, self.state)
        if verdict.state is not AlarmState.ALARM:
            # A percentile of too few datapoints stands among the slots, and is ignored.
            return []
        self._hold(changed, now)
        self._breached = end, self._windows.dropped
        if self.state is AlarmState.ALARM:
            return []
        explanation = explain(verdict, self._condition, at=now)
        return [self._move(verdict, explanation, at=now, received_at=received_at)]

    def _is_known_breach(self, changed: Sequence[int]) -> bool:
        """Return whether the breach found last holds a changed bucket: it still is one.

        This spares the search while a burst goes on. It decides nothing that the search
        would not: only where the hold is all that follows, and only for one slot.
        """
        if (
            self._breached is None
            or self.state is not AlarmState.ALARM
            or self._condition.needs_watermark
            or self._condition.needed > 1
        ):
            return False
        end, dropped = self._breached
        if dropped != self._windows.dropped:
            return False
        first = end - self._condition.slot_buckets
        return any(first <= index < end for index in changed)

    def _find_breach(self, changed: Sequence[int]) -> int | None:
        if self._condition.is_by_arrival:
            return None  # CloudWatch looks when it is time to, and only at the newest
        match self._condition.trend:
            case Trend.TOWARDS:
                if not self._windows.can_breach():
                    return None
                return find_breach(self._windows.buckets, changed, self._condition)
            case Trend.EITHER:
                late = [index for index in changed if index < self._judged]
                if not late:
                    return None
                return find_breach(
                    self._windows.buckets,
                    late,
                    self._condition,
                    newest_end=self._judged,
                )
            case Trend.AWAY:
                return None

    def _hold(self, changed: Sequence[int], now: float) -> None:
        """Stay in ALARM for N periods, and until the watermark is past the breach."""
        condition = self._condition
        until = now + condition.window_secs
        if condition.fires_early and condition.needs_watermark:
            seen_at = condition.due(changed[-1] + condition.window_buckets)
            latest = until + condition.window_secs + condition.lateness_secs
            until = max(until, min(seen_at, latest))
        self._hold_until = max(until, self._hold_until or until)

    def _move(
        self,
        verdict: Verdict,
        explanation: Explanation,
        *,
        at: float,
        received_at: float | None = None,
    ) -> Transition:
        is_alarm = verdict.state is AlarmState.ALARM
        if self.change is not None:
            # While a backlog is read, what was due may have been overtaken by it.
            at = max(at, self.change.at)
        transition = Transition(
            alarm=self.alarm,
            group=self.group,
            old=self.state,
            new=verdict.state,
            at=at,
            reason=explanation.reason,
            reason_data=explanation.data,
            total=sum(slot.count for slot in verdict.supporting),
            evidence=self._sightings.inside(verdict.supporting) if is_alarm else (),
            received_at=received_at,
        )
        self.state = verdict.state
        self.change = Change.of(transition)
        self.is_unsaved = True
        return transition


def _not_ahead(point: Datapoint, now: float) -> Datapoint:
    return replace(point, time=now) if point.time > now + MAX_AHEAD_SECS else point
