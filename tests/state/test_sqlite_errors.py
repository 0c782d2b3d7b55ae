"""relay.state.sqlite_errors: the file, the cause, and what to do about it."""

import sqlite3
from pathlib import Path

import pytest

from relay.state.sqlite_errors import damaged, state_error, unusable

PATH = Path("/var/lib/relay/state.db")


def sqlite_error(code: int | None) -> sqlite3.Error:
    """Return an error as SQLite raises it, or one of Python's own module."""
    error = sqlite3.OperationalError("it failed")
    if code is not None:
        error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (sqlite3.SQLITE_FULL, "make room"),
        (sqlite3.SQLITE_IOERR, "ulimit -f"),
        (sqlite3.SQLITE_IOERR_WRITE, "ulimit -f"),
        (sqlite3.SQLITE_CORRUPT, "start again with a backup"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "start again with a backup"),
        (sqlite3.SQLITE_NOTADB, "start again with a backup"),
        (sqlite3.SQLITE_READONLY, "must be writable"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "must be writable"),
        (sqlite3.SQLITE_CANTOPEN, "must be writable"),
        (sqlite3.SQLITE_BUSY, "another program"),
    ],
)
def test_kind_of_error_has_its_advice(code: int, advice: str) -> None:
    """Also the finer kinds, which share the low byte of their code."""
    text = str(state_error(PATH, sqlite_error(code)))

    assert text.startswith("state file /var/lib/relay/state.db: it failed; ")
    assert advice in text


@pytest.mark.parametrize("code", [None, sqlite3.SQLITE_MISUSE])
def test_other_errors_are_told_as_they_are(code: int | None) -> None:
    """No advice is better than a wrong one."""
    text = str(state_error(PATH, sqlite_error(code)))

    assert text == "state file /var/lib/relay/state.db: it failed"


def test_damage_says_what_the_check_found() -> None:
    """And that nothing is lost by starting afresh but the alarms' state."""
    text = str(damaged(PATH, "row 7 missing"))

    assert text.startswith("state file /var/lib/relay/state.db is damaged: row 7")
    assert "messages still in the queue come again" in text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(13, "Permission denied", "/var/lib"), "Permission denied: /var/lib;"),
        (OSError(5, "Input/output error"), "Input/output error;"),
    ],
    ids=["with a file", "without"],
)
def test_refusal_of_the_file_system_names_what_it_refused(
    error: OSError, said: str
) -> None:
    """It may be the folder, or the lock file."""
    text = str(unusable(PATH, error))

    assert text.startswith(f"state file /var/lib/relay/state.db: {said}")
