"""The rows of the state file that say what is done: objects, and events by filter.

Plain functions over a connection; the store calls them in its thread.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence

from relay.state.packing import (
    object_digest,
    pack_etag,
    pack_event_id,
    unpack_etag,
)
from relay.state.store import Commit, ObjectMark

Execute = Callable[[str, Sequence[tuple[object, ...]]], None]
"""Runs one statement for each row, within the transaction that is open."""

_LOOKED_UP_AT_ONCE = 500


def read_marks(
    connection: sqlite3.Connection, objects: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[ObjectMark]]:
    """Return the marks of each (bucket, key), newest first; none: no entry."""
    found: dict[tuple[str, str], list[ObjectMark]] = {}
    for bucket, key in objects:
        rows = connection.execute(
            "SELECT etag, relayed, records, account, region FROM objects"
            " WHERE object = ? ORDER BY at DESC",
            (object_digest(bucket, key),),
        )
        marks = [_mark(bucket, key, *row) for row in rows]
        if marks:
            found[bucket, key] = marks
    return found


def read_left_behind(connection: sqlite3.Connection, before: float) -> list[ObjectMark]:
    """Return the marks that have been in flight since before ``before``."""
    rows = connection.execute(
        "SELECT bucket, key, etag, relayed, records, account, region FROM objects"
        " WHERE relayed = 0 AND records > 0 AND at < ? ORDER BY at",
        (before,),
    )
    return [_mark(*row) for row in rows]


def read_counted(
    connection: sqlite3.Connection, pairs: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Return those (filter, event id) that were counted before."""
    by_filter: dict[str, dict[bytes, str]] = {}
    for name, event_id in pairs:
        by_filter.setdefault(name, {})[pack_event_id(event_id)] = event_id
    return {
        (name, event_ids[packed])
        for name, event_ids in by_filter.items()
        for packed in _counted_by(connection, name, list(event_ids))
    }


def write_marks(execute: Execute, commit: Commit) -> None:
    """Write the objects and the counted events of ``commit``.

    That an object is relayed is never taken back.
    """
    at = int(commit.at)
    execute(
        "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET relayed = max(relayed, excluded.relayed),"
        " bucket = excluded.bucket, key = excluded.key,"
        " records = excluded.records, at = excluded.at",
        [_row(mark, at) for mark in commit.objects],
    )
    names = {(name,) for name, _ in commit.counted_events}
    execute("INSERT OR IGNORE INTO filters (name) VALUES (?)", sorted(names))
    execute(
        "INSERT OR IGNORE INTO counted_events"
        " VALUES (?, (SELECT id FROM filters WHERE name = ?), ?)",
        [
            (pack_event_id(event_id), name, at)
            for name, event_id in commit.counted_events
        ],
    )


def _counted_by(
    connection: sqlite3.Connection, name: str, events: Sequence[bytes]
) -> Iterator[bytes]:
    for start in range(0, len(events), _LOOKED_UP_AT_ONCE):
        some = events[start : start + _LOOKED_UP_AT_ONCE]
        places = ", ".join("?" * len(some))
        rows = connection.execute(
            "SELECT event FROM counted_events"  # noqa: S608 - nothing but ? is put in
            " WHERE filter = (SELECT id FROM filters WHERE name = ?)"
            f" AND event IN ({places})",
            (name, *some),
        )
        yield from (event for (event,) in rows)


def _mark(  # noqa: PLR0913 - a row's columns, in their order
    bucket: str,
    key: str,
    etag: bytes | str,
    relayed: int,
    records: int,
    account: str,
    region: str,
) -> ObjectMark:
    return ObjectMark(
        bucket=bucket,
        key=key,
        etag=unpack_etag(etag),
        relayed=bool(relayed),
        records=records,
        account=account,
        region=region,
    )


def _row(mark: ObjectMark, at: int) -> tuple[object, ...]:
    # The name in full only of what is in flight: see the schema.
    is_in_flight = not mark.relayed and mark.records > 0
    return (
        object_digest(mark.bucket, mark.key),
        pack_etag(mark.etag),
        mark.bucket if is_in_flight else None,
        mark.key if is_in_flight else None,
        int(mark.relayed),
        mark.records,
        mark.account,
        mark.region,
        at,
    )
