"""Reading files that somebody may be writing: all of them as they stand at one time.

An editor empties a file before it fills it again. What is read in that instant may be a
valid configuration, with fewer rules or none; putting it in force would drop alarms and
their states. So whoever reads a file notes it, and when one has changed by the time
that all are read, all are read again.
"""

from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

_MAX_READINGS: Final = 5
"""A file that changes all the time, such as a log named by mistake, is no reason to
read for ever; by then a short write is long over."""

Stamp = tuple[int, int, int]

_noted: ContextVar[dict[Path, Stamp | None] | None] = ContextVar("noted", default=None)


def note(path: Path) -> None:
    """Remember how the file at ``path`` is just before it is read."""
    noted = _noted.get()
    if noted is not None:
        noted.setdefault(path, _stamp(path))


def steadily(read: Callable[[], T]) -> T:
    """Return what ``read`` returns, called again while files change under it."""
    for _ in range(_MAX_READINGS - 1):
        noted: dict[Path, Stamp | None] = {}
        token = _noted.set(noted)
        try:
            result = read()
        finally:
            _noted.reset(token)
        if all(_stamp(path) == stamp for path, stamp in noted.items()):
            return result
    return read()


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
