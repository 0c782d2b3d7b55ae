"""``absent``: no match for so long, of those that are expected or were seen before.

Silence is judged behind the watermark, and only as far as what has come is complete. It
counts from the newest match, or from the birth of the group where that is later: of
what was before, the group has not seen everything.
"""

from collections.abc import Sequence

from relay.alarms.conditions.group import (
    NOTHING,
    Body,
    ConditionGroup,
    Head,
    Shown,
    decode_body,
    in_order,
    newest_received,
)
from relay.alarms.conditions.kind import ConditionKind
from relay.alarms.conditions.wording import say_absent, say_forgotten, say_present
from relay.config.conditions import Absent
from relay.config.rules import AlarmDefinition
from relay.model import (
    AlarmState,
    Datapoint,
    Evidence,
    Group,
    SavedAlarm,
    Transition,
)


class AbsentBody(Body):
    """What is kept of a group: the time and the evidence of its newest match."""

    last: float | None = None
    evidence: Evidence | None = None


class AbsentGroup(ConditionGroup):
    """The state of one group that is to be heard of."""

    __slots__ = ("_condition", "_evidence", "_last")

    def __init__(
        self,
        definition: AlarmDefinition,
        condition: Absent,
        group: Group,
        body: AbsentBody,
    ) -> None:
        super().__init__(definition, group, body.head)
        self._condition = condition
        self._last = body.last
        self._evidence = body.evidence

    @property
    def is_spent(self) -> bool:
        """Whether it has never been heard of, or not for so long that it is forgotten.

        An expected group and the one of an alarm without groups stay: the engine
        removes only groups that come with a datapoint.
        """
        return self._condition.seen_within_secs is not None and self._last is None

    def add(
        self, points: Sequence[Datapoint], *, now: float, until: float
    ) -> list[Transition]:
        """Add datapoints; the group is present again when the newest is new enough."""
        time, newest = in_order(points, now)[-1]
        if self._last is None or time > self._last:
            self._last = time
            self._evidence = newest.evidence if self._definition.evidence else None
            self.is_unsaved = True
        if self._silent_at() <= until:
            return []
        return self._move(
            AlarmState.OK,
            say_present(self._condition, at=now, last=self._last),
            at=now,
            received_at=newest_received(points),
        )

    def _body(self) -> AbsentBody:
        return AbsentBody(head=self._head(), last=self._last, evidence=self._evidence)

    def _calm_down(self, _at: float) -> list[Transition]:
        return []

    def _next_due(self) -> float | None:
        if self.is_spent:
            return None
        if self.state is not AlarmState.ALARM:
            return self._silent_at()
        return self._forgotten_at()

    def _pass_time(self, at: float) -> list[Transition]:
        last, seen_within_secs = self._last, self._condition.seen_within_secs
        if self.state is not AlarmState.ALARM:
            seen = () if self._evidence is None else (self._evidence,)
            return self._move(
                AlarmState.ALARM,
                say_absent(self._condition, at=at, last=last),
                at=at,
                shown=Shown(evidence=seen) if seen else NOTHING,
            )
        if last is None or seen_within_secs is None:
            raise AssertionError("only what was seen before is forgotten")
        self._last = self._evidence = None
        return self._move(
            AlarmState.INSUFFICIENT_DATA,
            say_forgotten(seen_within_secs=seen_within_secs, at=at, last=last),
            at=at,
        )

    def _silent_at(self) -> float:
        """Return when it will have been silent for too long."""
        return self._judged_at(self._condition.for_secs)

    def _forgotten_at(self) -> float | None:
        within = self._condition.seen_within_secs
        return None if within is None else self._judged_at(within)

    def _judged_at(self, silence_secs: float) -> float:
        since = self._born_at if self._last is None else max(self._last, self._born_at)
        return since + silence_secs + self._definition.lateness_secs


class AbsentKind(ConditionKind[AbsentGroup]):
    """Alarms that wait for silence."""

    def __init__(self, definition: AlarmDefinition, condition: Absent) -> None:
        super().__init__(definition)
        self._condition = condition
        self._expected = frozenset(condition.expected)

    def holds(self, group: Group) -> bool:
        """Return whether the group is expected, if only some are."""
        return not self._expected or group in self._expected

    def restore(self, saved: SavedAlarm) -> AbsentGroup:
        """Return a group as it was saved."""
        return self._group(saved.group, decode_body(saved, AbsentBody))

    def _newborn(self, group: Group, *, now: float, is_new: bool) -> AbsentGroup:
        head = Head(state=AlarmState.INSUFFICIENT_DATA, born_at=now, is_new=is_new)
        return self._group(group, AbsentBody(head=head))

    def _from_the_start(self) -> Sequence[Group]:
        return self._condition.expected or super()._from_the_start()

    def _group(self, group: Group, body: AbsentBody) -> AbsentGroup:
        return AbsentGroup(self._definition, self._condition, group, body)
