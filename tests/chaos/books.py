"""What a state file says, read as a stranger reads it: by SQL, without the daemon."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from relay.alarms.saved import decode_body
from relay.model import AlarmKey, SavedAlarm
from relay.state.packing import object_digest
from tests.chaos.material import BUCKET, GUESSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """One state file's content, as far as a verdict needs it."""

    relayed: frozenset[bytes]
    """The objects that are marked as relayed, as ``mark_of`` names them."""
    counted: Counter[str]
    """Event ids that were counted, by filter."""
    sums: Counter[str]
    """The sum of the datapoints that an alarm without groups has taken, by alarm."""
    guesses: Counter[str]
    """The same of ``guessing``, by user."""
    ledger: dict[tuple[str, str], Counter[str]]
    """Records by outcome, by account and region."""
    waiting: int
    """Notifications in the outbox."""
    dead: int


def mark_of(key: str) -> bytes:
    """Return by what the state file knows the trail's object ``key``."""
    return object_digest(BUCKET, key)


def relayed(path: Path) -> frozenset[bytes]:
    """Return the objects that the state file calls relayed."""
    if not path.exists():
        return frozenset()
    with _copied(path) as connection:
        try:
            rows = connection.execute("SELECT object FROM objects WHERE relayed = 1")
            return frozenset(name for (name,) in rows)
        except sqlite3.OperationalError:  # killed before its tables were made
            return frozenset()


def read_books(path: Path) -> Books:
    """Read the whole file."""
    with _copied(path) as connection:
        execute = connection.execute
        sums, guesses = _alarms(connection)
        ledger: dict[tuple[str, str], Counter[str]] = {}
        for account, region, outcome, records in execute(
            "SELECT account, region, outcome, sum(records) FROM ledger"
            " GROUP BY account, region, outcome"
        ):
            ledger.setdefault((account, region), Counter())[outcome] = records
        counted = execute(
            "SELECT name, count(*) FROM counted_events"
            " JOIN filters ON filters.id = filter GROUP BY name"
        )
        return Books(
            counted=Counter(dict(counted.fetchall())),
            sums=sums,
            guesses=guesses,
            ledger=ledger,
            waiting=_count(connection, "outbox"),
            dead=_count(connection, "dead_letters"),
            relayed=relayed(path),
        )


@contextmanager
def _copied(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy: reading the file itself would repair it in the daemon's place."""
    with TemporaryDirectory() as name:
        for suffix in ("", "-wal"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                shutil.copy(part, Path(name) / part.name)
        with closing(sqlite3.connect(Path(name) / path.name)) as connection:
            yield connection


def _alarms(connection: sqlite3.Connection) -> tuple[Counter[str], Counter[str]]:
    sums: Counter[str] = Counter()
    guesses: Counter[str] = Counter()
    rows = connection.execute("SELECT alarm, grp, fingerprint, body FROM alarms")
    for alarm, group_text, fingerprint, body in rows:
        group = msgspec.json.decode(group_text, type=tuple[str, ...])
        key = AlarmKey(name=alarm, fingerprint=fingerprint)
        saved = decode_body(SavedAlarm(alarm=key, group=group, body=body))
        total = round(sum(bucket.total for bucket in saved.buckets))
        sums[alarm] += total
        if alarm == GUESSING:
            guesses[group[0]] += total
    return sums, guesses


def _count(connection: sqlite3.Connection, table: str) -> int:
    query = f"SELECT count(*) FROM {table}"  # noqa: S608 - our own table names
    (rows,) = connection.execute(query).fetchone()
    return int(rows)
