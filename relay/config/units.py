"""Durations (``90s``, ``5m``, ``1h``) and sizes (``256MiB``) as people write them."""

import re
from math import isfinite

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)")
_SECS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(B|KB|MB|GB|KiB|MiB|GiB)")
_BYTES = {
    "B": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}


def parse_duration(text: str) -> float:
    """Return the seconds that ``text`` means: ``90s``, ``1h30m``, ``250ms``.

    Raises ValueError when ``text`` is not a sequence of number and unit (ms s m h d w).
    """
    total, end = 0.0, 0
    for part in _DURATION.finditer(text):
        if part.start() != end:
            break
        total += float(part[1]) * _SECS[part[2]]
        end = part.end()
    if end != len(text) or not text:
        raise ValueError(f"{text!r} is no duration; write it as 90s, 5m or 1h30m")
    return total


def format_duration(secs: float) -> str:
    """Return ``secs`` as ``parse_duration`` reads it, in few parts: ``1h30m``."""
    if secs != int(secs):
        return f"{secs * 1000:g}ms" if secs < 1 else f"{secs:g}s"
    rest, parts = int(secs), ""
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(rest, int(_SECS[unit]))
        parts += f"{count}{unit}" if count else ""
    return parts or "0s"


def parse_size(text: str) -> int:
    """Return the bytes that ``text`` means: ``64MiB``, ``1GB`` (10**9), ``512B``.

    Raises ValueError when ``text`` is not one number and one unit.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None or not isfinite(float(found[1])):
        raise ValueError(f"{text!r} is no size; write it as 64MiB, 1GiB or 512KiB")
    return int(float(found[1]) * _BYTES[found[2]])


def format_size(size_bytes: int) -> str:
    """Return ``size_bytes`` as ``parse_size`` reads it, in the largest whole unit."""
    for unit in ("GiB", "MiB", "KiB"):
        if size_bytes and size_bytes % _BYTES[unit] == 0:
            return f"{size_bytes // _BYTES[unit]}{unit}"
    return f"{size_bytes}B"
