"""``cardinality``: more different values within one period than there should be.

It fires at once, as no later datapoint takes a value away. Windows slide like those of
a threshold, and every window that a late event falls into is looked at.
"""

from collections.abc import Sequence

import msgspec

from relay.alarms.condition import Condition
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
from relay.alarms.conditions.presence import Crowd, Presence, Run
from relay.alarms.conditions.terms import digest
from relay.alarms.conditions.wording import say_calm, say_crowded
from relay.alarms.saved import Sighting
from relay.alarms.sightings import Sightings
from relay.alarms.windows import Slot
from relay.config.conditions import Cardinality
from relay.config.rules import AlarmDefinition
from relay.model import AlarmState, Datapoint, Group, SavedAlarm, Transition


class CardinalityBody(Body):
    """What is kept of a group: when values were there, and records that have them."""

    runs: list[Run] = msgspec.field(default_factory=list)
    sightings: list[Sighting] = msgspec.field(default_factory=list)


class CardinalityGroup(ConditionGroup):
    """The state of one group whose different values are counted."""

    __slots__ = ("_condition", "_crowd", "_presence", "_sightings", "_time")

    def __init__(
        self,
        time: Condition,
        condition: Cardinality,
        group: Group,
        body: CardinalityBody,
    ) -> None:
        super().__init__(time.definition, group, body.head)
        self._condition = condition
        self._time = time
        self._presence = Presence(
            self._time.slot_buckets, condition.max_values, body.runs
        )
        self._sightings = Sightings(self._time, body.sightings)
        self._crowd: Crowd | None = None

    @property
    def is_spent(self) -> bool:
        """Whether it is calm, and remembers no value."""
        return (
            self.state is AlarmState.OK
            and self._hold_until is None
            and not len(self._presence)
        )

    def add(
        self, points: Sequence[Datapoint], *, now: float, until: float
    ) -> list[Transition]:
        """Add datapoints; with too many different values they raise the alarm."""
        touched = self._time.bucket(now) + 1
        if touched > self._presence.touched:
            self._forget(now, until)
        changed: set[int] = set()
        fresh: list[Datapoint] = []
        for time, point in in_order(points, now):
            bucket = self._time.bucket(time)
            changed.add(bucket)
            if self._presence.add(digest(point.term or ""), bucket, touched):
                fresh.append(point)
        if fresh:
            self._sightings.add(fresh, now=now)
            self.is_unsaved = True
        transitions = self._look_for_crowd(sorted(changed), now, points)
        if fresh:
            self._sightings.trim()
            if self._presence.trim():
                self._crowd = None
        return transitions

    def evictions(self) -> int:
        """Return how many values lacked room since this was asked last."""
        evicted, self._presence.evicted = self._presence.evicted, 0
        return evicted

    def _look_for_crowd(
        self, changed: Sequence[int], now: float, points: Sequence[Datapoint]
    ) -> list[Transition]:
        if self._is_known_crowd(changed):
            self._hold(now)
            return []
        crowd = self._presence.crowd(changed, self._condition.more_than)
        if crowd is None:
            return []
        self._crowd = crowd
        self._hold(now)
        if self.state is AlarmState.ALARM:
            return []
        end = crowd.end * self._time.bucket_secs
        start = end - self._definition.period_secs
        return self._move(
            AlarmState.ALARM,
            say_crowded(self._condition, crowd.distinct, at=now, start=start, end=end),
            at=now,
            received_at=newest_received(points),
            shown=Shown(
                total=crowd.distinct,
                evidence=self._sightings.inside([Slot(start=start)]),
            ),
        )

    def _is_known_crowd(self, changed: Sequence[int]) -> bool:
        """Return whether the crowd found last has a changed bucket: it still is one.

        This spares the search while a burst goes on, and decides nothing that the
        search would not.
        """
        if self._crowd is None or self.state is not AlarmState.ALARM:
            return False
        end = self._crowd.end
        return any(end - self._time.slot_buckets <= each < end for each in changed)

    def _forget(self, now: float, until: float) -> None:
        oldest = self._time.watermark(until) - self._time.slot_buckets
        touched = self._time.bucket(now - self._time.keep_secs)
        if self._presence.forget(oldest, touched):
            self._crowd, self.is_unsaved = None, True

    def _body(self) -> CardinalityBody:
        return CardinalityBody(
            head=self._head(),
            runs=self._presence.save(),
            sightings=self._sightings.kept,
        )

    def _calm_down(self, at: float) -> list[Transition]:
        why = say_calm(self._condition, self._definition.period_secs, at=at)
        return self._move(AlarmState.OK, why, at=at)

    def _next_due(self) -> float | None:
        if not len(self._presence):
            return None
        last_end = self._presence.last + 1 + self._time.slot_buckets
        touched_at = self._presence.touched * self._time.bucket_secs
        return max(self._time.due(last_end), touched_at + self._time.keep_secs)

    def _pass_time(self, _at: float) -> list[Transition]:
        self._presence.clear()
        self._sightings.drop_outside(())
        self._crowd, self.is_unsaved = None, True
        return []


class CardinalityKind(ConditionKind[CardinalityGroup]):
    """Alarms that wait for variety."""

    def __init__(self, definition: AlarmDefinition, condition: Cardinality) -> None:
        super().__init__(definition)
        self._condition = condition
        self._time = Condition.of(definition)

    def restore(self, saved: SavedAlarm) -> CardinalityGroup:
        """Return a group as it was saved."""
        return self._group(saved.group, decode_body(saved, CardinalityBody))

    def _newborn(self, group: Group, *, now: float, is_new: bool) -> CardinalityGroup:
        state = AlarmState.INSUFFICIENT_DATA if is_new else AlarmState.OK
        head = Head(state=state, born_at=now, is_new=is_new)
        return self._group(group, CardinalityBody(head=head))

    def _group(self, group: Group, body: CardinalityBody) -> CardinalityGroup:
        return CardinalityGroup(self._time, self._condition, group, body)
