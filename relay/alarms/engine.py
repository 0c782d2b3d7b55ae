"""All alarms together: datapoints and time in, transitions and what to save out; pure.

The caller makes an ``Outcome`` durable before anybody acts on its transitions. The
result does not depend on the order of the datapoints of one ``apply``, nor on restarts
between calls.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from relay.alarms.actions import Actions, held_by
from relay.alarms.changes import Batch, Changes, fits
from relay.alarms.composites import Composites
from relay.alarms.deadlines import Deadlines
from relay.alarms.kinds import AlarmGroup
from relay.alarms.mute_rules import Mutes
from relay.alarms.outcome import AlarmView, Outcome, Replaced
from relay.alarms.reason import UNCHECKED
from relay.alarms.roster import Roster
from relay.config.rules import AlarmDefinition, AnyAlarm, MuteRule
from relay.model import (
    AlarmKey,
    AlarmState,
    Datapoint,
    Group,
    SavedAlarm,
    Transition,
)


class AlarmEngine:
    """The states of all alarms of one configuration.

    An alarm without ``group_by`` is there from the start, in INSUFFICIENT_DATA, and due
    for its first judgement at once; groups come with their first datapoint, and go when
    they rest and have nothing to remember. Composite alarms are judged behind all
    others. Actions of what a mute rule names wait for the ends of its windows.
    """

    def __init__(
        self,
        definitions: Sequence[AnyAlarm],
        *,
        now: float,
        mute_rules: Iterable[MuteRule] = (),
    ) -> None:
        self._rosters: dict[AlarmKey, Roster] = {}
        self._deadlines: Deadlines[AlarmGroup] = Deadlines()
        self.replace(definitions, now=now, mute_rules=mute_rules)

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
        self._look_anew()
        return unfit

    def replace(
        self,
        definitions: Sequence[AnyAlarm],
        *,
        now: float,
        mute_rules: Iterable[MuteRule] = (),
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
        self._mutes = Mutes(mute_rules)
        self._look_anew()
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
        batches: dict[tuple[int, Group], Batch] = {}
        ignored = 0
        for point in datapoints:
            roster = self._rosters.get(point.alarm)
            if roster is None or not fits(point, roster):
                ignored += point.count
                continue
            if not roster.kind.holds(point.group):
                continue  # it is fed to an alarm that expects other groups
            name = roster.rank, point.group
            if name not in batches:
                batches[name] = Batch(roster=roster, group=point.group)
            batches[name].points.append(point)
        changes = Changes.begin(now, seen_until)
        self._judge(changes)
        for batch in sorted(batches.values(), key=Batch.place):
            self._count(batch, changes)
        return self._outcome(changes, ignored)

    def tick(self, *, now: float, seen_until: float | None = None) -> Outcome:
        """Judge everything whose time has come at ``now``.

        ``seen_until`` says that the source has not caught up: everything that came
        before that time has been counted, but not everything since. Then nothing is
        judged that was due later, for what looks like silence may be backlog. None:
        there is no backlog.
        """
        changes = Changes.begin(now, seen_until)
        self._judge(changes)
        return self._outcome(changes, 0)

    def next_deadline(self, *, seen_until: float | None = None) -> float | None:
        """Return when ``tick`` must be called next; None when nothing will be due.

        What is due for judgement after ``seen_until`` is left out: it waits for a later
        one, and calling before that is in vain. Actions that are held back do not.
        """
        judged = self._deadlines.next()
        if judged is not None and seen_until is not None and judged > seen_until:
            judged = None
        deadlines = (
            judged,
            self._composites.next_deadline(),
            self._actions.next_deadline(),
        )
        return min((due for due in deadlines if due is not None), default=None)

    def counts(self) -> Mapping[AlarmState, int]:
        """Return how many alarm groups are in each state."""
        return {
            state: sum(roster.count(state) for roster in self._rosters.values())
            for state in AlarmState
        }

    def definition(self, key: AlarmKey) -> AlarmDefinition | None:
        """Return the definition in force of an alarm that metrics feed, or None."""
        roster = self._rosters.get(key)
        definition = None if roster is None else roster.definition
        return definition if isinstance(definition, AlarmDefinition) else None

    def active(self) -> Iterator[Transition]:
        """Yield, for every alarm group in ALARM, the transition that led there.

        Not for those whose actions are held back: nobody is to hear of them yet.
        """
        for roster in self._rosters.values():
            for state in roster.inside(AlarmState.ALARM):
                transition = state.last_transition
                if transition is not None and held_by(state) is None:
                    yield transition

    def held(self) -> Iterator[tuple[str, Group]]:
        """Yield every alarm group whose actions are held back, by name and group."""
        for roster in self._rosters.values():
            for state in roster:
                if held_by(state) is not None:
                    yield state.alarm.name, state.group

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
                    held_by=held_by(state),
                )

    def _judge(self, changes: Changes) -> None:
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
            is_muted = bool(transitions) and self._actions.is_muted(state, changes.now)
            if not is_muted and self._drop_spent(roster, state, changes):
                continue
            self._deadlines.set(state, state.due())
            if transitions:
                moved.append((transitions[-1].at, roster, state))
        # When many come due in one call, it must look as if each had come in its own.
        changes.transitions.sort(key=lambda each: each.at)
        for _, roster, state in sorted(moved, key=lambda each: each[0]):
            roster.place(state)

    def _count(self, batch: Batch, changes: Changes) -> None:
        roster, group = batch.roster, batch.group
        state = roster.get(group)
        if state is None:
            # Before it comes, or it would be the one to go where all others alarm.
            for evicted in self._evict(roster, coming=1):
                changes.gone[evicted.alarm, evicted.group] = None
                changes.evicted += 1
            state = roster.kind.begin_group(group, now=changes.now, until=changes.until)
        was_unsaved, state.is_unsaved = state.is_unsaved, False
        changes.transitions += state.add(
            batch.points, now=changes.now, until=changes.until
        )
        changes.values_evicted += state.evictions()
        if state.is_unsaved:  # else its turn would not survive a restart
            roster.place(state)
        state.is_unsaved |= was_unsaved
        self._deadlines.set(state, state.due())
        changes.touched[state] = roster

    def _drop_spent(self, roster: Roster, state: AlarmGroup, changes: Changes) -> bool:
        """Let a group go that has nothing to remember; return whether it has gone."""
        if not roster.is_grouped or not state.is_spent or held_by(state) is not None:
            return False
        self._leave(roster, state)
        changes.gone[state.alarm, state.group] = None
        return True

    def _act(self, changes: Changes) -> tuple[list[Transition], bool]:
        """Move the composite alarms, and decide which actions run.

        Return these, and whether an alarm has resumed.
        """
        touched = {state.alarm.name for state in changes.touched}
        touched |= {alarm.name for alarm, _ in changes.gone}
        followed = self._composites.follow(
            changes.transitions, touched, now=changes.now
        )
        changes.transitions = followed.transitions
        for composite in followed.changed:
            changes.touched[composite] = self._rosters[composite.alarm]
        actions, released = self._actions.settle(
            followed.actions, self._rosters, changes.now
        )
        for state in released:
            roster = self._rosters[state.alarm]
            changes.touched[state] = roster
            self._drop_spent(roster, state, changes)
        return actions, followed.has_resumed

    def _outcome(self, changes: Changes, ignored: int) -> Outcome:
        actions, has_resumed = self._act(changes)
        live = [
            state
            for state, roster in changes.touched.items()
            if roster.get(state.group) is state
        ]
        names = {(state.alarm, state.group) for state in live} if changes.gone else ()
        return Outcome(
            transitions=tuple(changes.transitions),
            actions=tuple(actions),
            has_resumed=has_resumed,
            changed=tuple(state.save() for state in live if state.is_unsaved),
            removed=tuple(
                (key.name, group)
                for key, group in changes.gone
                if (key, group) not in names
            ),
            ignored=ignored,
            evicted=changes.evicted,
            values_evicted=changes.values_evicted,
        )

    def _look_anew(self) -> None:
        """Know the composite alarms, and what waits, among the groups there are now."""
        self._composites = Composites(self._rosters.values())
        self._actions = Actions(
            self._mutes,
            (state for roster in self._rosters.values() for state in roster),
        )

    def _start(self, roster: Roster, now: float) -> None:
        for state in roster.kind.begin(now=now):
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
        self._actions.discard(state)


def _anew(state: AlarmGroup, roster: Roster) -> AlarmGroup:
    """Return the same state under the definition of ``roster``."""
    was_unsaved = state.is_unsaved
    anew = roster.kind.restore(state.save())
    anew.is_unsaved = was_unsaved
    return anew
