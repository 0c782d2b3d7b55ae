"""Text with ``*``, which stands for any run of characters.

Matching takes linear time: a glob is cut at its stars, and each piece is searched once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, slots=True)
class Glob:
    """Text that holds at least one ``*``; it is compared with the whole value."""

    text: str

    def compile(self) -> Callable[[str], bool]:
        """Return the cheapest test that tells whether a text matches."""
        prefix, *middle, suffix = self.text.split("*")
        pieces = tuple(piece for piece in middle if piece)
        if pieces:
            if len(pieces) == 1 and not prefix and not suffix:
                return partial(_contains, pieces[0])
            return partial(_has_pieces, prefix, pieces, suffix)
        if not suffix:
            return partial(_starts_with, prefix)
        if not prefix:
            return partial(_ends_with, suffix)
        return partial(_has_ends, prefix, suffix)

    @property
    def depends_on_backtracking(self) -> bool:
        """Whether AWS may well read the glob more narrowly than we do.

        Here ``*11`` matches ``111``. There are reports that the service takes the first
        ``11``, finds that it is not at the end, and gives up. That matters only where
        the last piece occurs before its last place, so the property is true for last
        pieces that repeat easily: one or two characters, or a text that begins as it
        ends.
        """
        last_piece = self.text.rpartition("*")[2]
        overlaps = any(
            last_piece.startswith(last_piece[cut:]) for cut in range(1, len(last_piece))
        )
        return bool(last_piece) and (len(last_piece) <= 2 or overlaps)


def _contains(piece: str, text: str) -> bool:
    return piece in text


def _starts_with(prefix: str, text: str) -> bool:
    return text.startswith(prefix)


def _ends_with(suffix: str, text: str) -> bool:
    return text.endswith(suffix)


def _has_ends(prefix: str, suffix: str, text: str) -> bool:
    return (
        len(text) >= len(prefix) + len(suffix)
        and text.startswith(prefix)
        and text.endswith(suffix)
    )


def _has_pieces(prefix: str, pieces: tuple[str, ...], suffix: str, text: str) -> bool:
    if not _has_ends(prefix, suffix, text):
        return False
    position = len(prefix)
    end = len(text) - len(suffix)
    # The first place of a piece leaves the most room for the ones behind it.
    for piece in pieces:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True
