"""Makes messages as large as their target takes, and no larger.

Chat markup must not be cut inside a tag or a link. The templates open and close all
markup within a line, so whole lines are what is left out.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate


def units(text: str) -> int:
    """Return the length in UTF-16 units, as the chat services count it."""
    return len(text) + sum(character > "\uffff" for character in text)


def whole_lines(text: str, max_units: int, *, otherwise: str) -> str:
    """Return ``text``, or its first lines and ``... 3 more lines``.

    ``otherwise`` is what stands for it when not even the first line fits.
    """
    if units(text) <= max_units:
        return text
    lines = text.split("\n")
    # How long the first lines are, each with the line's end that follows.
    lengths = list(accumulate(units(line) + 1 for line in lines))
    for kept in range(len(lines) - 1, 0, -1):
        hint = _hint(len(lines) - kept)
        if lengths[kept - 1] + len(hint) <= max_units:
            return "\n".join([*lines[:kept], hint])
    return otherwise


def pieces(text: str, max_units: int, *, otherwise: str) -> Sequence[str]:
    """Return ``text`` in pieces of whole lines, each of at most ``max_units``.

    A line that does not fit in any is left out; ``otherwise`` stands for nothing.
    """
    found: list[list[str]] = []
    room = 0
    for line in text.split("\n"):
        size = units(line) + 1
        if size > max_units + 1:
            continue
        if size > room:
            found.append([])
            room = max_units + 1
        found[-1].append(line)
        room -= size
    joined = ["\n".join(lines) for lines in found]
    return [piece for piece in joined if piece.strip()] or [otherwise]


def largest(build: Callable[[int], bytes], *, most: int, max_bytes: int) -> bytes:
    """Return ``build(n)`` for the greatest ``n`` up to ``most`` that fits.

    It must grow with ``n``; ``build(0)`` is returned when nothing fits.
    """
    best = build(most)
    if len(best) <= max_bytes:
        return best
    best, low, high = build(0), 1, most - 1
    while low <= high:
        middle = (low + high) // 2
        candidate = build(middle)
        if len(candidate) <= max_bytes:
            best, low = candidate, middle + 1
        else:
            high = middle - 1
    return best


def _hint(count: int) -> str:
    return f"... {count:,} more {'line' if count == 1 else 'lines'}"
