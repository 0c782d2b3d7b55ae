"""``rate_change``: a multiple of the matches of the same window some time before.

A window may be compared as soon as the one before is complete, behind the watermark:
then more matches only make it worse, so it fires at once. With the window right before,
that is one ``lateness`` after its end. Windows before the group's birth are unknown,
and nothing is compared with them; nor are events that come very late (``Geometry``).
"""

import math
from collections.abc import Iterable, Sequence

import msgspec

from relay.alarms.condition import Condition
from relay.alarms.conditions.counts import Geometry, Rise, Rises
from relay.alarms.conditions.group import (
    Body,
    ConditionGroup,
    Head,
    Shown,
    decode_body,
    newest_received,
)
from relay.alarms.conditions.kind import ConditionKind
from relay.alarms.conditions.wording import say_calm, say_rate
from relay.alarms.saved import Sighting
from relay.alarms.sightings import Sightings
from relay.alarms.windows import Slot
from relay.config.conditions import RateChange
from relay.config.rules import AlarmDefinition
from relay.model import (
    AlarmState,
    Datapoint,
    Evidence,
    Group,
    SavedAlarm,
    Transition,
)


class RateChangeBody(Body):
    """What is kept of a group.

    ``judged`` is the newest watermark. ``numbers`` are those of the buckets with
    matches, each as its distance from the one before, ``counts`` their matches.
    ``shown`` are the records of a rise that waits for the watermark.
    """

    judged: int
    numbers: list[int] = msgspec.field(default_factory=list)
    counts: list[int] = msgspec.field(default_factory=list)
    sightings: list[Sighting] = msgspec.field(default_factory=list)
    shown: tuple[Evidence, ...] = ()


