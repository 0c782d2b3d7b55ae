"""State files as the first version of the schema wrote them."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

SCHEMA = """
CREATE TABLE objects (
    bucket TEXT, key TEXT, etag TEXT, relayed INTEGER, records INTEGER,
    account TEXT, region TEXT, at REAL,
    PRIMARY KEY (bucket, key, etag)
) WITHOUT ROWID;
CREATE INDEX objects_at ON objects (at);
CREATE TABLE counted_events (
    filter TEXT, event_id TEXT, at REAL, PRIMARY KEY (filter, event_id)
) WITHOUT ROWID;
CREATE INDEX counted_events_at ON counted_events (at);
CREATE TABLE alarms (
    alarm TEXT, grp TEXT, fingerprint TEXT, body BLOB, PRIMARY KEY (alarm, grp)
) WITHOUT ROWID;
CREATE TABLE outbox (
    id TEXT PRIMARY KEY, created_at REAL, body BLOB
) WITHOUT ROWID;
CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY, at REAL, why TEXT, body BLOB
) WITHOUT ROWID;
CREATE TABLE notified (
    alarm TEXT, grp TEXT, receiver TEXT, at REAL, PRIMARY KEY (alarm, grp, receiver)
) WITHOUT ROWID;
CREATE TABLE ledger (
    account TEXT, region TEXT, outcome TEXT, reason TEXT, records INTEGER,
    PRIMARY KEY (account, region, outcome, reason)
) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


def write(path: Path, **rows: Iterable[tuple[object, ...]]) -> None:
    """Make a file with ``rows`` by table."""
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    for table, values in rows.items():
        for row in values:
            places = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({places})", row)  # noqa: S608 - the tests' own names
    connection.commit()
    connection.close()
