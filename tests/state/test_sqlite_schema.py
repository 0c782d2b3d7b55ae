"""relay.state.sqlite_schema: a file of an older version keeps all that it holds."""

import sqlite3
from pathlib import Path

import pytest

from relay.errors import StateError
from relay.state.sqlite import open_sqlite
from relay.state.sqlite_file import connect
from relay.state.sqlite_schema import APPLICATION_ID, SCHEMA_VERSION
from relay.state.store import Commit, LedgerKey, Notified, ObjectMark, Statement
from tests.state.version_1 import SCHEMA
from tests.state.version_1 import write as write_version_1

RECEIVED = LedgerKey(account="1", region="r", outcome="received")
UUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def mark(key: str, etag: str, *, relayed: bool, records: int) -> ObjectMark:
    """Return a mark as version 1 had it as well."""
    return ObjectMark(
        bucket="b",
        key=key,
        etag=etag,
        relayed=relayed,
        records=records,
        account="1",
        region="r",
    )


def objects(*marks: ObjectMark) -> list[tuple[object, ...]]:
    """Return the rows of version 1."""
    return [
        (m.bucket, m.key, m.etag, m.relayed, m.records, m.account, m.region, 1_000.5)
        for m in marks
    ]


async def test_version_1_is_converted_whole(tmp_path: Path) -> None:
    """Marks, events, alarms, outbox, reminders, ledger: all is as it was."""
    path = tmp_path / "state.db"
    done = mark("done", MD5, relayed=True, records=3)
    waits = mark("waits", f"{MD5}-2", relayed=False, records=5)
    empty = mark("empty", MD5, relayed=False, records=0)
    write_version_1(
        path,
        objects=objects(done, waits, empty),
        counted_events=[("f", UUID, 1_000.5), ("f", "odd", 1.0), ("g", UUID, 1.0)],
        notified=[("a", '["x"]', "all", 7.5)],
        ledger=[("1", "r", "received", "", 8)],
    )

    async with open_sqlite(path) as store:
        marks = await store.marks([("b", name) for name in ("done", "waits", "empty")])
        pairs = [(name, id_) for name in "fg" for id_ in (UUID, "odd", "new")]
        counted = await store.counted(pairs)
        statement = await store.statement()
        left_behind = await store.left_behind(2_000.0)
        notified = await store.notified()
        pruned = await store.prune(500.0)

    assert marks == {("b", m.key): [m] for m in (done, waits, empty)}
    assert counted == {("f", UUID), ("f", "odd"), ("g", UUID)}
    assert statement == Statement(
        lines={RECEIVED: 8},
        in_flight={("1", "r"): 5},
        outbox_pending=0,
        outbox_oldest_at=None,
    )
    assert left_behind == [waits]
    assert notified == [Notified(alarm="a", group=("x",), receiver="all", at=7.5)]
    assert pruned == 2


async def test_converted_file_is_the_same_as_a_new_one(tmp_path: Path) -> None:
    """Tables, columns and indexes: no second way to have the newest version."""
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    write_version_1(old)

    shapes = []
    for path in (old, new):
        connection = connect(path)
        rows = connection.execute("SELECT name, sql FROM sqlite_schema").fetchall()
        connection.close()
        shapes.append({name: "".join((sql or "").split()) for name, sql in rows})

    assert shapes[0] == shapes[1]


async def test_conversion_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """It is tried again with the next start, or the older version goes on with it."""
    path = tmp_path / "state.db"
    write_version_1(path, counted_events=[("f", UUID, 1.0)])
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE filters (not_ours)")
    connection.commit()
    connection.close()

    with pytest.raises(StateError, match="filters already exists"):
        connect(path)
    connection = sqlite3.connect(path)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    rows = connection.execute("SELECT * FROM counted_events").fetchall()
    connection.close()

    assert version == 1
    assert rows == [("f", UUID, 1.0)]


async def test_new_file_says_whose_it_is(tmp_path: Path) -> None:
    """Version and application id are in the header, for tools and for later."""
    path = tmp_path / "state.db"
    async with open_sqlite(path):
        pass
    connection = sqlite3.connect(path)
    found = [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("user_version", "application_id")
    ]
    connection.close()

    assert found == [SCHEMA_VERSION, APPLICATION_ID]


async def test_opening_it_again_converts_nothing(tmp_path: Path) -> None:
    """What is up to date stays, life after life."""
    path = tmp_path / "state.db"
    for _ in range(3):
        async with open_sqlite(path) as store:
            await store.commit(Commit(at=1.0, ledger={RECEIVED: 1}))
    async with open_sqlite(path) as store:
        ledger = await store.ledger()

    assert ledger == {RECEIVED: 3}


def test_version_1_is_really_another_one() -> None:
    """The tables that the tests convert are those of the version before."""
    assert "filter TEXT, event_id TEXT" in SCHEMA
