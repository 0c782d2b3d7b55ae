"""Term patterns: ``ERROR -timeout``, ``?WARN ?ERROR``, ``"two words"``.

    terms  := blank* ( term ( blank+ term | marked )* )? blank*
    term   := marked | word
    marked := ( '-' | '?' ) word
    word   := bare | quoted
    bare   := ( letter | digit | '_' | '.' )+
    quoted := '"' any characters, at least one '"'        with the escapes of literals

A word is searched for in the message as it stands: case counts, and ``ERROR`` is in
``ERRORS``. ``-`` and ``?`` begin a new term even inside a word: ``a-b`` is ``a -b``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from relay.patterns.literals import scan_quoted
from relay.patterns.scanner import Scanner

_TERM: Final = "a term: letters, digits, '_' and '.', or text in double quotes"


class Mark(StrEnum):
    """What a message has to do with a term's word; the value is what marks the term."""

    REQUIRED = ""
    EXCLUDED = "-"
    OPTIONAL = "?"


@dataclass(frozen=True, slots=True)
class Term:
    """A word and its mark; ``text`` is how they are written, at ``position``."""

    word: str
    mark: Mark
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The words that a message must hold, must not hold, or must hold one of."""

    terms: tuple[Term, ...]

    @property
    def ignore_optional(self) -> bool:
        """Whether the terms with ``?`` do not count, since there are others."""
        return any(term.mark is not Mark.OPTIONAL for term in self.terms)

    def words(self, mark: Mark) -> tuple[str, ...]:
        """Return the words of all terms with this mark."""
        return tuple(term.word for term in self.terms if term.mark is mark)

    def compile(self) -> Callable[[str], bool]:
        """Return the test that tells whether a message matches.

        Next to any other term the optional ones do not count at all.
        """
        required, excluded, optional = map(self.words, Mark)
        if optional and not self.ignore_optional:
            return lambda message: any(word in message for word in optional)
        return lambda message: (
            all(word in message for word in required)
            and not any(word in message for word in excluded)
        )


_INSIDE_WORD: Final = "'{}' inside a word begins a new term; put the word in quotes"
_MARKS: Final = frozenset({Mark.EXCLUDED.value, Mark.OPTIONAL.value})


def parse_terms(text: str) -> tuple[Terms, tuple[str, ...]]:
    """Return the terms of ``text``, and warnings about how they are written.

    No terms at all match every message. Raises PatternError for a text that does not
    follow the grammar.
    """
    scanner = Scanner(text)
    found: list[Term] = []
    warnings: list[str] = []
    scanner.skip_blanks()
    while not scanner.at_end:
        start = scanner.position
        mark = Mark(scanner.char) if scanner.char in _MARKS else Mark.REQUIRED
        scanner.accept(mark.value)
        if mark.value and start > 0 and _is_bare_char(text[start - 1]):
            warnings.append(_INSIDE_WORD.format(mark.value))
        word = _scan_word(scanner)
        if not word.strip():
            warnings.append("quoted blanks match only what holds them, not everything")
        written = text[start : scanner.position]
        found.append(Term(word, mark, written, start))
        _expect_term_end(scanner)
        scanner.skip_blanks()
    terms = Terms(tuple(found))
    if terms.ignore_optional and terms.words(Mark.OPTIONAL):
        warnings.append("terms with '?' do not count next to terms without it")
    return terms, tuple(dict.fromkeys(warnings))


def _scan_word(scanner: Scanner) -> str:
    start = scanner.position
    if scanner.char == '"':
        word = scan_quoted(scanner)
        if not word:
            scanner.position -= 1  # the error quotes both quotes, and nothing else
            raise scanner.invalid_term(start, "text between the quotes")
        return word
    word = scanner.take_while(_is_bare_char)
    if not word:
        raise scanner.invalid_term(start, _TERM)
    return word


def _expect_term_end(scanner: Scanner) -> None:
    """Refuse what touches the end of a term, unless it may begin the next one."""
    start = scanner.position
    scanner.skip_blanks()
    is_separated = scanner.position > start or scanner.at_end or scanner.char in _MARKS
    if is_separated:
        return
    if scanner.char == '"' or _is_bare_char(scanner.char):
        raise scanner.unexpected("a blank between two terms")
    raise scanner.invalid_term(start, _TERM)


def _is_bare_char(char: str) -> bool:
    return char.isalnum() or char in "_."
