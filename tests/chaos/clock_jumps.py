"""Jumps of the daemon's wall clock, by libfaketime; the machine's own stays right."""

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "CHAOS_LIBFAKETIME"
"""Where the library is, when it is not where Debian has it."""
MISSING = f"libfaketime is not installed, and {VARIABLE} does not name it"

_PLACES = "/usr/lib/*/faketime/libfaketimeMT.so.1"


def library() -> Path | None:
    """Return where libfaketime is, None when it is not there."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    return next(iter(Path("/").glob(_PLACES.removeprefix("/"))), None)


def environment(folder: Path) -> Mapping[str, str]:
    """Return what makes a process read its clock's offset from a file in ``folder``.

    The monotonic clock is left alone, as a real jump leaves it.
    """
    found = library()
    if found is None:
        return {}
    jump(folder, 0)
    return {
        "LD_PRELOAD": str(found),
        "FAKETIME_TIMESTAMP_FILE": str(_file(folder)),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def jump(folder: Path, offset_secs: int) -> None:
    """Set the clock to the right time and ``offset_secs``; it jumps within a second."""
    new = _file(folder).with_suffix(".new")
    new.write_text(f"{offset_secs:+d}s\n")
    new.replace(_file(folder))


def _file(folder: Path) -> Path:
    return folder / "clock-offset"
