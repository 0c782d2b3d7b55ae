"""A cursor over a pattern's text, and the two ways in which a text is refused."""

from collections.abc import Callable
from typing import Final

from relay.patterns.errors import PatternError

MAX_LENGTH: Final = 1024  # characters; API Reference, PutMetricFilter, filterPattern
BLANKS: Final = " \t\r\n"
INVALID_PATTERN: Final = "Invalid metric filter pattern"
_TOKEN_STARTS: Final = frozenset('_.*-+"%$(){}[]<>=&|,')


class Scanner:
    """Reads one pattern's text from left to right; ``position`` is the next character.

    The kinds of patterns cut their text into tokens differently, so there is no common
    lexer: each grammar reads its tokens through this cursor.
    """

    __slots__ = ("position", "text")

    def __init__(self, text: str, position: int = 0) -> None:
        self.text = text
        self.position = position

    @property
    def at_end(self) -> bool:
        """Whether the whole text has been read."""
        return self.position >= len(self.text)

    @property
    def char(self) -> str:
        """The next character; the empty string at the end."""
        return self.text[self.position : self.position + 1]

    def ahead(self, literal: str) -> bool:
        """Tell whether ``literal`` comes next."""
        return self.text.startswith(literal, self.position)

    def accept(self, literal: str) -> bool:
        """Step over ``literal`` if it comes next, and tell whether it did."""
        if not self.ahead(literal):
            return False
        self.position += len(literal)
        return True

    def take_while(self, belongs: Callable[[str], bool]) -> str:
        """Step over, and return, the longest run of characters that belong."""
        start = self.position
        while not self.at_end and belongs(self.text[self.position]):
            self.position += 1
        return self.text[start : self.position]

    def skip_blanks(self) -> None:
        """Step over spaces, tabs and line ends."""
        self.take_while(BLANKS.__contains__)

    def unexpected(
        self, expected: str, *, position: int | None = None, aws_text: str | None = None
    ) -> PatternError:
        """Return the error for a token that stands where it may not.

        ``position`` is where it stands, by default the scanner's. ``aws_text`` is for
        where the service has a text of its own.
        """
        where = self.position if position is None else position
        found = self._word_at(where)
        return PatternError(
            f"expected {expected}, found {found}",
            pattern=self.text,
            position=where,
            expected=expected,
            found=found,
            aws_text=aws_text or self._aws_text_at(where),
        )

    def invalid_term(self, start: int, expected: str) -> PatternError:
        """Return the error for a character that cannot continue the token at ``start``.

        AWS quotes the token from its start through that character.
        """
        found = self._word_at(self.position)
        term = self.text[start : self.position + 1]
        return PatternError(
            f"expected {expected}, found {found}",
            pattern=self.text,
            position=min(self.position, len(self.text)),
            expected=expected,
            found=found,
            aws_text=invalid_characters(term),
        )

    def too_long(self) -> PatternError:
        """Return the error for a text of more than MAX_LENGTH characters."""
        return self.refused(
            f"longer than {MAX_LENGTH} characters: {len(self.text)}",
            position=MAX_LENGTH,
            aws_text=(
                "Value at 'filterPattern' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_LENGTH}"
            ),
        )

    def expect_end(self, opener: str, closer: str) -> None:
        """Raise PatternError unless the text ends here, right behind its ``closer``."""
        if not self.at_end:
            raise self.refused(
                f"the pattern does not end at its closing '{closer}'",
                position=self.position,
                aws_text=(
                    f"If a filter pattern starts with '{opener}' "
                    f"it must end with '{closer}'"
                ),
            )

    def refused(
        self, message: str, *, position: int, aws_text: str | None = None
    ) -> PatternError:
        """Return the error for a rule other than the grammar, such as a limit."""
        return PatternError(
            message,
            pattern=self.text,
            position=position,
            aws_text=aws_text,
        )

    def _aws_text_at(self, position: int) -> str:
        """Return AWS's text: it tells a misplaced token from a character of none."""
        char = self.text[position : position + 1]
        if char == "!":
            char = self.text[position : position + 2]
        elif not char or char.isalnum() or char in _TOKEN_STARTS:
            return INVALID_PATTERN
        return invalid_characters(char)

    def _word_at(self, position: int) -> str:
        """Return what stands at ``position``, as an error message names it."""
        if position >= len(self.text):
            return "the end of the pattern"
        word = Scanner(self.text, position).take_while(_is_word)
        return repr(word or self.text[position])


def invalid_characters(term: str) -> str:
    """Return the service's error text for a character that belongs to no token."""
    return f"Invalid character(s) in term '{term}'"


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