class RateChangeGroup(ConditionGroup):
    """The state of one group whose matches are compared with those before."""

    __slots__ = (
        "_condition",
        "_counts",
        "_geometry",
        "_judged",
        "_newest",
        "_rises",
        "_shown",
        "_sightings",
        "_waiting",
    )

    def __init__(
        self,
        time: Condition,
        rises: Rises,
        group: Group,
        body: RateChangeBody,
    ) -> None:
        super().__init__(time.definition, group, body.head)
        self._condition = rises.condition
        self._geometry = rises.geometry
        self._rises = rises
        self._judged = body.judged
        self._counts = dict(_counts(body.numbers, body.counts))
        self._newest = max(self._counts, default=0)
        self._sightings = Sightings(time, body.sightings)
        self._shown = body.shown
        self._waiting = self._first_waiting(self._ripe)

    @property
    def is_spent(self) -> bool:
        """Whether it is calm, and there is nothing to compare with."""
        return (
            self.state is AlarmState.OK
            and self._hold_until is None
            and not self._counts
        )

    def add(
        self, points: Sequence[Datapoint], *, now: float, until: float
    ) -> list[Transition]:
        """Add datapoints; when there are enough more of them they raise the alarm."""
        self._judge(self._geometry.watermark(until))
        changed: set[int] = set()
        for point in points:
            bucket = self._geometry.bucket(min(point.time, now))
            changed.add(bucket)
            self._counts[bucket] = self._counts.get(bucket, 0) + point.count
        self.is_unsaved = True
        self._newest = max(self._newest, *changed)
        self._sightings.add(points, now=now)
        rises = list(self._rises.around(self._counts, sorted(changed), self._first_end))
        transitions: list[Transition] = []
        ripe = [rise for rise in rises if rise.end < self._ripe]
        if ripe:
            best = max(ripe, key=lambda rise: (rise.count, -rise.end))
            transitions = self._fire(best, now, received_at=newest_received(points))
        self._wait(rise for rise in rises if rise.end >= self._ripe)
        self._sightings.trim()
        return transitions

    @property
    def _first_end(self) -> int:
        """The first end whose window can be compared: all from before is known."""
        born = math.ceil(self._born_at / self._geometry.bucket_secs)
        known = max(born, self._judged - self._geometry.kept)
        return known + self._geometry.shift + self._geometry.width

    @property
    def _ripe(self) -> int:
        """The first end that is compared with a window which is not complete."""
        return self._judged + self._geometry.shift + 1

    def _judge(self, watermark: int) -> None:
        if watermark <= self._judged:
            return
        self._judged = watermark
        oldest = watermark - self._geometry.kept
        for bucket in [each for each in self._counts if each < oldest]:
            del self._counts[bucket]

    def _wait(self, rises: Iterable[Rise]) -> None:
        """Note the first rise that the watermark may prove, after a change."""
        before, still = self._waiting, None
        if before is not None:
            still = self._at(before.end) or self._first_waiting(self._ripe)
        found = [*rises, *([] if still is None else [still])]
        self._waiting = min(found, key=lambda rise: rise.end, default=None)
        if self._waiting is None:
            self._shown = ()
        elif before is None:
            # By then these may have given way to records from behind the window.
            self._shown = self._sightings.inside([self._slot(self._waiting)])

    def _first_waiting(self, first: int) -> Rise | None:
        behind = self._newest + self._geometry.width + 1
        start = max(first, self._first_end)
        return next(self._rises.find(self._counts, start, behind), None)

    def _at(self, end: int) -> Rise | None:
        return next(self._rises.find(self._counts, end, end + 1), None)

    def _fire(
        self, rise: Rise, at: float, *, received_at: float | None = None
    ) -> list[Transition]:
        self._hold(at)
        if self.state is AlarmState.ALARM:
            return []
        slot = self._slot(rise)
        window = slot.start, slot.start + self._definition.period_secs
        evidence = self._sightings.inside([slot]) or self._shown
        return self._move(
            AlarmState.ALARM,
            say_rate(self._condition, rise.count, rise.before, at=at, window=window),
            at=at,
            received_at=received_at,
            shown=Shown(total=rise.count, evidence=evidence),
        )

    def _slot(self, rise: Rise) -> Slot:
        behind = rise.end * self._geometry.bucket_secs
        return Slot(start=float(behind - self._definition.period_secs))

    def _body(self) -> RateChangeBody:
        numbers = sorted(self._counts)
        return RateChangeBody(
            head=self._head(),
            judged=self._judged,
            numbers=[
                number - before
                for number, before in zip(numbers, [0, *numbers], strict=False)
            ],
            counts=[self._counts[number] for number in numbers],
            sightings=self._sightings.kept,
            shown=self._shown,
        )

    def _calm_down(self, at: float) -> list[Transition]:
        why = say_calm(self._condition, self._definition.period_secs, at=at)
        return self._move(AlarmState.OK, why, at=at)

    def _next_due(self) -> float | None:
        if self._waiting is not None:
            return self._geometry.due(self._waiting.end - self._geometry.shift)
        if self._counts:
            return self._geometry.due(self._newest + 1 + self._geometry.kept)
        return None

    def _pass_time(self, at: float) -> list[Transition]:
        rise = self._waiting
        if rise is None:
            self._counts.clear()
            self._sightings.drop_outside(())
            self.is_unsaved = True
            return []
        self._judge(rise.end - self._geometry.shift)
        transitions = self._fire(rise, at)
        self._waiting = self._first_waiting(rise.end + 1)
        if self._waiting is None:
            self._shown = ()
        return transitions


class RateChangeKind(ConditionKind[RateChangeGroup]):
    """Alarms that wait for a rise."""

    def __init__(self, definition: AlarmDefinition, condition: RateChange) -> None:
        super().__init__(definition)
        geometry = Geometry.of(
            condition, definition.period_secs, definition.lateness_secs
        )
        self._rises = Rises(condition, geometry)
        self._time = Condition.of(definition)

    def restore(self, saved: SavedAlarm) -> RateChangeGroup:
        """Return a group as it was saved."""
        return self._group(saved.group, decode_body(saved, RateChangeBody))

    def _newborn(self, group: Group, *, now: float, is_new: bool) -> RateChangeGroup:
        state = AlarmState.INSUFFICIENT_DATA if is_new else AlarmState.OK
        head = Head(state=state, born_at=now, is_new=is_new)
        judged = self._rises.geometry.watermark(now)
        return self._group(group, RateChangeBody(head=head, judged=judged))

    def _group(self, group: Group, body: RateChangeBody) -> RateChangeGroup:
        return RateChangeGroup(self._time, self._rises, group, body)


def _counts(numbers: Sequence[int], counts: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Yield the buckets again that ``RateChangeBody`` holds."""
    at = 0
    for distance, count in zip(numbers, counts, strict=True):
        at += distance
        yield at, count
