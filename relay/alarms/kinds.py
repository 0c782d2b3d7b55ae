"""What the engine asks of one alarm group, and the kinds of alarms that have groups.

A kind knows how the groups of its definitions begin and are restored; a group knows
what its datapoints and the passing of time do to it. The engine keeps all of them, and
asks nothing else.
"""

from collections.abc import Sequence
from typing import Protocol

from relay.alarms.composite import CompositeKind
from relay.alarms.condition import Condition
from relay.alarms.conditions.absent import AbsentKind
from relay.alarms.conditions.cardinality import CardinalityKind
from relay.alarms.conditions.new_value import NewValueKind
from relay.alarms.conditions.rate_change import RateChangeKind
from relay.alarms.saved import Body, Change, decode_body
from relay.alarms.state import GroupState
from relay.config.conditions import Absent, Cardinality, NewValue, RateChange
from relay.config.rules import AlarmDefinition, AnyAlarm, CompositeDefinition
from relay.model import (
    AlarmKey,
    AlarmState,
    Datapoint,
    Group,
    SavedAlarm,
    Transition,
)


class AlarmGroup(Protocol):
    """The state of one group of one alarm; pure, told apart by identity.

    ``turn`` is the engine's: it orders the groups of one alarm, and is saved with them.
    ``change`` is the newest transition; the engine notes in it why its actions wait.
    ``is_unsaved`` tells that ``save`` would give another body than the last time.
    """

    alarm: AlarmKey
    group: Group
    state: AlarmState
    turn: int
    change: Change | None
    is_unsaved: bool

    @property
    def last_transition(self) -> Transition | None:
        """The transition that led to the present state, if there was one."""
        ...

    @property
    def is_spent(self) -> bool:
        """Whether it could as well begin anew, with nothing to remember."""
        ...

    def due(self) -> float | None:
        """Return when ``advance`` has something to do, if nothing comes before."""
        ...

    def advance(self, until: float) -> list[Transition]:
        """Let time pass; return the transitions, each at its time, in order."""
        ...

    def add(
        self, points: Sequence[Datapoint], *, now: float, until: float
    ) -> list[Transition]:
        """Add datapoints that came at ``now``, with time passed ``until`` then."""
        ...

    def evictions(self) -> int:
        """Return how many values lacked room since this was asked last."""
        ...

    def save(self) -> SavedAlarm:
        """Return all that a restart needs, and note that it is saved."""
        ...


class Kind(Protocol):
    """How the groups of one definition come to be."""

    def holds(self, group: Group) -> bool:
        """Return whether the alarm can have this group."""
        ...

    def begin(self, *, now: float) -> Sequence[AlarmGroup]:
        """Begin the groups that are there from the start.

        As a rule, the one of an alarm without groups.
        """
        ...

    def begin_group(self, group: Group, *, now: float, until: float) -> AlarmGroup:
        """Begin a group at its first datapoint."""
        ...

    def restore(self, saved: SavedAlarm) -> AlarmGroup:
        """Return a group as it was saved under the same fingerprint.

        Raises StateError when it cannot be read.
        """
        ...


class MetricKind:
    """Alarms on a metric: a statistic of some periods, compared with a threshold."""

    def __init__(self, definition: AlarmDefinition) -> None:
        self._condition = Condition.of(definition)

    def holds(self, group: Group) -> bool:  # noqa: ARG002 - others look at it
        """Return whether the alarm can have this group: any."""
        return True

    def begin(self, *, now: float) -> Sequence[GroupState]:
        """Begin in INSUFFICIENT_DATA, to be judged at once."""
        if self._condition.definition.group_by:
            return ()
        body = self._newborn(AlarmState.INSUFFICIENT_DATA, born_at=now, until=now)
        body.hold_until = now
        alarm = GroupState(self._condition, (), body)
        alarm.is_unsaved = True
        return (alarm,)

    def begin_group(self, group: Group, *, now: float, until: float) -> GroupState:
        """Begin in the state that silence leads to."""
        resting = self._condition.resting_state
        state = resting or AlarmState.INSUFFICIENT_DATA
        body = self._newborn(state, born_at=now, until=until)
        return GroupState(self._condition, group, body)

    def restore(self, saved: SavedAlarm) -> GroupState:
        """Return a group as it was saved."""
        return GroupState(self._condition, saved.group, decode_body(saved))

    def _newborn(self, state: AlarmState, *, born_at: float, until: float) -> Body:
        return Body(
            state=state,
            born_at=born_at,
            turn=0,
            hold_until=None,
            judged=self._condition.watermark(until),
        )


def kind_of(definition: AnyAlarm) -> Kind:
    """Return the kind of ``definition``."""
    if isinstance(definition, CompositeDefinition):
        return CompositeKind(definition)
    match definition.condition:
        case None:
            return MetricKind(definition)
        case Absent() as condition:
            return AbsentKind(definition, condition)
        case NewValue() as condition:
            return NewValueKind(definition, condition)
        case Cardinality() as condition:
            return CardinalityKind(definition, condition)
        case RateChange() as condition:
            return RateChangeKind(definition, condition)
