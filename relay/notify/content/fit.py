"""Shortens text to what its target takes, so that a reader sees that it was."""

_NEAR_CHARS = 40


def fit(
    text: str, *, max_chars: int | None = None, max_bytes: int | None = None
) -> str:
    """Return ``text``, or its beginning and ``... 2,310 more characters``.

    ``max_bytes`` counts UTF-8. The cut never parts a character, and prefers the end of
    a line or word that is near. Where the hint itself does not fit, dots stand alone.
    """
    room = len(text) if max_chars is None else max_chars
    if len(text) <= room and _is_within(text, max_bytes):
        return text
    return _longest(text, min(room, len(text)), max_bytes)


def _longest(text: str, room: int, max_bytes: int | None) -> str:
    """Return the longest beginning that has room for the words after it."""

    def fits(candidate: str) -> bool:
        return len(candidate) <= room and _is_within(candidate, max_bytes)

    low, high = -1, room
    while low < high:
        middle = (low + high + 1) // 2
        if fits(_cut(text, middle)):
            low = middle
        else:
            high = middle - 1
    if low < 0:
        return "..."[: room if max_bytes is None else min(room, max_bytes)]
    neat = _cut(text, len(_whole_words(text[:low])))
    return neat if fits(neat) else _cut(text, low)


def _cut(text: str, kept: int) -> str:
    return text[:kept] + _hint(len(text) - kept)


def _hint(count: int) -> str:
    noun = "character" if count == 1 else "characters"
    return f"... {count:,} more {noun}"


def _whole_words(text: str) -> str:
    """Return ``text`` up to a line's or word's end, when there is one near its end."""
    end = max(text.rfind(mark, len(text) - _NEAR_CHARS) for mark in "\n ")
    return text if end < 0 else text[:end].rstrip()


def _is_within(text: str, max_bytes: int | None) -> bool:
    return max_bytes is None or len(text.encode("utf-8", "replace")) <= max_bytes
