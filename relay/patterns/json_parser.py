"""The grammar of JSON patterns: ``{ ($.eventName = "StopLogging") && ... }``.

    json      := '{' conditions '}'
    condition := selector operator value
               | selector 'IS' ( 'NULL' | 'TRUE' | 'FALSE' )
               | selector 'NOT' 'EXISTS'

How conditions are joined is read by ``relay.patterns.boolean``, selectors by
``relay.patterns.selector``, operators and values by ``relay.patterns.literals``.
Keywords need a blank before them and may be in any case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from relay.patterns.boolean import BooleanParser
from relay.patterns.errors import PatternError
from relay.patterns.limits import Limits
from relay.patterns.literals import scan_operator, scan_value
from relay.patterns.scanner import Scanner, invalid_characters
from relay.patterns.selector import scan_selector
from relay.patterns.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Is,
    Predicate,
)

_AFTER_IS: Final = {
    "NULL": Predicate.NULL,
    "TRUE": Predicate.TRUE,
    "FALSE": Predicate.FALSE,
}


def parse_json_pattern(text: str) -> tuple[Condition, tuple[str, ...]]:
    """Return the condition that ``text`` states, and warnings about how it is written.

    Raises PatternError for a text that does not follow the grammar or exceeds a limit.
    """
    scanner = Scanner(text)
    conditions = BooleanParser(
        scanner, _ConditionParser(scanner).parse, all_of=_all_of, any_of=_any_of
    )
    scanner.accept("{")
    condition = conditions.parse()
    if not scanner.accept("}"):
        raise scanner.unexpected("'&&', '||' or '}'")
    scanner.expect_end("{", "}")
    return condition, conditions.warnings


class _ConditionParser:
    """Reads single conditions, and counts what they hold over the whole pattern."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._limits = Limits(scanner)

    def parse(self) -> Condition:
        scanner = self._scanner
        start = scanner.position
        if scanner.char != "$":
            raise scanner.unexpected("a selector such as '$.name' or '('")
        selector = scan_selector(scanner)
        self._limits.count_selector(selector, start)
        after_selector = scanner.position
        scanner.skip_blanks()
        operator = scan_operator(scanner)
        if operator is None:
            if scanner.position == after_selector:
                raise self._no_operator(after_selector)
            return Is(selector, self._predicate())
        scanner.skip_blanks()
        start = scanner.position
        value = scan_value(scanner, operator)
        self._limits.count_value(value, start)
        return Comparison(selector, operator, value)

    def _predicate(self) -> Predicate:
        first = self._keyword()
        if first.word == "IS":
            second = self._keyword()
            if second.word in _AFTER_IS:
                return _AFTER_IS[second.word]
            raise self._not_a_predicate(second, "NULL, TRUE or FALSE after IS")
        if first.word == "NOT":
            second = self._keyword()
            if second.word == "EXISTS":
                return Predicate.NOT_EXISTS
            raise self._not_a_predicate(second, "EXISTS after NOT")
        raise self._no_operator(first.position)

    def _keyword(self) -> "_Keyword":
        self._scanner.skip_blanks()
        start = self._scanner.position
        return _Keyword(self._scanner.take_while(str.isalnum).upper(), start)

    def _no_operator(self, position: int) -> PatternError:
        return self._scanner.unexpected(
            "=, !=, <, <=, >, >=, IS or NOT EXISTS", position=position
        )

    def _not_a_predicate(self, found: "_Keyword", expected: str) -> PatternError:
        return self._scanner.unexpected(
            expected,
            position=found.position,
            aws_text=invalid_characters("NOT") if found.word == "NOT" else None,
        )


@dataclass(frozen=True, slots=True)
class _Keyword:
    word: str
    position: int


def _all_of(conditions: Sequence[Condition]) -> Condition:
    nested = (c.conditions if isinstance(c, AllOf) else (c,) for c in conditions)
    return AllOf(tuple(chain.from_iterable(nested)))


def _any_of(conditions: Sequence[Condition]) -> Condition:
    nested = (c.conditions if isinstance(c, AnyOf) else (c,) for c in conditions)
    return AnyOf(tuple(chain.from_iterable(nested)))
