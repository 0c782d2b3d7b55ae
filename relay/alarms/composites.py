"""The composite alarms of one configuration, moved by the alarms that they name.

What one call of the engine has brought is followed moment by moment, in the order of
time, so that a late call leads to what timely ones would have led to. Within a moment
all children are looked at before the alarms about them: nothing flickers.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from graphlib import TopologicalSorter
from itertools import groupby, islice

from relay.alarms.actions import hold
from relay.alarms.composite import Cause, CompositeState
from relay.alarms.deadlines import Deadlines
from relay.alarms.roster import Roster
from relay.config.rules import CompositeDefinition, MissingData
from relay.model import AlarmState, Evidence, Transition


@dataclass(slots=True, kw_only=True)
class Followed:
    """What came of it: all transitions in order, and those whose actions are to run.

    ``changed`` are composite alarms that have something to save. ``has_resumed``: one
    is suppressed no more, and nothing had been kept back.
    """

    transitions: list[Transition] = field(default_factory=list)
    actions: list[Transition] = field(default_factory=list)
    changed: list[CompositeState] = field(default_factory=list)
    has_resumed: bool = False


class Composites:
    """Knows the state of every alarm that some composite alarm is about."""

    def __init__(self, rosters: Iterable[Roster]) -> None:
        self._rosters = {roster.definition.name: roster for roster in rosters}
        self._ordered = list(self._in_order())
        self._deadlines: Deadlines[CompositeState] = Deadlines()
        self._wholes = {
            name: _Whole(self._rosters[name])
            for composite in self._ordered
            for name in _watched(composite.definition)
            if name in self._rosters
        }
        self._states = {name: whole.state for name, whole in self._wholes.items()}
        self._is_unseen = bool(self._ordered)
        for composite in self._ordered:
            self._set_deadline(composite)

    def next_deadline(self) -> float | None:
        """Return when ``follow`` has something to do, if no alarm changes before."""
        return 0.0 if self._is_unseen else self._deadlines.next()

    def follow(
        self, transitions: Sequence[Transition], touched: Collection[str], *, now: float
    ) -> Followed:
        """Move on; ``touched`` are the names of alarms whose groups may have changed.

        ``transitions`` are those of alarms on metrics, in order.
        """
        if not self._ordered:
            return Followed(transitions=list(transitions), actions=list(transitions))
        followed = Followed()
        last = [each for each in transitions if each.at >= now]
        before = (each for each in transitions if each.at < now)
        for at, moment in groupby(before, key=lambda each: each.at):
            batch = list(moment)
            self._end_periods(at, followed)
            followed.transitions += batch
            followed.actions += batch
            self._look(self._moved(batch), at, followed, is_last=False)
        self._end_periods(now, followed)
        followed.transitions += last
        followed.actions += last
        # Groups may have come and gone as well, without a transition.
        self._look(self._synced(touched), now, followed, is_last=True)
        self._is_unseen = False
        return followed

    def _in_order(self) -> Iterator[CompositeState]:
        """Yield the composite alarms, each behind those that it is about."""
        children = {
            name: roster.definition.rule.children
            for name, roster in self._rosters.items()
            if isinstance(roster.definition, CompositeDefinition)
        }
        for name in TopologicalSorter(children).static_order():
            if name in children:
                for state in self._rosters[name]:
                    if isinstance(state, CompositeState):
                        yield state

    # --- states -------------------------------------------------------------------

    def _moved(self, batch: Sequence[Transition]) -> set[str]:
        """Count what ``batch`` has moved; return which alarms changed as a whole."""
        names = {each.alarm.name for each in batch} & self._wholes.keys()
        for each in batch:
            if each.alarm.name in names:
                self._wholes[each.alarm.name].move(each.old, each.new)
        return {name for name in names if self._is_other(name)}

    def _synced(self, touched: Collection[str]) -> set[str]:
        names = self._wholes.keys() & touched
        for name in names:
            self._wholes[name].sync()
        return {name for name in names if self._is_other(name)}

    def _is_other(self, name: str) -> bool:
        state = self._wholes[name].state
        is_other = self._states[name] is not state
        self._states[name] = state
        return is_other

    def _look(
        self, changed: set[str], at: float, followed: Followed, *, is_last: bool
    ) -> None:
        """Judge all composite alarms about what has ``changed`` at one moment."""
        is_unseen = self._is_unseen and is_last
        if not changed and not is_unseen:
            return
        moved: dict[str, Transition] = {}
        for composite in self._ordered:
            if composite.is_new and not is_last:
                continue  # its children may be as new, and not judged themselves
            if is_unseen or not changed.isdisjoint(composite.definition.rule.children):
                transition = self._judge(composite, at, followed)
                if transition is not None:
                    moved[composite.alarm.name] = transition
                    if composite.alarm.name in self._wholes:
                        self._wholes[composite.alarm.name].sync()
                        self._is_other(composite.alarm.name)
                        changed.add(composite.alarm.name)
        for composite in self._ordered:
            transition = moved.get(composite.alarm.name)
            suppressor = composite.definition.suppressor
            is_concerned = suppressor is not None and suppressor.alarm in changed
            if transition is not None or is_concerned or is_unseen:
                self._act(composite, transition, at, followed)

    def _judge(
        self, composite: CompositeState, at: float, followed: Followed
    ) -> Transition | None:
        cause = partial(self._cause, composite.definition)
        if composite.change is not None:
            at = max(at, composite.change.at)
        transition = composite.judge(self._states, at, cause)
        if composite.is_unsaved:
            followed.changed.append(composite)
        if transition is None:
            return None
        received = [
            each.received_at
            for each in followed.transitions
            if each.at == at
            and each.received_at is not None
            and each.alarm.name in composite.definition.rule.children
        ]
        transition = replace(transition, received_at=max(received, default=None))
        followed.transitions.append(transition)
        self._rosters[composite.alarm.name].place(composite)
        return transition

    def _cause(self, definition: CompositeDefinition) -> Cause:
        """Return the newest evidence of the children in ALARM, and its extent."""
        total = 0
        found: dict[Evidence, None] = {}
        for child in definition.rule.children:
            in_alarm = list(self._rosters[child].inside(AlarmState.ALARM))
            total += sum(each.change.total for each in in_alarm if each.change)
            # The newest groups are the last ones.
            for each in islice(reversed(in_alarm), definition.evidence):
                if each.change is not None:
                    found |= dict.fromkeys(each.change.evidence)
        newest = sorted(found, key=lambda each: each.event_time or "", reverse=True)
        return Cause(total=total, evidence=tuple(newest[: definition.evidence]))

    # --- actions ------------------------------------------------------------------

    def _act(
        self,
        composite: CompositeState,
        transition: Transition | None,
        at: float,
        followed: Followed,
    ) -> None:
        """Let the actions of ``transition`` run or wait, by what the suppressor is."""
        suppression, suppressor = composite.suppression, composite.definition.suppressor
        if suppression is not None and suppressor is not None:
            is_in_alarm = self._states[suppressor.alarm] is AlarmState.ALARM
            if suppression.see(at, is_in_alarm=is_in_alarm):
                composite.is_unsaved = True
            if transition is not None:
                suppression.change(at)
            suppression.end(at)  # periods may have no length
            self._set_deadline(composite)
        followed.changed.append(composite)
        why = composite.suppressed_by
        if transition is not None and why is None:
            followed.actions.append(transition)
        elif transition is not None or (composite.is_kept_back and why is not None):
            hold(composite, why)
        elif why is None:
            self._resume(composite, followed)

    def _end_periods(self, until: float, followed: Followed) -> None:
        # Of equal ends not in the queue's order: that one does not survive a restart.
        for composite in sorted(self._deadlines.pop(until), key=self._place):
            if composite.suppression is not None and composite.suppression.end(until):
                composite.is_unsaved = True
                followed.changed.append(composite)
                self._resume(composite, followed)

    def _resume(self, composite: CompositeState, followed: Followed) -> None:
        """Let run what was kept back, now that nothing suppresses it."""
        transition = composite.last_transition
        if not composite.is_kept_back or transition is None:
            followed.has_resumed = True
            return
        hold(composite, None)
        # It is late on purpose: that must not count as a delay.
        followed.actions.append(replace(transition, received_at=None))

    def _place(self, composite: CompositeState) -> tuple[float, int]:
        """Order by when a period ends, then as the configuration does."""
        suppression = composite.suppression
        until = None if suppression is None else suppression.until
        return until or 0.0, self._rosters[composite.alarm.name].rank

    def _set_deadline(self, composite: CompositeState) -> None:
        suppression = composite.suppression
        until = None if suppression is None else suppression.until
        self._deadlines.set(composite, until)


class _Whole:
    """One alarm as a whole: how many of its groups are in which state."""

    __slots__ = ("_counts", "_resting", "_roster")

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._resting = _resting_state(roster)
        self._counts: dict[AlarmState, int] = {}
        self.sync()

    @property
    def state(self) -> AlarmState:
        """The loudest state that there is."""
        for state in (AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA, AlarmState.OK):
            if self._counts[state]:
                return state
        return self._resting

    def sync(self) -> None:
        """Take over how it is by now."""
        self._counts = {state: self._roster.count(state) for state in AlarmState}

    def move(self, old: AlarmState, new: AlarmState) -> None:
        """Count a transition; the group may be newer than the counts."""
        self._counts[old] = max(0, self._counts[old] - 1)
        self._counts[new] += 1


def _watched(definition: CompositeDefinition) -> Iterator[str]:
    yield from definition.rule.children
    if definition.suppressor is not None:
        yield definition.suppressor.alarm


def _resting_state(roster: Roster) -> AlarmState:
    """Return what an alarm with groups is in while it has none."""
    definition = roster.definition
    rests = (
        isinstance(definition, CompositeDefinition)
        or definition.treat_missing_data is MissingData.NOT_BREACHING
    )
    return AlarmState.OK if rests else AlarmState.INSUFFICIENT_DATA
