"""The tables of the state file, and the way from every older version to this one."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from relay.errors import StateError
from relay.state.packing import object_digest, pack_etag, pack_event_id
from relay.telemetry import get_log

SCHEMA_VERSION = 3
APPLICATION_ID = 0x52454C59
"""Written in the file's header: this is relay's. (sqlite.org, "PRAGMA Statements")"""

_log = get_log("state")

# An object has its name beside the digest only while it is in flight: then somebody may
# have to be told which one it is. Times are seconds since the epoch.
_OBJECTS_AND_EVENTS = (
    "CREATE TABLE objects ("
    " object BLOB, etag BLOB, bucket TEXT, key TEXT, relayed INTEGER, records INTEGER,"
    " account TEXT, region TEXT, at INTEGER, PRIMARY KEY (object, etag)"
    ") WITHOUT ROWID",
    "CREATE INDEX objects_at ON objects (at)",
    "CREATE INDEX objects_in_flight ON objects (account, region, records, at)"
    " WHERE relayed = 0 AND records > 0",
    "CREATE TABLE filters (id INTEGER PRIMARY KEY, name TEXT UNIQUE)",
    "CREATE TABLE counted_events ("
    " event BLOB, filter INTEGER, at INTEGER, PRIMARY KEY (event, filter)"
    ") WITHOUT ROWID",
    "CREATE INDEX counted_events_at ON counted_events (at)",
)
_REST = (
    "CREATE TABLE alarms ("
    " alarm TEXT, grp TEXT, fingerprint TEXT, body BLOB, PRIMARY KEY (alarm, grp)"
    ") WITHOUT ROWID",
    "CREATE TABLE outbox (id TEXT PRIMARY KEY, created_at REAL, body BLOB)"
    " WITHOUT ROWID",
    "CREATE TABLE dead_letters (id TEXT PRIMARY KEY, at REAL, why TEXT, body BLOB)"
    " WITHOUT ROWID",
    "CREATE TABLE notified ("
    " alarm TEXT, grp TEXT, receiver TEXT, at REAL, PRIMARY KEY (alarm, grp, receiver)"
    ") WITHOUT ROWID",
    "CREATE TABLE ledger ("
    " account TEXT, region TEXT, outcome TEXT, reason TEXT, records INTEGER,"
    " PRIMARY KEY (account, region, outcome, reason)"
    ") WITHOUT ROWID",
)
_METRIC_POINTS = (
    "CREATE TABLE metric_points ("
    " minute INTEGER, series TEXT, value REAL, count INTEGER,"
    " PRIMARY KEY (minute, series, value)"
    ") WITHOUT ROWID",
)
_SILENCES = (
    "CREATE TABLE silences (id TEXT PRIMARY KEY, ends_at REAL, body BLOB)"
    " WITHOUT ROWID",
)
_FROM_1 = (
    "DROP INDEX objects_at",
    "DROP INDEX counted_events_at",
    "ALTER TABLE objects RENAME TO objects_1",
    "ALTER TABLE counted_events RENAME TO counted_events_1",
    *_OBJECTS_AND_EVENTS,
    "INSERT INTO objects"
    " SELECT object_digest(bucket, key), pack_etag(etag),"
    "  iif(relayed OR NOT records, NULL, bucket),"
    "  iif(relayed OR NOT records, NULL, key),"
    "  relayed, records, account, region, CAST(at AS INTEGER)"
    " FROM objects_1",
    "INSERT INTO filters (name) SELECT DISTINCT filter FROM counted_events_1",
    "INSERT INTO counted_events"
    " SELECT pack_event_id(event_id), filters.id, CAST(at AS INTEGER)"
    " FROM counted_events_1 JOIN filters ON filters.name = filter",
    "DROP TABLE objects_1",
    "DROP TABLE counted_events_1",
    *_METRIC_POINTS,
    *_SILENCES,
)
_STEPS: Mapping[int, Sequence[str]] = {
    0: (*_OBJECTS_AND_EVENTS, *_REST, *_METRIC_POINTS, *_SILENCES),
    1: _FROM_1,
    2: (*_METRIC_POINTS, *_SILENCES),
}
"""What leads from a version, 0 being an empty file, to the newest."""
_FUNCTIONS: Mapping[str, tuple[int, Callable[..., bytes | str]]] = {
    "object_digest": (2, object_digest),
    "pack_etag": (1, pack_etag),
    "pack_event_id": (1, pack_event_id),
}


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of the file's schema, 0 when it is empty; changes nothing.

    Raises StateError when the file is of a newer version or is none of relay's.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    is_new, is_old = not version and not tables, version == 1 and not owner
    if not (is_new or is_old or owner == APPLICATION_ID):
        raise StateError(
            f"state file {path} is another program's database; name another file in"
            " state.url"
        )
    if version > SCHEMA_VERSION:
        raise StateError(
            f"state file {path} has schema version {version}, written by a newer relay;"
            f" this one knows versions up to {SCHEMA_VERSION}"
        )
    return version


def bring_up_to_date(
    connection: sqlite3.Connection, path: Path, *, version: int
) -> None:
    """Make the tables, or convert those of ``version``, in one transaction or not.

    Writes in any case, so that a read-only file is found at the start.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if version != SCHEMA_VERSION:
            for name, (parameters, function) in _FUNCTIONS.items():
                connection.create_function(
                    name, parameters, function, deterministic=True
                )
            for statement in _STEPS[version]:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if version != SCHEMA_VERSION:
        what = "state file converted" if version else "state file is new"
        _log.info(what, path=str(path), schema_version=SCHEMA_VERSION)
