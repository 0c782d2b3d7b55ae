"""What the state store promises: one small interface, owned here, for any back end.

All that one group of finished objects changes goes into one ``Commit``, and a commit is
durable as a whole or not at all. That is the ground of P1 and P2: an object is never
counted without its alarms' state, and no notification is lost or sent for a transition
that did not happen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from relay.model import Group, MetricPoint, OutboxEntry, SavedAlarm, Silence


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectMark:
    """How far one object (bucket, key, etag) has come: counted, then relayed as well.

    ``records`` is how many records it held, and 0 when it was set aside after it had
    been counted: then none of them is in flight. ``account`` and ``region`` are its
    key's.
    """

    bucket: str
    key: str
    etag: str
    relayed: bool
    records: int
    account: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerKey:
    """One line of the ledger; ``reason`` is "" where the outcome has none."""

    account: str
    region: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What there is to tell of the state, all of one moment.

    ``in_flight`` has, for each account and region, the records that are counted and
    neither relayed nor set aside. It is known from the objects' marks, not by
    subtraction: so the ledger's ``lines`` can be held against it.
    """

    lines: Mapping[LedgerKey, int]
    in_flight: Mapping[tuple[str, str], int]
    outbox_pending: int
    outbox_oldest_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """A receiver was last told at ``at`` that this alarm group is in ALARM."""

    alarm: str
    group: Group
    receiver: str
    at: float


@dataclass(slots=True, kw_only=True)
class Commit:
    """Everything that becomes durable together."""

    at: float
    objects: list[ObjectMark] = field(default_factory=list)
    counted_events: list[tuple[str, str]] = field(default_factory=list)
    """(filter, event id)."""
    alarms: list[SavedAlarm] = field(default_factory=list)
    alarms_removed: list[tuple[str, Group]] = field(default_factory=list)
    outbox: list[OutboxEntry] = field(default_factory=list)
    """New entries, or known ones (by id) with a new attempt."""
    outbox_done: list[str] = field(default_factory=list)
    outbox_dead: list[tuple[str, str]] = field(default_factory=list)
    """(entry id, why it can never be sent)."""
    notified: list[Notified] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    """New ones, or known ones (by id) with another end."""
    ledger: dict[LedgerKey, int] = field(default_factory=dict)
    """What to add."""
    points: dict[MetricPoint, int] = field(default_factory=dict)
    """How many of each are still to be published, or, negative, are no more."""


class Store(Protocol):
    """A state store. Any method may raise StateError: then stop, nothing is sure."""

    async def marks(
        self, objects: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Sequence[ObjectMark]]:
        """Return the marks of each (bucket, key), newest first; none: no entry."""
        ...

    async def counted(self, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those (filter, event id) that were counted before."""
        ...

    async def commit(self, commit: Commit) -> None:
        """Make all of ``commit`` durable, or none of it."""
        ...

    async def alarms(self) -> list[SavedAlarm]:
        """Return every saved alarm group."""
        ...

    async def outbox(self) -> list[OutboxEntry]:
        """Return every entry that is neither done nor dead, oldest first."""
        ...

    async def notified(self) -> list[Notified]:
        """Return when each receiver was last told of each alarm group."""
        ...

    async def silences(self) -> list[Silence]:
        """Return every silence that is not forgotten yet."""
        ...

    async def ledger(self) -> Mapping[LedgerKey, int]:
        """Return the whole ledger."""
        ...

    async def statement(self) -> Statement:
        """Return the ledger, what is in flight, and what waits to be sent."""
        ...

    async def left_behind(self, before: float) -> list[ObjectMark]:
        """Return the marks that have been in flight since before ``before``."""
        ...

    async def metric_points(
        self, *, limit: int, oldest_first: bool
    ) -> Mapping[MetricPoint, int]:
        """Return points that are to be published, by minute, with their counts."""
        ...

    async def metric_backlog(self) -> int:
        """Return how many different points are to be published."""
        ...

    async def prune(self, before: float) -> int:
        """Forget what is older than ``before``, in small steps; return how many.

        That is dead letters, silences that ended, counted events, and the marks of
        objects that are not in flight.
        """
        ...
