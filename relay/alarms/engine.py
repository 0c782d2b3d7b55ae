"""All alarms together: datapoints and time in, transitions and what to save out; pure.

The caller makes an ``Outcome`` durable before anybody acts on its transitions. The
result does not depend on the order of the datapoints of one ``apply``, nor on restarts
between calls.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from relay.alarms.deadlines import Deadlines
from relay.alarms.kinds import AlarmGroup
from relay.alarms.reason import UNCHECKED
from relay.alarms.roster import Roster
from relay.config.rules import AlarmDefinition
from relay.model import (
    AlarmKey,
    AlarmState,
    Datapoint,
    Group,
    SavedAlarm,
    Transition,
)

MAX_VALUE = 2.0**360
"""CloudWatch API Reference, PutMetricData: values lie between -2^360 and 2^360."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one call has changed.

    ``changed`` is to be saved, ``removed`` (alarm name and group) to be deleted; no
    group is in both. ``ignored`` counts datapoints for alarms that are not defined (any
    more) or with impossible values; ``evicted`` groups that had to make room.
    """

    transitions: tuple[Transition, ...] = ()
    changed: tuple[SavedAlarm, ...] = ()
    removed: tuple[tuple[str, Group], ...] = ()
    ignored: int = 0
    evicted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What a new set of definitions means for the old one's state."""

    kept: tuple[AlarmKey, ...]
    started: tuple[AlarmKey, ...]
    removed: tuple[tuple[str, Group], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """One alarm group for status pages; ``since`` is None before any transition."""

    definition: AlarmDefinition
    group: Group
    state: AlarmState
    reason: str
    since: float | None


@dataclass(slots=True, kw_only=True)
class _Changes:
    """What one call has changed so far; ``touched`` and ``gone`` may still overlap."""

    now: float
    until: float
    transitions: list[Transition] = field(default_factory=list)
    touched: dict[AlarmGroup, Roster] = field(default_factory=dict)
    gone: dict[tuple[AlarmKey, Group], None] = field(default_factory=dict)
    evicted: int = 0


@dataclass(slots=True, kw_only=True)
class _Batch:
    """The datapoints of one call that go to one group, which may not be there yet."""

    roster: Roster
    group: Group
    points: list[Datapoint] = field(default_factory=list)

    def place(self) -> tuple[bool, float, int, Group]:
        """Order a call's groups whatever the order of its datapoints.

        Known groups come first, lest they make room for the new ones of their own call.
        """
        is_new = self.roster.get(self.group) is None
        newest = max([point.time for point in self.points])
        return is_new, newest, self.roster.rank, self.group


class AlarmEngine:
    """The states of all alarms of one configuration.

    An alarm without ``group_by`` is there from the start, in INSUFFICIENT_DATA, and due
    for its first judgement at once; groups come with their first datapoint, and go when
    they rest and have nothing to remember.
    """

    def __init__(self, definitions: Sequence[AlarmDefinition], *, now: float) -> None:
        self._rosters: dict[AlarmKey, Roster] = {}
        self._deadlines: Deadlines[AlarmGroup] = Deadlines()
        self.replace(definitions, now=now)

    def restore(self, saved: Iterable[SavedAlarm]) -> list[SavedAlarm]:
        """Take over saved state; return what fits no definition, to be deleted.

        Call it once, before anything else. Raises StateError when a body is unreadable.
        """
        unfit: list[SavedAlarm] = []
        restored: dict[AlarmKey, dict[Group, SavedAlarm]] = {}
        for each in saved:
            roster = self._rosters.get(each.alarm)
            if roster is None or not roster.fits(each.group):
                unfit.append(each)
            else:
                restored.setdefault(each.alarm, {})[each.group] = each
        for key, groups in restored.items():
            roster = self._rosters[key]
            for newborn in list(roster):
                self._leave(roster, newborn)
            roster.refill(map(roster.kind.restore, groups.values()))
            unfit += [groups[state.group] for state in self._evict(roster)]
            for state in roster:
                self._deadlines.set(state, state.due())
        return unfit

    def replace(
        self, definitions: Sequence[AlarmDefinition], *, now: float
    ) -> Replaced:
        """Go over to other definitions.

        An alarm with an unchanged fingerprint keeps state and windows, and takes over
        what else has changed; every other one starts anew.
        """
        old, self._rosters = self._rosters, {}
        kept: list[AlarmKey] = []
        started: list[AlarmKey] = []
        removed: list[tuple[str, Group]] = []
        for rank, definition in enumerate(definitions):
            roster = Roster(definition, rank)
            self._rosters[definition.key] = roster
            before = old.pop(definition.key, None)
            if before is None:
                started.append(definition.key)
                self._start(roster, now)
            else:
                kept.append(definition.key)
                evicted = self._take_over(before, roster)
                removed += [(definition.name, state.group) for state in evicted]
        for roster in old.values():
            for state in list(roster):
                self._leave(roster, state)
                removed.append((state.alarm.name, state.group))
        return Replaced(
            kept=tuple(kept), started=tuple(started), removed=tuple(removed)
        )

    def apply(
        self,
        datapoints: Sequence[Datapoint],
        *,
        now: float,
        seen_until: float | None = None,
    ) -> Outcome:
        """Count ``datapoints``, after judging everything that is due, as ``tick``."""
        batches: dict[tuple[int, Group], _Batch] = {}
        ignored = 0
        for point in datapoints:
            roster = self._rosters.get(point.alarm)
            if roster is None or not _fits(point, roster):
                ignored += point.count
                continue
            name = roster.rank, point.group
            if name not in batches:
                batches[name] = _Batch(roster=roster, group=point.group)
            batches[name].points.append(point)
        changes = _Changes(now=now, until=_until(now, seen_until))
        self._judge(changes)
        for batch in sorted(batches.values(), key=_Batch.place):
            self._count(batch, changes)
        return self._outcome(changes, ignored)

    def tick(self, *, now: float, seen_until: float | None = None) -> Outcome:
        """Judge everything whose time has come at ``now``.

        ``seen_until`` says that the source has not caught up: everything that came
        before that time has been counted, but not everything since. Then nothing is
        judged that was due later, for what looks like silence may be backlog. None:
        there is no backlog.
        """
        changes = _Changes(now=now, until=_until(now, seen_until))
        self._judge(changes)
        return self._outcome(changes, 0)

    def next_deadline(self) -> float | None:
        """Return when ``tick`` must be called next; None when nothing will be due.

        It may have passed when the source had not caught up at the last call: then it
        is waiting for a later ``seen_until``, and calling again before that is in vain.
        """
        return self._deadlines.next()

    def counts(self) -> Mapping[AlarmState, int]:
        """Return how many alarm groups are in each state."""
        return {
            state: sum(roster.count(state) for roster in self._rosters.values())
            for state in AlarmState
        }

    def definition(self, key: AlarmKey) -> AlarmDefinition | None:
        """Return the definition in force, or None when there is no such alarm."""
        roster = self._rosters.get(key)
        return None if roster is None else roster.definition

    def active(self) -> Iterator[Transition]:
        """Yield, for every alarm group in ALARM, the transition that led there."""
        for roster in self._rosters.values():
            for state in roster.inside(AlarmState.ALARM):
                if (transition := state.last_transition) is not None:
                    yield transition

    def states(self) -> Iterator[AlarmView]:
        """Yield all alarm groups, read only."""
        for roster in self._rosters.values():
            for state in roster:
                last = state.last_transition
                yield AlarmView(
                    definition=roster.definition,
                    group=state.group,
                    state=state.state,
                    reason=UNCHECKED if last is None else last.reason,
                    since=None if last is None else last.at,
                )

    def _judge(self, changes: _Changes) -> None:
        due = [
            (self._rosters[state.alarm], state)
            for state in self._deadlines.pop(changes.until)
        ]
        # Not in the queue's order: that one does not survive a restart.
        due.sort(key=lambda pair: (pair[0].rank, pair[1].turn))
        moved: list[tuple[float, Roster, AlarmGroup]] = []
        for roster, state in due:
            transitions = state.advance(changes.until)
            changes.transitions += transitions
            changes.touched[state] = roster
            if roster.is_grouped and state.is_spent:
                self._leave(roster, state)
                changes.gone[state.alarm, state.group] = None
                continue
            self._deadlines.set(state, state.due())
            if transitions:
                moved.append((transitions[-1].at, roster, state))
        # When many come due in one call, it must look as if each had come in its own.
        changes.transitions.sort(key=lambda each: each.at)
        for _, roster, state in sorted(moved, key=lambda each: each[0]):
            roster.place(state)

    def _count(self, batch: _Batch, changes: _Changes) -> None:
        roster, group = batch.roster, batch.group
        state = roster.get(group)
        if state is None:
            # Before it comes, or it would be the one to go where all others alarm.
            for evicted in self._evict(roster, coming=1):
                changes.gone[evicted.alarm, evicted.group] = None
                changes.evicted += 1
            state = roster.kind.begin_group(group, now=changes.now, until=changes.until)
        changes.transitions += state.add(
            batch.points, now=changes.now, until=changes.until
        )
        roster.place(state)
        self._deadlines.set(state, state.due())
        changes.touched[state] = roster

    def _outcome(self, changes: _Changes, ignored: int) -> Outcome:
        live = [
            state
            for state, roster in changes.touched.items()
            if roster.get(state.group) is state
        ]
        names = {(state.alarm, state.group) for state in live} if changes.gone else ()
        return Outcome(
            transitions=tuple(changes.transitions),
            changed=tuple(state.save() for state in live if state.is_unsaved),
            removed=tuple(
                (key.name, group)
                for key, group in changes.gone
                if (key, group) not in names
            ),
            ignored=ignored,
            evicted=changes.evicted,
        )

    def _start(self, roster: Roster, now: float) -> None:
        if not roster.is_grouped:
            state = roster.kind.begin(now=now)
            roster.place(state)
            self._deadlines.set(state, state.due())

    def _take_over(self, before: Roster, roster: Roster) -> list[AlarmGroup]:
        """Move all groups of ``before`` into ``roster``; return those without room."""
        states = list(before)
        for state in states:
            self._deadlines.discard(state)
        roster.refill(_anew(state, roster) for state in states)
        evicted = self._evict(roster)
        for state in roster:
            self._deadlines.set(state, state.due())
        return evicted

    def _evict(self, roster: Roster, *, coming: int = 0) -> list[AlarmGroup]:
        """Make room for ``coming`` groups; return those that had to go."""
        evicted: list[AlarmGroup] = []
        while (state := roster.to_evict(coming)) is not None:
            self._leave(roster, state)
            evicted.append(state)
        return evicted

    def _leave(self, roster: Roster, state: AlarmGroup) -> None:
        roster.remove(state.group)
        self._deadlines.discard(state)


def _until(now: float, seen_until: float | None) -> float:
    return now if seen_until is None else min(now, seen_until)


def _anew(state: AlarmGroup, roster: Roster) -> AlarmGroup:
    """Return the same state under the definition of ``roster``."""
    was_unsaved = state.is_unsaved
    anew = roster.kind.restore(state.save())
    anew.is_unsaved = was_unsaved
    return anew


def _fits(point: Datapoint, roster: Roster) -> bool:
    return (
        len(point.group) == len(roster.definition.group_by)
        and -MAX_VALUE <= point.value <= MAX_VALUE
        and math.isfinite(point.time)
    )
