"""A real SQLite store that a test can hold up, break, and wait on."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from relay.errors import StateError
from relay.model import MetricPoint, OutboxEntry, SavedAlarm, Silence
from relay.state.sqlite import open_sqlite
from relay.state.store import (
    Commit,
    LedgerKey,
    Notified,
    ObjectMark,
    Statement,
    Store,
)


class WatchedStore:
    """Implements relay.state.store.Store by another one; commits pass a gate."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._gate: anyio.Event | None = None
        self._arrived = anyio.Event()
        self.commits: list[Commit] = []
        """Those that are durable."""
        self.is_broken = False
        """Whether every commit fails from now on."""
        self.commits_left: int | None = None
        """After how many more commits the process dies: the last of them is durable,
        and nobody hears of it. At 0 the next one is not."""

    def close_gate(self) -> None:
        """Hold up the next commits."""
        self._gate, self._arrived = anyio.Event(), anyio.Event()

    def open_gate(self) -> None:
        """Let the commits pass again."""
        if self._gate is not None:
            self._gate.set()
        self._gate = None

    async def until_held_up(self) -> None:
        """Wait until a commit stands before the closed gate."""
        await self._arrived.wait()

    async def marks(
        self, objects: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Sequence[ObjectMark]]:
        """Return the marks of each (bucket, key)."""
        return await self._store.marks(objects)

    async def counted(self, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those that were counted before."""
        return await self._store.counted(pairs)

    async def commit(self, commit: Commit) -> None:
        """Pass the gate, then commit."""
        if self._gate is not None:
            self._arrived.set()
            await self._gate.wait()
        if self.is_broken:
            raise StateError("state file x: database or disk is full")
        if self.commits_left == 0:
            raise StateError("killed before the commit")
        await self._store.commit(commit)
        self.commits.append(commit)
        if self.commits_left is not None:
            self.commits_left -= 1
            if self.commits_left == 0:
                raise StateError("killed after the commit")

    async def alarms(self) -> list[SavedAlarm]:
        """Return every saved alarm group."""
        return await self._store.alarms()

    async def outbox(self) -> list[OutboxEntry]:
        """Return every entry that is neither done nor dead."""
        return await self._store.outbox()

    async def notified(self) -> list[Notified]:
        """Return when each receiver was last told."""
        return await self._store.notified()

    async def silences(self) -> list[Silence]:
        """Return every silence."""
        return await self._store.silences()

    async def ledger(self) -> Mapping[LedgerKey, int]:
        """Return the whole ledger."""
        return await self._store.ledger()

    async def statement(self) -> Statement:
        """Return the ledger, what is in flight, and what waits to be sent."""
        return await self._store.statement()

    async def metric_points(
        self, *, limit: int, oldest_first: bool
    ) -> Mapping[MetricPoint, int]:
        """Return points that are to be published."""
        return await self._store.metric_points(limit=limit, oldest_first=oldest_first)

    async def metric_backlog(self) -> int:
        """Return how many points are to be published."""
        return await self._store.metric_backlog()

    async def left_behind(self, before: float) -> list[ObjectMark]:
        """Return the marks that have been in flight since before ``before``."""
        return await self._store.left_behind(before)

    async def prune(self, before: float) -> int:
        """Forget what is older than ``before``."""
        return await self._store.prune(before)


@asynccontextmanager
async def watched_store(path: Path) -> AsyncIterator[WatchedStore]:
    """Open the SQLite store at ``path`` for the length of the block."""
    async with open_sqlite(path) as store:
        yield WatchedStore(store)
