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
from typing import Final

from relay.patterns.literals import scan_quoted
from relay.patterns.scanner import Scanner

_MARKS: Final = ("-", "?")
_TERM: Final = "a term: letters, digits, '_' and '.', or text in double quotes"


@dataclass(frozen=True, slots=True)
class Terms:
    """The words that a message must hold, must not hold, or must hold one of."""

    required: tuple[str, ...]
    excluded: tuple[str, ...]
    optional: tuple[str, ...]

    def compile(self) -> Callable[[str], bool]:
        """Return the test that tells whether a message matches.

        Next to any other term the optional ones do not count at all.
        """
        required, excluded, optional = self.required, self.excluded, self.optional
        if optional and not required and not excluded:
            return lambda message: any(word in message for word in optional)
        return lambda message: (
            all(word in message for word in required)
            and not any(word in message for word in excluded)
        )


def parse_terms(text: str) -> tuple[Terms, tuple[str, ...]]:
    """Return the terms of ``text``, and warnings about how they are written.

    No terms at all match every message. Raises PatternError for a text that does not
    follow the grammar.
    """
    scanner = Scanner(text)
    words: dict[str, list[str]] = {"": [], "-": [], "?": []}
    warnings: list[str] = []
    scanner.skip_blanks()
    while not scanner.at_end:
        start = scanner.position
        mark = scanner.char if scanner.char in _MARKS else ""
        scanner.accept(mark)
        if mark and start > 0 and _is_bare_char(text[start - 1]):
            warnings.append(
                f"'{mark}' inside a word begins a new term; put the word in quotes"
            )
        word = _scan_word(scanner)
        if not word.strip():
            warnings.append("quoted blanks match only what holds them, not everything")
        words[mark].append(word)
        _expect_term_end(scanner)
        scanner.skip_blanks()
    terms = Terms(tuple(words[""]), tuple(words["-"]), tuple(words["?"]))
    if terms.optional and (terms.required or terms.excluded):
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
