"""SQLite's errors as StateError: which file, what is wrong with it, and what to do."""

import sqlite3
from pathlib import Path

from relay.errors import StateError

_DAMAGED = (
    "move it away together with its -wal and -shm files, then start again with a backup"
    " or without any: messages still in the queue come again, alarms start afresh"
)
_FULL = "make room on its disk and start again; what was acknowledged is in it"
_FAILED = "look after its disk, its quota and ulimit -f, then start again"
_UNWRITABLE = "the file and its folder must be writable for the user that relay runs as"
_BUSY = "another program has it open; close that, then start again"
_ADVICE = {
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _FAILED,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
}


def state_error(path: Path, error: sqlite3.Error) -> StateError:
    """Return what ``error`` means for whoever keeps the state file at ``path``."""
    # The low byte is the kind, the rest a finer distinction. (sqlite.org, "Result and
    # Error Codes"; errors of Python's own module have none.)
    code = getattr(error, "sqlite_errorcode", None)
    advice = None if code is None else _ADVICE.get(code & 0xFF)
    return StateError(_text(path, f": {error}", advice))


def damaged(path: Path, verdict: str) -> StateError:
    """Return that the check of the whole file found ``verdict``."""
    return StateError(_text(path, f" is damaged: {verdict}", _DAMAGED))


def unusable(path: Path, error: OSError) -> StateError:
    """Return that the file system refused the state file or the lock beside it."""
    where = "" if error.filename is None else f": {error.filename}"
    return StateError(_text(path, f": {error.strerror}{where}", _UNWRITABLE))


def _text(path: Path, what: str, advice: str | None) -> str:
    text = f"state file {path}{what}"
    return text if advice is None else f"{text}; {advice}"
