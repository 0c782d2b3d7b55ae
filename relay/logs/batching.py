"""Gather the log events of one destination into batches that PutLogEvents takes.

Pure: no clock, no network. ``Pending`` is a first-in-first-out queue of what several
owners (calls of the writer) want sent; ``take`` cuts the largest lawful batch from its
front, so that many small objects share a call and a large one is spread over several.

The 24 hour rule is kept over all events of a batch. The service leaves out of the span
what it refuses as too old or too new; relying on that would need its clock to agree
with ours to the millisecond, and a wrong guess would refuse the whole batch.
"""

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import attrgetter
from typing import Generic, TypeVar

from relay.logs.limits import (
    EVENT_OVERHEAD_BYTES,
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    MAX_MESSAGE_BYTES,
    MAX_SPAN_MS,
)
from relay.model import LogEvent, RejectedBy

OwnerT = TypeVar("OwnerT")

_timestamp_ms = attrgetter("timestamp_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[OwnerT]):
    """The events of one owner in a batch, in the order of their timestamps."""

    owner: OwnerT
    events: list[LogEvent]


class Batch(Generic[OwnerT]):
    """One PutLogEvents call: ``events`` in order, and whose they are."""

    __slots__ = ("events", "parts")

    def __init__(self, parts: list[Part[OwnerT]]) -> None:
        self.parts = parts
        self.events = (
            parts[0].events
            if len(parts) == 1
            else sorted(chain(*(part.events for part in parts)), key=_timestamp_ms)
        )

    def owned(self) -> list[tuple[OwnerT, LogEvent]]:
        """Return ``events`` in the same order, each with its owner.

        Needed only when the service singles events out, so it is not kept ready.
        """
        pairs = [(part.owner, event) for part in self.parts for event in part.events]
        # The same stable sort over the same sequence as that of ``events``.
        return sorted(pairs, key=lambda pair: pair[1].timestamp_ms)

    def halves(self) -> tuple["Batch[OwnerT]", "Batch[OwnerT]"]:
        """Cut a batch of two events or more in the middle, to isolate a bad one."""
        pairs = self.owned()
        middle = len(pairs) // 2
        return _regroup(pairs[:middle]), _regroup(pairs[middle:])


@dataclass(slots=True, kw_only=True)
class _Waiting(Generic[OwnerT]):
    """What is left of one owner's events; ``taken`` of them are in batches already."""

    owner: OwnerT
    events: list[LogEvent]
    end_bytes: list[int]
    """``end_bytes[i]``: what the events up to and with ``i`` count for."""
    added_at: float
    taken: int = 0

    def cost_bytes(self, stop: int) -> int:
        """Return what the events from ``taken`` to before ``stop`` count for."""
        return self.end_bytes[stop - 1] - self._taken_bytes()

    def stop_within(self, *, events: int, size_bytes: int, last_ms: int) -> int:
        """Return where the longest run from ``taken`` within all three bounds ends."""
        by_bytes = bisect_right(
            self.end_bytes, size_bytes + self._taken_bytes(), lo=self.taken
        )
        stop = min(self.taken + events, by_bytes)
        return bisect_right(
            self.events, last_ms, lo=self.taken, hi=stop, key=_timestamp_ms
        )

    def _taken_bytes(self) -> int:
        return self.end_bytes[self.taken - 1] if self.taken else 0


class Pending(Generic[OwnerT]):
    """Log events that wait for a batch, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: deque[_Waiting[OwnerT]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def oldest_at(self) -> float | None:
        """When the first of those that wait was added; None when nothing waits."""
        return self._waiting[0].added_at if self._waiting else None

    @property
    def fills_batch(self) -> bool:
        """Whether a batch would gain nothing by waiting for more."""
        room_events, room_bytes = MAX_BATCH_EVENTS, MAX_BATCH_BYTES
        for waiting in self._waiting:
            room_events -= len(waiting.events) - waiting.taken
            room_bytes -= waiting.cost_bytes(len(waiting.events))
        return room_events <= 0 or room_bytes <= 0

    def add(
        self, owner: OwnerT, events: Iterable[LogEvent], *, at: float = 0.0
    ) -> Counter[RejectedBy]:
        """Queue ``events`` at the time ``at``, which never runs backwards.

        Returns how many of them no batch can ever hold, by reason.
        """
        refused: Counter[RejectedBy] = Counter()
        lawful = [event for event in events if _is_lawful(event, refused)]
        lawful.sort(key=_timestamp_ms)
        if lawful:
            ends = accumulate(e.size_bytes + EVENT_OVERHEAD_BYTES for e in lawful)
            self._waiting.append(
                _Waiting(owner=owner, events=lawful, end_bytes=list(ends), added_at=at)
            )
        return refused

    def discard(self, owner: OwnerT) -> None:
        """Forget what is still waiting for ``owner``."""
        self._waiting = deque(w for w in self._waiting if w.owner is not owner)

    def owners(self) -> list[OwnerT]:
        """Return the owner of everything that waits, first come first."""
        return [waiting.owner for waiting in self._waiting]

    def take(self) -> Batch[OwnerT] | None:
        """Remove and return the next batch; None when nothing waits."""
        parts: list[Part[OwnerT]] = []
        room_events, room_bytes = MAX_BATCH_EVENTS, MAX_BATCH_BYTES
        oldest_ms = newest_ms = 0
        while self._waiting:
            head = self._waiting[0]
            head_ms = head.events[head.taken].timestamp_ms
            oldest_ms = min(oldest_ms, head_ms) if parts else head_ms
            if parts and newest_ms - oldest_ms > MAX_SPAN_MS:
                break
            stop = head.stop_within(
                events=room_events,
                size_bytes=room_bytes,
                last_ms=oldest_ms + MAX_SPAN_MS,
            )
            if stop == head.taken:
                break
            room_events -= stop - head.taken
            room_bytes -= head.cost_bytes(stop)
            newest_ms = max(newest_ms, head.events[stop - 1].timestamp_ms)
            parts.append(Part(owner=head.owner, events=head.events[head.taken : stop]))
            head.taken = stop
            if stop < len(head.events):
                break
            self._waiting.popleft()
        return Batch(parts) if parts else None


def _is_lawful(event: LogEvent, refused: Counter[RejectedBy]) -> bool:
    if event.size_bytes > MAX_MESSAGE_BYTES:
        refused[RejectedBy.TOO_LARGE] += 1
        return False
    if event.size_bytes == 0 or event.timestamp_ms < 0:
        refused[RejectedBy.INVALID] += 1
        return False
    return True


def _regroup(pairs: Sequence[tuple[OwnerT, LogEvent]]) -> Batch[OwnerT]:
    """Return a batch of exactly these events, which are in order."""
    by_owner: dict[int, Part[OwnerT]] = {}
    for owner, event in pairs:
        part = by_owner.setdefault(id(owner), Part(owner=owner, events=[]))
        part.events.append(event)
    return Batch(list(by_owner.values()))
