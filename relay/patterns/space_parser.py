"""The grammar of space-delimited patterns: ``[ip, user, ..., status = 4*, bytes]``.

    space     := '[' ( entry ( ',' entry )* )? ']'         at most one '...'
    entry     := '' | '...' | name | conditions
    condition := name operator value             the same name throughout the entry
    name      := ( letter | '_' ) ( letter | digit | '_' )*     unique in the pattern

How conditions are joined is read by ``relay.patterns.boolean``, operators and values by
``relay.patterns.literals``.
"""

from dataclasses import replace
from typing import Final

from relay.patterns.boolean import BooleanParser
from relay.patterns.event_tests import all_of, any_of
from relay.patterns.extensions import Extensions
from relay.patterns.limits import Limits
from relay.patterns.literals import scan_operator, scan_value
from relay.patterns.scanner import BLANKS, Scanner
from relay.patterns.space import Entry, SpacePattern, TokenTest
from relay.patterns.values import token_test

_ELLIPSIS: Final = "..."
_SWALLOWED: Final = (
    "the last entry takes the rest of the line, so that its condition fails on a "
    "longer line; add ', ...' behind it"
)
_UNQUOTED: Final = "AWS refuses some words without quotes here; put words in quotes"
_NAME: Final = "a field name, '...', ',' or ']'"


def parse_space_pattern(
    text: str, extensions: Extensions
) -> tuple[SpacePattern, tuple[str, ...]]:
    """Return the pattern that ``text`` states, and warnings about how it is written.

    Of ``extensions`` only more regular expressions mean something here. Raises
    PatternError for a text that does not follow the grammar or exceeds a limit.
    """
    parser = _Parser(Scanner(text), extensions)
    pattern = parser.parse()
    warnings = parser.warnings + parser.conditions.warnings
    if pattern.ellipsis is None and pattern.before[-1].test:
        warnings += (_SWALLOWED,)
    return pattern, tuple(dict.fromkeys(warnings))


class _Parser:
    """Reads entry by entry; ``_name`` is the field that the current one is about."""

    def __init__(self, scanner: Scanner, extensions: Extensions) -> None:
        self._scanner = scanner
        self._limits = Limits(scanner, extensions)
        self._seen: set[str] = set()
        self._name: str | None = None
        self.warnings: tuple[str, ...] = ()
        self.conditions: BooleanParser[TokenTest] = BooleanParser(
            scanner, self._condition, all_of=all_of, any_of=any_of
        )

    def parse(self) -> SpacePattern:
        scanner = self._scanner
        scanner.accept("[")
        entries = [self._entry()]
        while scanner.accept(","):
            entries.append(self._entry())
        if not scanner.accept("]"):
            raise scanner.unexpected("',' or ']'")
        scanner.expect_end("[", "]")
        if entries == [Entry()]:  # '[]' takes any line, even an empty one
            return SpacePattern((), ellipsis=entries[0])
        for number, entry in enumerate(entries):
            if entry.text == _ELLIPSIS:
                before, behind = entries[:number], entries[number + 1 :]
                return SpacePattern(tuple(before), entry, tuple(behind))
        return SpacePattern(tuple(entries))

    def _entry(self) -> Entry:
        """Read an entry and the blanks around it."""
        scanner = self._scanner
        scanner.skip_blanks()
        start = scanner.position
        self._name = None
        entry = Entry()
        if scanner.accept(_ELLIPSIS):
            self._note(_ELLIPSIS, start)
        elif not scanner.at_end and scanner.char not in ",]":
            entry = self._field(start)
        text = scanner.text[start : scanner.position].rstrip(BLANKS)
        scanner.skip_blanks()
        return replace(entry, text=text, position=start)

    def _field(self, start: int) -> Entry:
        """Read a name alone or, where more follows, conditions on it."""
        scanner = self._scanner
        if scanner.char != "(":
            name = self._scan_name()
            scanner.skip_blanks()
            if scanner.at_end or scanner.char in ",]":
                self._note(name, start)
                return Entry(name)
        scanner.position = start
        test = self.conditions.parse()
        self._note(self._name or "", start)
        return Entry(self._name, test)

    def _condition(self) -> TokenTest:
        scanner = self._scanner
        start = scanner.position
        name = self._scan_name()
        if self._name not in {None, name}:
            raise scanner.refused(
                f"a condition on '{name}' in the entry of '{self._name}'",
                position=start,
                aws_text=(
                    "Multiple variables used in a single filter. "
                    f"Var1 : {self._name}, Var2 : {name}"
                ),
            )
        self._name = name
        scanner.skip_blanks()
        operator = scan_operator(scanner)
        if operator is None:
            raise scanner.unexpected("=, !=, <, <=, >, >=, ',' or ']'")
        scanner.skip_blanks()
        start = scanner.position
        value = scan_value(scanner, operator)
        self._limits.count_value(value, start)
        if scanner.text[start].isalpha():
            self.warnings += (_UNQUOTED,)
        return token_test(operator, value)

    def _scan_name(self) -> str:
        scanner = self._scanner
        start = scanner.position
        digits = scanner.take_while(str.isdigit)
        name = scanner.take_while(_is_name_char)
        if digits and name:
            scanner.position = start + len(digits)
            raise scanner.invalid_term(start, _NAME)
        if not name:
            raise scanner.unexpected(_NAME, position=start)
        return name

    def _note(self, name: str, position: int) -> None:
        if name in self._seen:
            raise self._scanner.refused(
                f"'{name}' occurs twice",
                position=position,
                aws_text=f"Duplicate field '{name}'",
            )
        self._seen.add(name)


def _is_name_char(char: str) -> bool:
    return char.isalnum() or char == "_"
