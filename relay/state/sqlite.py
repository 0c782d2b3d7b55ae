"""The embedded state store: one SQLite file, for the one daemon of one machine.

WAL with ``synchronous=FULL``: a commit that returned survives a kill and a power cut.
Every call runs in a worker thread, one at a time, so the event loop never waits for the
disk and the connection is never used twice at once. Old rows are deleted a few at a
time, with room for commits in between, and their pages are used again: at a constant
load the file keeps its size.
"""

import sqlite3
from collections.abc import (
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio.to_thread
import msgspec
from anyio import CapacityLimiter

from relay.failpoints import Failpoint, failpoint
from relay.model import AlarmKey, Group, MetricPoint, OutboxEntry, SavedAlarm, Silence
from relay.state.sqlite_errors import state_error
from relay.state.sqlite_file import connect, exclusive
from relay.state.sqlite_marks import (
    Execute,
    read_counted,
    read_left_behind,
    read_marks,
    write_marks,
)
from relay.state.sqlite_points import count_points, read_points, write_points
from relay.state.store import Commit, LedgerKey, Notified, ObjectMark, Statement

T = TypeVar("T")

PRUNED_AT_ONCE = 1_000
"""Rows of one table deleted in one transaction: some 10 ms."""
_PRUNE = (
    "DELETE FROM objects WHERE (object, etag) IN (SELECT object, etag FROM objects"
    " WHERE at < ? AND (relayed OR NOT records) ORDER BY at LIMIT ?)",
    "DELETE FROM counted_events WHERE (event, filter) IN"
    " (SELECT event, filter FROM counted_events WHERE at < ? ORDER BY at LIMIT ?)",
    "DELETE FROM dead_letters WHERE id IN"
    " (SELECT id FROM dead_letters WHERE at < ? LIMIT ?)",
    "DELETE FROM silences WHERE id IN"
    " (SELECT id FROM silences WHERE ends_at < ? LIMIT ?)",
)


@asynccontextmanager
async def open_sqlite(path: Path) -> AsyncIterator["SqliteStore"]:
    """Open the store at ``path``, made when missing, and close it at the end.

    Raises StateError, naming the file, when it cannot be opened for writing, is
    damaged, was written by a newer version, or is in use by another daemon.
    """
    limiter = CapacityLimiter(1)
    with exclusive(path):
        connection = await anyio.to_thread.run_sync(connect, path, limiter=limiter)
        try:
            yield SqliteStore(path, connection, limiter)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(connection.close, limiter=limiter)


class SqliteStore:
    """Implements relay.state.store.Store on one SQLite file."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, limiter: CapacityLimiter
    ) -> None:
        self._path = path
        self._connection = connection
        self._limiter = limiter

    async def marks(
        self, objects: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Sequence[ObjectMark]]:
        """Return the marks of each (bucket, key), newest first; none: no entry."""
        wanted = list(objects)
        return await self._call(lambda: read_marks(self._connection, wanted))

    async def counted(self, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those (filter, event id) that were counted before."""
        wanted = list(pairs)
        return (
            await self._call(lambda: read_counted(self._connection, wanted))
            if wanted
            else set()
        )

    async def commit(self, commit: Commit) -> None:
        """Make all of ``commit`` durable, or none of it."""
        await self._call(lambda: self._commit(commit))

    async def alarms(self) -> list[SavedAlarm]:
        """Return every saved alarm group."""
        rows = await self._all("SELECT alarm, grp, fingerprint, body FROM alarms")
        return [
            SavedAlarm(
                alarm=AlarmKey(name=alarm, fingerprint=fingerprint),
                group=_group(grp),
                body=body,
            )
            for alarm, grp, fingerprint, body in rows
        ]

    async def outbox(self) -> list[OutboxEntry]:
        """Return every entry that is neither done nor dead, oldest first."""
        rows = await self._all("SELECT body FROM outbox ORDER BY created_at, id")
        return [msgspec.json.decode(body, type=OutboxEntry) for (body,) in rows]

    async def notified(self) -> list[Notified]:
        """Return when each receiver was last told of each alarm group."""
        rows = await self._all("SELECT alarm, grp, receiver, at FROM notified")
        return [
            Notified(alarm=alarm, group=_group(grp), receiver=receiver, at=at)
            for alarm, grp, receiver, at in rows
        ]

    async def silences(self) -> list[Silence]:
        """Return every silence that is not forgotten yet."""
        rows = await self._all("SELECT body FROM silences ORDER BY ends_at, id")
        return [msgspec.json.decode(body, type=Silence) for (body,) in rows]

    async def ledger(self) -> Mapping[LedgerKey, int]:
        """Return the whole ledger."""
        return await self._call(self._ledger)

    async def statement(self) -> Statement:
        """Return the ledger, what is in flight, and what waits to be sent."""
        return await self._call(self._statement)

    async def left_behind(self, before: float) -> list[ObjectMark]:
        """Return the marks that have been in flight since before ``before``."""
        return await self._call(lambda: read_left_behind(self._connection, before))

    async def metric_points(
        self, *, limit: int, oldest_first: bool
    ) -> Mapping[MetricPoint, int]:
        """Return points that are to be published, by minute, with their counts."""
        read = partial(
            read_points, self._connection, limit=limit, oldest_first=oldest_first
        )
        return await self._call(read)

    async def metric_backlog(self) -> int:
        """Return how many different points are to be published."""
        return await self._call(lambda: count_points(self._connection))

    async def prune(self, before: float) -> int:
        """Forget what is older than ``before``, in small steps; return how many."""
        forgotten = 0
        for statement in _PRUNE:
            pruned = PRUNED_AT_ONCE
            while pruned == PRUNED_AT_ONCE:
                pruned = await self._call(partial(self._prune, statement, before))
                forgotten += pruned
        await self._call(self._shorten_log)
        return forgotten

    async def _call(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(
            self._translated, work, limiter=self._limiter
        )

    def _translated(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except sqlite3.Error as exc:
            raise state_error(self._path, exc) from exc

    async def _all(self, query: str) -> list[tuple]:  # type: ignore[type-arg]  # rows
        return await self._call(lambda: self._connection.execute(query).fetchall())

    def _ledger(self) -> dict[LedgerKey, int]:
        rows = self._connection.execute(
            "SELECT account, region, outcome, reason, records FROM ledger"
        )
        return {
            LedgerKey(account=account, region=region, outcome=outcome, reason=reason): n
            for account, region, outcome, reason, n in rows
        }

    def _statement(self) -> Statement:
        # Between these nothing is written: all writing is this thread's.
        in_flight = self._connection.execute(
            "SELECT account, region, sum(records) FROM objects"
            " WHERE relayed = 0 AND records > 0 GROUP BY account, region"
        ).fetchall()
        pending, oldest_at = self._connection.execute(
            "SELECT count(*), min(created_at) FROM outbox"
        ).fetchone()
        return Statement(
            lines=self._ledger(),
            in_flight={(account, region): n for account, region, n in in_flight},
            outbox_pending=pending,
            outbox_oldest_at=oldest_at,
        )

    def _commit(self, commit: Commit) -> None:
        with self._transaction() as execute:
            write_marks(execute, commit)
            write_points(execute, commit.points)
            execute(
                "INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?)",
                [
                    (s.alarm.name, _text(s.group), s.alarm.fingerprint, s.body)
                    for s in commit.alarms
                ],
            )
            gone = [(alarm, _text(group)) for alarm, group in commit.alarms_removed]
            execute("DELETE FROM alarms WHERE alarm = ? AND grp = ?", gone)
            execute("DELETE FROM notified WHERE alarm = ? AND grp = ?", gone)
            execute(
                "INSERT OR REPLACE INTO notified VALUES (?, ?, ?, ?)",
                [(n.alarm, _text(n.group), n.receiver, n.at) for n in commit.notified],
            )
            self._write_outbox(execute, commit)
            execute(
                "INSERT OR REPLACE INTO silences VALUES (?, ?, ?)",
                [(s.id, s.ends_at, msgspec.json.encode(s)) for s in commit.silences],
            )
            execute(
                "INSERT INTO ledger VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET records = records + excluded.records",
                [
                    (key.account, key.region, key.outcome, key.reason, count)
                    for key, count in commit.ledger.items()
                ],
            )

    def _write_outbox(self, execute: Execute, commit: Commit) -> None:
        execute(
            "INSERT OR REPLACE INTO outbox VALUES (?, ?, ?)",
            [(e.id, e.created_at, msgspec.json.encode(e)) for e in commit.outbox],
        )
        execute(
            "INSERT OR REPLACE INTO dead_letters"
            " SELECT id, ?, ?, body FROM outbox WHERE id = ?",
            [(commit.at, why, entry_id) for entry_id, why in commit.outbox_dead],
        )
        ended = [*commit.outbox_done, *(entry_id for entry_id, _ in commit.outbox_dead)]
        execute("DELETE FROM outbox WHERE id = ?", [(entry_id,) for entry_id in ended])

    def _prune(self, statement: str, before: float) -> int:
        with self._transaction():
            cursor = self._connection.execute(statement, (before, PRUNED_AT_ONCE))
            return cursor.rowcount

    def _shorten_log(self) -> None:
        """Take what is in the write-ahead log over into the file, and empty it."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[Execute]:
        def execute(statement: str, rows: Sequence[tuple[object, ...]]) -> None:
            if rows:
                self._connection.executemany(statement, rows)

        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield execute
            failpoint(Failpoint.WITHIN_COMMIT)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


def _text(group: Group) -> str:
    return msgspec.json.encode(group).decode()


def _group(text: str) -> Group:
    return msgspec.json.decode(text, type=tuple[str, ...])
