"""Space-delimited patterns at work: which token belongs to which entry.

Each entry takes one token, from the left. The last one takes the rest of the line as it
stands, unless there is a ``...``: that stands for any number of tokens, and the entries
behind it count from the right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from relay.patterns.tokens import Token, tokenize

TokenTest = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the line: its name, and what its token must satisfy, if anything."""

    name: str | None = None
    test: TokenTest | None = None


@dataclass(frozen=True, slots=True)
class SpacePattern:
    """The entries before and behind ``...``; without one, ``has_ellipsis`` is False."""

    before: tuple[Entry, ...]
    behind: tuple[Entry, ...]
    has_ellipsis: bool

    def extract(self, line: str) -> dict[str, str] | None:
        """Return the tokens as ``$name``, or ``$N`` (from 1) where no entry names one.

        None when the line has too few tokens or one does not satisfy its entry.
        """
        tokens = tokenize(line)
        if len(tokens) < len(self.before) + len(self.behind):
            return None
        if self.has_ellipsis:
            texts = [token.text for token in tokens]
        else:
            texts = _with_rest_in_last(line, tokens, len(self.before))
        entries = self._entry_of_each(len(texts))
        for position, entry in entries.items():
            if entry.test is not None and not entry.test(texts[position]):
                return None
        return {
            f"${_name_at(entries, position)}": text
            for position, text in enumerate(texts)
        }

    def _entry_of_each(self, token_count: int) -> dict[int, Entry]:
        first_behind = token_count - len(self.behind)
        return dict(enumerate(self.before)) | dict(enumerate(self.behind, first_behind))


def _with_rest_in_last(line: str, tokens: list[Token], entry_count: int) -> list[str]:
    texts = [token.text for token in tokens[:entry_count]]
    if len(tokens) > entry_count:
        texts[-1] = line[tokens[entry_count - 1].start :]
    return texts


def _name_at(entries: Mapping[int, Entry], position: int) -> str:
    entry = entries.get(position)
    return entry.name if entry and entry.name else str(position + 1)
