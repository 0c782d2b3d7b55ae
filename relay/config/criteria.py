"""Field selection criteria: which accounts and regions a metric filter looks at.

    or        := and ( 'OR' and )*
    and       := unary ( 'AND' unary )*
    unary     := '(' or ')' | condition
    condition := field ( '=' | '!=' ) text
               | field 'NOT'? 'IN' '(' text ( ',' text )* ')'
    field     := '@aws.account' | '@aws.region'
    text      := '"' any but '"' '"' | "'" any but "'" "'"

Keywords are upper case, blanks may stand between all tokens. AWS documents neither
parentheses nor case. Its API reference shows lists in square brackets, but the service
was seen to refuse those and to take parentheses.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from relay.patterns import PatternError
from relay.patterns.scanner import Scanner

MAX_LENGTH: Final = 2000  # characters; API Reference, PutMetricFilter


class SystemField(StrEnum):
    """What CloudWatch Logs knows of a log event beside its text."""

    ACCOUNT = "@aws.account"
    REGION = "@aws.region"
    SOURCE_LOG = "@source.log"
    """The name of the log group."""


_Test = Callable[[str, str], bool]
_MAX_DEPTH: Final = (
    100  # of parentheses; no author needs as many, and stacks are finite
)
_REFUSED: Final = "The provided field selection criteria is invalid"
_SELECTABLE: Final = (SystemField.ACCOUNT, SystemField.REGION)
_FIELD: Final = "@aws.account or @aws.region"


@dataclass(frozen=True, slots=True)
class Criteria:
    """Compiled criteria; two are equal when their texts are."""

    text: str
    _test: _Test = field(compare=False, repr=False)

    def admits(self, account: str, region: str) -> bool:
        """Tell whether the filter looks at records of ``account`` and ``region``."""
        return self._test(account, region)


def parse_criteria(text: str) -> Criteria:
    """Compile field selection criteria.

    Raises PatternError, which has the position, for what CloudWatch Logs would refuse.
    """
    scanner = Scanner(text)
    if len(text) > MAX_LENGTH:
        raise _refused(scanner, f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
    parser = _Parser(scanner)
    test = parser.any_of()
    if not scanner.at_end:
        raise parser.unexpected("AND, OR or the end of the criteria")
    return Criteria(text, test)


class _Parser:
    """One method a rule of the grammar; each leaves the scanner behind its blanks."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._depth = 0
        scanner.skip_blanks()

    def any_of(self) -> _Test:
        tests = [self._all_of()]
        while self._keyword("OR"):
            tests.append(self._all_of())
        if len(tests) == 1:
            return tests[0]
        return lambda account, region: any(test(account, region) for test in tests)

    def _all_of(self) -> _Test:
        tests = [self._unary()]
        while self._keyword("AND"):
            tests.append(self._unary())
        if len(tests) == 1:
            return tests[0]
        return lambda account, region: all(test(account, region) for test in tests)

    def _unary(self) -> _Test:
        start = self._scanner.position
        if not self._symbol("("):
            return self._condition()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _refused(
                self._scanner, f"more than {_MAX_DEPTH} nested parentheses", start
            )
        test = self.any_of()
        if not self._symbol(")"):
            raise self.unexpected("AND, OR or ')'")
        self._depth -= 1
        return test

    def _condition(self) -> _Test:
        is_account = self._field() is SystemField.ACCOUNT
        values, is_wanted = self._values()
        if is_account:
            return lambda account, _: (account in values) is is_wanted
        return lambda _, region: (region in values) is is_wanted

    def _field(self) -> SystemField:
        scanner = self._scanner
        start = scanner.position
        name = scanner.take_while(lambda char: char.isalnum() or char in "@._-")
        for each in _SELECTABLE:
            if name == each:
                scanner.skip_blanks()
                return each
        if name == SystemField.SOURCE_LOG:
            raise _refused(scanner, f"{name} selects nothing; write {_FIELD}", start)
        if name.startswith("@"):
            raise _refused(scanner, f"{name} is no system field; write {_FIELD}", start)
        raise self.unexpected(f"{_FIELD}, or '('", start)

    def _values(self) -> tuple[frozenset[str], bool]:
        """Read an operator and its values; return with them whether it wants them."""
        if self._symbol("!="):
            return frozenset({self._text()}), False
        if self._symbol("="):
            return frozenset({self._text()}), True
        is_wanted = not self._keyword("NOT")
        if not self._keyword("IN"):
            raise self.unexpected("=, !=, IN or NOT IN" if is_wanted else "IN")
        if self._scanner.char == "[":
            raise self.unexpected("a list in parentheses, which AWS takes")
        if not self._symbol("("):
            raise self.unexpected("'('")
        values = [self._text()]
        while self._symbol(","):
            values.append(self._text())
        if not self._symbol(")"):
            raise self.unexpected("',' or ')'")
        return frozenset(values), is_wanted

    def _text(self) -> str:
        scanner = self._scanner
        start = scanner.position
        quote = scanner.char
        if not (scanner.accept('"') or scanner.accept("'")):
            raise self.unexpected("a text in quotes")
        text = scanner.take_while(lambda char: char != quote)
        if not scanner.accept(quote):
            raise _refused(scanner, "the quote is never closed", start)
        scanner.skip_blanks()
        return text

    def _keyword(self, word: str) -> bool:
        """Step over ``word`` if it comes next, whole and in upper case."""
        scanner = self._scanner
        start = scanner.position
        if scanner.take_while(str.isalnum) != word:
            scanner.position = start
            return False
        scanner.skip_blanks()
        return True

    def _symbol(self, symbol: str) -> bool:
        accepted = self._scanner.accept(symbol)
        if accepted:
            self._scanner.skip_blanks()
        return accepted

    def unexpected(self, expected: str, position: int | None = None) -> PatternError:
        return self._scanner.unexpected(expected, position=position, aws_text=_REFUSED)


def _refused(scanner: Scanner, message: str, position: int) -> PatternError:
    return scanner.refused(message, position=position, aws_text=_REFUSED)
