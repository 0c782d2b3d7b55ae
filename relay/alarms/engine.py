"""All alarms together: datapoints and time in, transitions and what to save out; pure.

The caller makes an ``Outcome`` durable before anybody acts on its transitions. The
result does not depend on the order of the datapoints of one ``apply``, nor on restarts
between calls.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from relay.alarms.condition import Condition
from relay.alarms.deadlines import Deadlines
from relay.alarms.reason import UNCHECKED
from relay.alarms.roster import Roster
from relay.alarms.saved import decode_body
from relay.alarms.state import GroupState
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

    transitions: list[Transition] = field(default_factory=list)
    touched: dict[tuple[AlarmKey, Group], GroupState] = field(default_factory=dict)
    gone: dict[tuple[AlarmKey, Group], None] = field(default_factory=dict)
    evicted: int = 0


class AlarmEngine:
    """The states of all alarms of one configuration.

    An alarm without ``group_by`` is there from the start, in INSUFFICIENT_DATA, and due
    for its first judgement at once; groups come with their first datapoint, and go when
    they rest and have nothing to remember.
    """

    def __init__(self, definitions: Sequence[AlarmDefinition], *, now: float) -> None:
        self._rosters: dict[AlarmKey, Roster] = {}
        self._deadlines: Deadlines[GroupState] = Deadlines()
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
            roster.refill(
                GroupState(roster.condition, each.group, decode_body(each))
                for each in groups.values()
            )
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
            roster = Roster(Condition.of(definition), rank)
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

    def apply(self, datapoints: Sequence[Datapoint], *, now: float) -> Outcome:
        """Count ``datapoints``, after judging everything that is due at ``now``."""
        batches: dict[tuple[AlarmKey, Group], list[Datapoint]] = {}
        ignored = 0
        for point in datapoints:
            if self._takes(point):
                batches.setdefault((point.alarm, point.group), []).append(point)
            else:
                ignored += point.count
        changes = _Changes()
        self._judge(now, changes)
        for (key, group), points in sorted(batches.items(), key=self._place_in_batch):
            self._count(self._rosters[key], group, points, now, changes)
        return self._outcome(changes, ignored)

    def tick(self, *, now: float) -> Outcome:
        """Judge everything whose time has come at ``now``."""
        changes = _Changes()
        self._judge(now, changes)
        return self._outcome(changes, 0)

    def next_deadline(self) -> float | None:
        """Return when ``tick`` must be called next; None when nothing will be due."""
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
        return None if roster is None else roster.condition.definition

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
                    definition=roster.condition.definition,
                    group=state.group,
                    state=state.state,
                    reason=UNCHECKED if last is None else last.reason,
                    since=None if last is None else last.at,
                )

    def _judge(self, now: float, changes: _Changes) -> None:
        due = [
            (self._rosters[state.alarm], state) for state in self._deadlines.pop(now)
        ]
        # Not in the queue's order: that one does not survive a restart.
        due.sort(key=lambda pair: (pair[0].rank, pair[1].turn))
        moved: list[tuple[float, Roster, GroupState]] = []
        for roster, state in due:
            transitions = state.advance(now)
            changes.transitions += transitions
            changes.touched[state.alarm, state.group] = state
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

    def _takes(self, point: Datapoint) -> bool:
        roster = self._rosters.get(point.alarm)
        return (
            roster is not None
            and roster.fits(point.group)
            and abs(point.value) <= MAX_VALUE
            and math.isfinite(point.time)
        )

    def _place_in_batch(
        self, batch: tuple[tuple[AlarmKey, Group], list[Datapoint]]
    ) -> tuple[bool, float, int, Group]:
        """Order a batch's groups whatever the order of its datapoints.

        Known groups come first, lest they make room for the new ones of their own
        batch.
        """
        (key, group), points = batch
        roster = self._rosters[key]
        newest = max(point.time for point in points)
        return roster.get(group) is None, newest, roster.rank, group

    def _count(
        self,
        roster: Roster,
        group: Group,
        points: Sequence[Datapoint],
        now: float,
        changes: _Changes,
    ) -> None:
        state = roster.get(group)
        if state is None:
            # Before it comes, or it would be the one to go where all others alarm.
            for evicted in self._evict(roster, coming=1):
                changes.gone[evicted.alarm, evicted.group] = None
                changes.evicted += 1
            state = GroupState.begin_group(roster.condition, group, now=now)
        changes.transitions += state.add(points, now=now)
        roster.place(state)
        self._deadlines.set(state, state.due())
        changes.touched[state.alarm, group] = state

    def _outcome(self, changes: _Changes, ignored: int) -> Outcome:
        live = {
            name: state
            for name, state in changes.touched.items()
            if self._rosters[name[0]].get(name[1]) is state
        }
        return Outcome(
            transitions=tuple(changes.transitions),
            changed=tuple(state.save() for state in live.values() if state.is_unsaved),
            removed=tuple(
                (key.name, group)
                for key, group in changes.gone
                if (key, group) not in live
            ),
            ignored=ignored,
            evicted=changes.evicted,
        )

    def _start(self, roster: Roster, now: float) -> None:
        if not roster.is_grouped:
            state = GroupState.begin(roster.condition, now=now)
            roster.place(state)
            self._deadlines.set(state, state.due())

    def _take_over(self, before: Roster, roster: Roster) -> list[GroupState]:
        """Move all groups of ``before`` into ``roster``; return those without room."""
        states = list(before)
        for state in states:
            self._deadlines.discard(state)
        roster.refill(state.rebind(roster.condition) for state in states)
        evicted = self._evict(roster)
        for state in roster:
            self._deadlines.set(state, state.due())
        return evicted

    def _evict(self, roster: Roster, *, coming: int = 0) -> list[GroupState]:
        """Make room for ``coming`` groups; return those that had to go."""
        evicted: list[GroupState] = []
        while (state := roster.to_evict(coming)) is not None:
            self._leave(roster, state)
            evicted.append(state)
        return evicted

    def _leave(self, roster: Roster, state: GroupState) -> None:
        roster.remove(state.group)
        self._deadlines.discard(state)
