"""The rule of a composite alarm: which states of other alarms put it into ALARM.

    or       := and ( 'OR' and )*
    and      := not ( 'AND' not )*
    not      := 'NOT'? primary
    primary  := '(' or ')' | 'TRUE' | 'FALSE' | state '(' alarm ')' | at_least
    at_least := 'AT_LEAST' '(' count ',' 'NOT'? state ',' alarms ')'
    alarms   := '(' alarm ( ',' alarm )* ')'
    state    := 'ALARM' | 'OK' | 'INSUFFICIENT_DATA'
    count    := digits | digits '%'
    alarm    := '"' name or ARN, with '\"' for a quote '"'
              | name or ARN without blanks, parentheses, commas

CloudWatch User Guide, "Create a composite alarm", and PutCompositeAlarm. Keywords are
upper case. Whether AWS takes ``NOT NOT`` it does not say: parentheses make it plain.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.model import AlarmState
from relay.patterns import PatternError
from relay.patterns.scanner import Scanner

MAX_LENGTH: Final = 10_240  # characters; PutCompositeAlarm, AlarmRule
MAX_CHILDREN: Final = 100  # different alarms; PutCompositeAlarm
MAX_ELEMENTS: Final = 500  # children, TRUE, FALSE, pairs of parentheses
MAX_DEPTH: Final = 100  # of parentheses; ours, to protect the stack: AWS names none

States = Mapping[str, AlarmState]
"""The state of each alarm that a rule refers to."""
_Test = Callable[[States], bool]

_ARN: Final = re.compile(r"arn:[a-z-]+:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:(.+)")
_KEYWORDS: Final = frozenset(
    {*AlarmState, "AND", "OR", "NOT", "TRUE", "FALSE", "AT_LEAST"}
)
_OUTSIDE_NAMES: Final = frozenset(' \t\r\n(),"')
_PRIMARY: Final = (
    "ALARM(...), OK(...), INSUFFICIENT_DATA(...), AT_LEAST(...), TRUE, FALSE or '('"
)


@dataclass(frozen=True, slots=True)
class CompositeRule:
    """A compiled rule; two are equal when their texts are.

    ``children`` are the names of the alarms it refers to, in its order, each once.
    """

    text: str
    children: tuple[str, ...] = field(compare=False)
    _test: _Test = field(compare=False, repr=False)

    def is_true(self, states: States) -> bool:
        """Tell whether the rule holds; ``states`` has every one of the children."""
        return self._test(states)


def parse_composite_rule(text: str) -> CompositeRule:
    """Compile the rule of a composite alarm.

    Raises PatternError, which has the position, for what CloudWatch would refuse.
    """
    parser = _Parser(text)
    if len(text) > MAX_LENGTH:
        raise parser.refused(f"longer than {MAX_LENGTH:,} characters", MAX_LENGTH)
    test = parser.any_of()
    if not parser.at_end:
        raise parser.unexpected("AND, OR or the end of the rule")
    return CompositeRule(text, tuple(parser.children), test)


class _Parser:
    """One method a rule of the grammar; each leaves the scanner behind its blanks."""

    def __init__(self, text: str) -> None:
        self.children: dict[str, None] = {}
        self._scanner = Scanner(text)
        self._scanner.skip_blanks()
        self._elements = 0
        self._depth = 0

    @property
    def at_end(self) -> bool:
        return self._scanner.at_end

    def any_of(self) -> _Test:
        tests = [self._all_of()]
        while self._keyword("OR"):
            tests.append(self._all_of())
        if len(tests) == 1:
            return tests[0]
        return lambda states: any(test(states) for test in tests)

    def _all_of(self) -> _Test:
        tests = [self._not()]
        while self._keyword("AND"):
            tests.append(self._not())
        if len(tests) == 1:
            return tests[0]
        return lambda states: all(test(states) for test in tests)

    def _not(self) -> _Test:
        if not self._keyword("NOT"):
            return self._primary()
        test = self._primary()
        return lambda states: not test(states)

    def _primary(self) -> _Test:
        start = self._scanner.position
        if self._symbol("("):
            return self._parenthesised(start)
        for word, value in (("TRUE", True), ("FALSE", False)):
            if self._keyword(word):
                self._count(start)
                return _always(value)
        if self._keyword("AT_LEAST"):
            return self._at_least()
        state = self._state(_PRIMARY)
        self._expect("(")
        name = self._alarm()
        self._expect(")")
        return lambda states: states[name] is state

    def _parenthesised(self, start: int) -> _Test:
        self._count(start)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.refused(f"more than {MAX_DEPTH} nested parentheses", start)
        test = self.any_of()
        if not self._symbol(")"):
            raise self.unexpected("AND, OR or ')'")
        self._depth -= 1
        return test

    def _at_least(self) -> _Test:
        self._expect("(")
        start = self._scanner.position
        digits = self._scanner.take_while(lambda char: char in "0123456789")
        if not digits:
            raise self.unexpected("a number of alarms, or a percentage of them")
        is_share = self._symbol("%")
        self._scanner.skip_blanks()
        self._expect(",")
        is_wanted = not self._keyword("NOT")
        state = self._state("ALARM, OK or INSUFFICIENT_DATA")
        self._expect(",")
        names = self._alarms()
        self._expect(")")
        most = 100 if is_share else len(names)
        # Of very many digits Python refuses to make a number.
        if len(digits) > 3 or not 1 <= int(digits) <= most:
            what = "a percentage from 1% to" if is_share else "a number from 1 to"
            unit = "%" if is_share else ""
            raise self.refused(f"AT_LEAST takes {what} {most}{unit} here", start)
        # In hundredths of an alarm, so that no share is rounded.
        needed = int(digits) * (len(names) if is_share else 100)
        return lambda states: (
            100 * sum((states[name] is state) is is_wanted for name in names) >= needed
        )

    def _alarms(self) -> list[str]:
        self._expect("(")
        names = [self._alarm()]
        while self._symbol(","):
            names.append(self._alarm())
        if not self._symbol(")"):
            raise self.unexpected("',' or ')'")
        return names

    def _alarm(self) -> str:
        """Read a reference to a child, and return the alarm's name."""
        start = self._scanner.position
        text = self._quoted() if self._scanner.char == '"' else self._bare()
        if not text:
            raise self.unexpected("an alarm's name", start)
        self._scanner.skip_blanks()
        arn = _ARN.fullmatch(text)
        name = arn[1] if arn else text
        self._count(start)
        self.children[name] = None
        if len(self.children) > MAX_CHILDREN:
            raise self.refused(f"more than {MAX_CHILDREN} different alarms", start)
        return name

    def _quoted(self) -> str:
        scanner = self._scanner
        start = scanner.position
        scanner.accept('"')
        text = ""
        while True:
            text += scanner.take_while(lambda char: char not in '"\\')
            if scanner.accept('\\"'):
                text += '"'
            elif scanner.accept("\\"):
                text += "\\"
            elif scanner.accept('"'):
                return text
            else:
                raise self.refused("the quote is never closed", start)

    def _bare(self) -> str:
        return self._scanner.take_while(lambda char: char not in _OUTSIDE_NAMES)

    def _state(self, expected: str) -> AlarmState:
        for state in AlarmState:
            if self._keyword(state):
                return state
        raise self.unexpected(expected)

    def _keyword(self, word: str) -> bool:
        """Step over ``word`` if it comes next, whole and in upper case."""
        scanner = self._scanner
        start = scanner.position
        if scanner.take_while(_is_word) != word:
            scanner.position = start
            return False
        scanner.skip_blanks()
        return True

    def _symbol(self, symbol: str) -> bool:
        accepted = self._scanner.accept(symbol)
        if accepted:
            self._scanner.skip_blanks()
        return accepted

    def _expect(self, symbol: str) -> None:
        if not self._symbol(symbol):
            raise self.unexpected(f"'{symbol}'")

    def _count(self, position: int) -> None:
        """Count one element; it stands at ``position``."""
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise self.refused(f"more than {MAX_ELEMENTS} elements", position)

    def unexpected(self, expected: str, position: int | None = None) -> PatternError:
        scanner = self._scanner
        where = scanner.position if position is None else position
        scanner.position = where
        word = scanner.take_while(_is_word) or scanner.char
        found = repr(word) if word else "the end of the rule"
        is_keyword = word != word.upper() and word.upper() in _KEYWORDS
        hint = "; keywords are upper case" if is_keyword else ""
        return PatternError(
            f"expected {expected}, found {found}{hint}",
            pattern=scanner.text,
            position=where,
            expected=expected,
            found=found,
        )

    def refused(self, message: str, position: int) -> PatternError:
        return self._scanner.refused(message, position=position)


def _always(value: bool) -> _Test:
    return lambda _: value


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
