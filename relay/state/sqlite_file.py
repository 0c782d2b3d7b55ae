"""The SQLite file itself: opening it safely, and keeping others out."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from relay.errors import StateError
from relay.state.sqlite_errors import damaged, state_error, unusable
from relay.state.sqlite_schema import bring_up_to_date, version_of

WAL_KEPT_BYTES = 16 * 2**20
"""The write-ahead log is cut to this after a transaction that made it larger."""
_READ_BYTES = 2**20


def connect(path: Path) -> sqlite3.Connection:
    """Open the database for writing, check it, and bring its schema up to date.

    Raises StateError when the file is damaged, read-only or of a newer version.
    """
    _read_ahead(path)
    try:
        # Autocommit: every transaction of the store begins and ends in plain sight.
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as exc:
        raise state_error(path, exc) from exc
    try:
        # First, for it changes nothing: not a byte of another program's database.
        version = version_of(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}")
        _check(connection, path)
        bring_up_to_date(connection, path, version=version)
    except sqlite3.Error as exc:
        connection.close()
        raise state_error(path, exc) from exc
    except StateError:
        connection.close()
        raise
    return connection


def _read_ahead(path: Path) -> None:
    """Have the whole file in the system's cache before its pages are checked.

    The check takes them in another order than the disk has them: of a cold file of 1 GB
    that took 22 s, and takes 4 s after this. Before SQLite opens the file: closing it
    here afterwards would drop its locks.
    """
    try:
        with path.open("rb", buffering=0) as file:
            while file.read(_READ_BYTES):
                pass
    except FileNotFoundError:
        return
    except OSError as exc:
        raise unusable(path, exc) from exc


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Read the whole file once: better to find at the start that a page is broken."""
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise damaged(path, verdict)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file beside ``path``: two daemons on one file would each see half.

    A file of its own, because closing any other handle of the database file would drop
    the locks that SQLite itself holds on it (POSIX advisory locks are per process). It
    says who holds it; who dies holds it no longer, so that no stale one is ever met.
    """
    lock_path = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not emptied by opening it: that would wipe out the other's process id.
        lock = lock_path.open("a+b", buffering=0)
    except OSError as exc:
        raise unusable(path, exc) from exc
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            lock.seek(0)
            holder = lock.read().decode(errors="replace").strip()
            who = f" (process {holder})" if holder else ""
            raise StateError(
                f"state file {path} is in use by another relay{who}"
            ) from exc
        # On a full disk it is the database that must say so.
        with suppress(OSError):
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n".encode())
        yield
