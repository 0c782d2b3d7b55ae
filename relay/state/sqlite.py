"""The embedded state store: one SQLite file, for the one daemon of one machine.

WAL with ``synchronous=FULL``: a commit that returned survives a kill and a power cut.
Every call runs in a worker thread, one at a time, so the event loop never waits for the
disk and the connection is never used twice at once.
"""

import json
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
from pathlib import Path
from typing import TypeVar

import anyio.to_thread
import msgspec
from anyio import CapacityLimiter

from relay.errors import StateError
from relay.model import AlarmKey, Group, OutboxEntry, SavedAlarm
from relay.state.sqlite_file import connect, exclusive
from relay.state.store import Commit, LedgerKey, Notified, ObjectMark

T = TypeVar("T")


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
        return await self._call(lambda: self._marks(wanted))

    async def counted(self, pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Return those (filter, event id) that were counted before."""
        wanted = list(pairs)
        return await self._call(lambda: self._counted(wanted)) if wanted else set()

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

    async def ledger(self) -> Mapping[LedgerKey, int]:
        """Return the whole ledger."""
        rows = await self._all(
            "SELECT account, region, outcome, reason, records FROM ledger"
        )
        return {
            LedgerKey(account=account, region=region, outcome=outcome, reason=reason): n
            for account, region, outcome, reason, n in rows
        }

    async def prune(self, before: float) -> int:
        """Forget object and event marks older than ``before``; return how many."""
        return await self._call(lambda: self._prune(before))

    async def _call(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(
            self._translated, work, limiter=self._limiter
        )

    def _translated(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except sqlite3.Error as exc:
            raise StateError(f"state file {self._path}: {exc}") from exc

    async def _all(self, query: str) -> list[tuple]:  # type: ignore[type-arg]  # rows
        return await self._call(lambda: self._connection.execute(query).fetchall())

    def _marks(
        self, objects: list[tuple[str, str]]
    ) -> dict[tuple[str, str], list[ObjectMark]]:
        found: dict[tuple[str, str], list[ObjectMark]] = {}
        for bucket, key in objects:
            rows = self._connection.execute(
                "SELECT etag, relayed, records, account, region FROM objects"
                " WHERE bucket = ? AND key = ? ORDER BY at DESC",
                (bucket, key),
            )
            marks = [
                ObjectMark(
                    bucket=bucket,
                    key=key,
                    etag=etag,
                    relayed=bool(relayed),
                    records=records,
                    account=account,
                    region=region,
                )
                for etag, relayed, records, account, region in rows
            ]
            if marks:
                found[bucket, key] = marks
        return found

    def _counted(self, pairs: list[tuple[str, str]]) -> set[tuple[str, str]]:
        by_filter: dict[str, list[str]] = {}
        for name, event_id in pairs:
            by_filter.setdefault(name, []).append(event_id)
        found: set[tuple[str, str]] = set()
        for name, event_ids in by_filter.items():
            rows = self._connection.execute(
                "SELECT event_id FROM counted_events"
                " WHERE filter = ? AND event_id IN (SELECT value FROM json_each(?))",
                (name, json.dumps(event_ids)),
            )
            found.update((name, event_id) for (event_id,) in rows)
        return found

    def _commit(self, commit: Commit) -> None:
        with self._transaction() as execute:
            self._write_marks(execute, commit)
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
                "INSERT INTO ledger VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET records = records + excluded.records",
                [
                    (key.account, key.region, key.outcome, key.reason, count)
                    for key, count in commit.ledger.items()
                ],
            )

    def _write_marks(self, execute: "_Execute", commit: Commit) -> None:
        execute(
            "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
            " SET relayed = max(relayed, excluded.relayed), at = excluded.at",
            [
                (
                    mark.bucket,
                    mark.key,
                    mark.etag,
                    int(mark.relayed),
                    mark.records,
                    mark.account,
                    mark.region,
                    commit.at,
                )
                for mark in commit.objects
            ],
        )
        execute(
            "INSERT OR IGNORE INTO counted_events VALUES (?, ?, ?)",
            [(name, event_id, commit.at) for name, event_id in commit.counted_events],
        )

    def _write_outbox(self, execute: "_Execute", commit: Commit) -> None:
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

    def _prune(self, before: float) -> int:
        with self._transaction():
            return sum(
                self._connection.execute(
                    f"DELETE FROM {table} WHERE at < ?",  # noqa: S608 - our own table names
                    (before,),
                ).rowcount
                for table in ("objects", "counted_events", "dead_letters")
            )

    @contextmanager
    def _transaction(self) -> Iterator["_Execute"]:
        def execute(statement: str, rows: Sequence[tuple[object, ...]]) -> None:
            if rows:
                self._connection.executemany(statement, rows)

        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield execute
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


_Execute = Callable[[str, Sequence[tuple[object, ...]]], None]


def _text(group: Group) -> str:
    return msgspec.json.encode(group).decode()


def _group(text: str) -> Group:
    return msgspec.json.decode(text, type=tuple[str, ...])
