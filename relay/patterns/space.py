"""Space-delimited patterns at work: which token belongs to which entry.

Each entry takes one token, from the left. The last one takes the rest of the line as it
stands, unless there is a ``...``: that stands for any number of tokens, and the entries
behind it count from the right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from relay.patterns.tokens import tokenize

TokenTest = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the line: its name, and what its token must satisfy, if anything.

    ``text`` is how it is written, at ``position`` of the pattern.
    """

    name: str | None = None
    test: TokenTest | None = None
    text: str = field(default="", compare=False)
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SpacePattern:
    """The entries before and behind ``...``, which is ``ellipsis`` where there is one.

    ``[]`` counts as an ellipsis.
    """

    before: tuple[Entry, ...]
    ellipsis: Entry | None = None
    behind: tuple[Entry, ...] = ()

    def extract(self, line: str) -> dict[str, str] | None:
        """Return the tokens as ``$name``, or ``$N`` (from 1) where no entry names one.

        None when the line has too few tokens or one does not satisfy its entry.
        """
        texts = self.cut(line)
        if len(texts) < self.min_tokens:
            return None
        entries = self._entry_of_each(len(texts))
        for position, entry in entries.items():
            if entry.test is not None and not entry.test(texts[position]):
                return None
        return {
            f"${_name_at(entries, position)}": text
            for position, text in enumerate(texts)
        }

    @property
    def min_tokens(self) -> int:
        """How many tokens a line must have, one for each entry."""
        return len(self.before) + len(self.behind)

    def cut(self, line: str) -> list[str]:
        """Return the tokens of ``line``, the last with the rest if it takes that."""
        tokens = tokenize(line)
        texts = [token.text for token in tokens]
        last = len(self.before) - 1
        if self.ellipsis is None and last + 1 < len(tokens):
            texts[last:] = [line[tokens[last].start :]]
        return texts

    def _entry_of_each(self, token_count: int) -> dict[int, Entry]:
        first_behind = token_count - len(self.behind)
        return dict(enumerate(self.before)) | dict(enumerate(self.behind, first_behind))


def _name_at(entries: Mapping[int, Entry], position: int) -> str:
    entry = entries.get(position)
    return entry.name if entry and entry.name else str(position + 1)
