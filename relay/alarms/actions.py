"""Which transitions' actions run, and which wait for the end of a mute window; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from relay.alarms.composite import CompositeState
from relay.alarms.deadlines import Deadlines
from relay.alarms.kinds import AlarmGroup
from relay.alarms.mute_rules import Mutes
from relay.alarms.roster import Roster
from relay.alarms.suppression import Hold
from relay.model import AlarmKey, Transition


def hold(state: AlarmGroup, why: Hold | None) -> None:
    """Note why the actions of the newest transition wait; None: they run."""
    if state.change is not None and state.change.held is not why:
        state.change = msgspec.structs.replace(state.change, held=why)
        state.is_unsaved = True


def held_by(state: AlarmGroup) -> Hold | None:
    """Return what keeps the actions of an alarm group back, if anything does."""
    if isinstance(state, CompositeState) and state.suppressed_by is not None:
        return state.suppressed_by
    return None if state.change is None else state.change.held


class Actions:
    """The gate of the mute rules, behind that of the suppressors.

    What waits is known from the alarm groups themselves, so that it is saved with them;
    of several transitions in one window only the newest is kept.
    """

    def __init__(self, mutes: Mutes, states: Iterable[AlarmGroup] = ()) -> None:
        """Look at once for what waits among ``states``, all that there are."""
        self._mutes = mutes
        self._waiting: Deadlines[AlarmGroup] = Deadlines()
        for state in states:
            if state.change is not None and state.change.held is Hold.MUTE_RULE:
                self._waiting.set(state, 0.0)

    def discard(self, state: AlarmGroup) -> None:
        """Forget a group that is gone."""
        self._waiting.discard(state)

    def next_deadline(self) -> float | None:
        """Return when a window ends that something waits for."""
        return self._waiting.next()

    def is_muted(self, state: AlarmGroup, now: float) -> bool:
        """Tell whether actions of the group would have to wait."""
        return self._mutes.muted_until(state.alarm.name, now) is not None

    def settle(
        self,
        transitions: Iterable[Transition],
        rosters: Mapping[AlarmKey, Roster],
        now: float,
    ) -> tuple[list[Transition], list[AlarmGroup]]:
        """Return what runs now: of ``transitions``, and of what has waited.

        With it, the groups that do not wait any more.
        """
        running: list[Transition] = []
        for transition in transitions:
            state = rosters[transition.alarm].get(transition.group)
            if state is None or self._admits(state, now):
                running.append(transition)
        released = self._release(now)
        # Not in the queue's order: that one does not survive a restart.
        released.sort(key=lambda each: (rosters[each.alarm].rank, each.turn))
        running += [
            # It is late on purpose: that must not count as a delay.
            replace(last, after_mute=True, received_at=None)
            for state in released
            if held_by(state) is None and (last := state.last_transition) is not None
        ]
        return running, released

    def _admits(self, state: AlarmGroup, now: float) -> bool:
        until = self._mutes.muted_until(state.alarm.name, now)
        if until is None:
            self._waiting.discard(state)
            return True
        hold(state, Hold.MUTE_RULE)
        self._waiting.set(state, until)
        return False

    def _release(self, now: float) -> list[AlarmGroup]:
        """Return the groups whose windows are over.

        Where a suppressor has come in the meantime, it has the last word.
        """
        released: list[AlarmGroup] = []
        for state in self._waiting.pop(now):
            if state.change is None or state.change.held is not Hold.MUTE_RULE:
                continue
            until = self._mutes.muted_until(state.alarm.name, now)
            if until is not None:
                self._waiting.set(state, until)
                continue
            hold(state, None)
            hold(state, held_by(state))
            released.append(state)
        return released
