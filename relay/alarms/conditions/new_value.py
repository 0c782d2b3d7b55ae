"""``new_value``: a value that was not seen before, within some time.

It fires at once: whatever else comes, the value was new. At first it only learns, which
counts from the birth of the group: an event from before the end of learning is learned,
however late it comes.
"""

from collections.abc import Sequence

import msgspec

from relay.alarms.conditions.group import (
    Body,
    ConditionGroup,
    Head,
    Shown,
    decode_body,
    in_order,
    newest_received,
)
from relay.alarms.conditions.kind import ConditionKind
from relay.alarms.conditions.known import Grain, KnownValues
from relay.alarms.conditions.terms import digest
from relay.alarms.conditions.wording import say_calm, say_learned, say_new
from relay.config.conditions import NewValue
from relay.config.rules import AlarmDefinition
from relay.model import AlarmState, Datapoint, Group, SavedAlarm, Transition

_Seen = tuple[float, str, Datapoint]
"""When a value was seen, the value, and in what."""


class NewValueBody(Body):
    """What is kept of a group: the values that it knows."""

    known: list[Grain] = msgspec.field(default_factory=list)
    oldest: int = 0


class NewValueGroup(ConditionGroup):
    """The state of one group whose values are watched.

    While it learns it is in INSUFFICIENT_DATA, as it cannot tell what is new.
    """

    __slots__ = ("_condition", "_known")

    def __init__(
        self,
        definition: AlarmDefinition,
        condition: NewValue,
        group: Group,
        body: NewValueBody,
    ) -> None:
        super().__init__(definition, group, body.head)
        self._condition = condition
        self._known = KnownValues(
            condition.within_secs,
            condition.max_values,
            body.known,
            oldest=body.oldest,
        )

    @property
    def is_spent(self) -> bool:
        """Whether it has learned, and knows no value any more."""
        return (
            self.state is AlarmState.OK
            and self._hold_until is None
            and not len(self._known)
        )

    def add(
        self, points: Sequence[Datapoint], *, now: float, until: float
    ) -> list[Transition]:
        """Add datapoints; those with values that are new raise the alarm."""
        if self._known.forget(until - self._definition.lateness_secs):
            self.is_unsaved = True
        news: list[_Seen] = []
        for time, point in in_order(points, now):
            term = point.term or ""
            value = digest(term)
            if not self._known.is_known(value, time) and self._has_learned(time):
                news.append((time, term, point))
            if self._known.see(value, time):
                self.is_unsaved = True
        self._known.trim()
        return self._tell(news, now) if news else []

    def evictions(self) -> int:
        """Return how many values lacked room since this was asked last."""
        evicted, self._known.evicted = self._known.evicted, 0
        return evicted

    def _tell(self, news: list[_Seen], now: float) -> list[Transition]:
        news.reverse()
        self._hold(now)
        seen = [(time, term) for time, term, _ in news]
        evidence = [point.evidence for _, _, point in news if point.evidence]
        return self._move(
            AlarmState.ALARM,
            say_new(self._condition, seen, at=now),
            at=now,
            received_at=newest_received([point for _, _, point in news]),
            shown=Shown(total=len(news), evidence=tuple(evidence)),
        )

    def _has_learned(self, time: float) -> bool:
        learn_secs = self._condition.learn_secs
        return not learn_secs or time >= self._born_at + learn_secs

    def _body(self) -> NewValueBody:
        return NewValueBody(
            head=self._head(),
            known=self._known.save(),
            oldest=self._known.oldest,
        )

    def _calm_down(self, at: float) -> list[Transition]:
        has_learned = self.state is AlarmState.INSUFFICIENT_DATA
        if has_learned and self._condition.learn_secs:
            why = say_learned(self._condition, len(self._known), at=at)
        else:
            why = say_calm(self._condition, self._definition.period_secs, at=at)
        return self._move(AlarmState.OK, why, at=at)

    def _next_due(self) -> float | None:
        forgotten_at = self._known.forgotten_at()
        if forgotten_at is None:
            return None
        return forgotten_at + self._definition.lateness_secs

    def _pass_time(self, _at: float) -> list[Transition]:
        self._known.clear()
        self.is_unsaved = True
        return []


class NewValueKind(ConditionKind[NewValueGroup]):
    """Alarms that wait for what was not there before; a new group learns first."""

    def __init__(self, definition: AlarmDefinition, condition: NewValue) -> None:
        super().__init__(definition)
        self._condition = condition

    def restore(self, saved: SavedAlarm) -> NewValueGroup:
        """Return a group as it was saved."""
        return self._group(saved.group, decode_body(saved, NewValueBody))

    def _newborn(self, group: Group, *, now: float, is_new: bool) -> NewValueGroup:
        learn_secs = self._condition.learn_secs
        learns = is_new or learn_secs > 0
        head = Head(
            state=AlarmState.INSUFFICIENT_DATA if learns else AlarmState.OK,
            born_at=now,
            is_new=is_new,
            hold_until=now + learn_secs if learn_secs else None,
        )
        return self._group(group, NewValueBody(head=head))

    def _group(self, group: Group, body: NewValueBody) -> NewValueGroup:
        return NewValueGroup(self._definition, self._condition, group, body)
