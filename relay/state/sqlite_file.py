"""The SQLite file itself: its schema, opening it safely, and keeping others out."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relay.errors import StateError

SCHEMA_VERSION = 1
_SCHEMA = """
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
"""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database for writing, check it, and bring its schema up to date.

    Raises StateError when the file is damaged, read-only or of a newer version.
    """
    try:
        # Autocommit: every transaction of the store begins and ends in plain sight.
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as exc:
        raise StateError(f"state file {path}: {exc}") from exc
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _check(connection, path)
        _migrate(connection, path)
    except sqlite3.Error as exc:
        connection.close()
        raise StateError(f"state file {path}: {exc}") from exc
    except StateError:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise StateError(f"state file {path} is damaged: {verdict}")


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise StateError(
            f"state file {path} has schema version {version}, written by a newer relay;"
            f" this one knows versions up to {SCHEMA_VERSION}"
        )
    if version == 0:
        connection.executescript(
            f"BEGIN;{_SCHEMA}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;"
        )
    # A write that changes nothing, so that a read-only file is found at the start.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file beside ``path``: two daemons on one file would each see half.

    A file of its own, because closing any other handle of the database file would drop
    the locks that SQLite itself holds on it (POSIX advisory locks are per process).
    """
    lock_path = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = lock_path.open("w")
    except OSError as exc:
        raise StateError(f"state file {path}: {exc.strerror}: {exc.filename}") from exc
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise StateError(f"state file {path} is in use by another relay") from exc
        yield
