"""The grammar of JSON patterns: ``{ ($.eventName = "StopLogging") && ... }``.

    json      := '{' conditions '}'
    condition := selector operator value
               | selector 'IS' ( 'NULL' | 'TRUE' | 'FALSE' )
               | selector 'NOT' 'EXISTS'
               | selector '~=' value                            these are extensions
               | selector 'EXISTS'
               | selector 'NOT'? 'IN' members

How conditions are joined is read by ``relay.patterns.boolean``, selectors by
``relay.patterns.selector``, operators and values by ``relay.patterns.literals``,
members by ``relay.patterns.member_parser``. Keywords need a blank before them and may
be in any case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from relay.patterns.boolean import BooleanParser
from relay.patterns.errors import PatternError
from relay.patterns.extensions import Extension, Extensions
from relay.patterns.limits import Limits
from relay.patterns.literals import scan_operator, scan_value
from relay.patterns.member_parser import MemberParser
from relay.patterns.regex import Regex
from relay.patterns.scanner import Scanner, invalid_characters
from relay.patterns.selector import Selector, scan_selector
from relay.patterns.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    EqualsIgnoringCase,
    Is,
    Membership,
    Operator,
    Predicate,
    Single,
    Written,
)

_AFTER_IS: Final = {
    "NULL": Predicate.NULL,
    "TRUE": Predicate.TRUE,
    "FALSE": Predicate.FALSE,
}


@dataclass(frozen=True, slots=True)
class JsonPattern:
    """The condition that a text states, and its single conditions in reading order.

    ``warnings`` are about how the text is written.
    """

    condition: Condition
    written: tuple[Written, ...]
    warnings: tuple[str, ...]


def parse_json_pattern(text: str, extensions: Extensions) -> JsonPattern:
    """Return what ``text`` states; it may use ``extensions`` as far as they allow.

    Raises PatternError for a text that does not follow the grammar or exceeds a limit.
    """
    scanner = Scanner(text)
    single = _ConditionParser(scanner, extensions)
    conditions = BooleanParser(scanner, single.parse, all_of=_all_of, any_of=_any_of)
    scanner.accept("{")
    condition = conditions.parse()
    if not scanner.accept("}"):
        raise scanner.unexpected("'&&', '||' or '}'")
    scanner.expect_end("{", "}")
    warnings = conditions.warnings + single.warnings
    return JsonPattern(condition, tuple(single.written), warnings)


class _ConditionParser:
    """Reads single conditions, and counts what they hold over the whole pattern.

    ``written`` are those that it has read.
    """

    def __init__(self, scanner: Scanner, extensions: Extensions) -> None:
        self.written: list[Written] = []
        self._scanner = scanner
        self._extensions = extensions
        self._limits = Limits(scanner, extensions)
        self._members = MemberParser(scanner, self._limits, extensions)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about how members are written."""
        return self._members.warnings

    def parse(self) -> Condition:
        start = self._scanner.position
        condition = self._condition()
        text = self._scanner.text[start : self._scanner.position]
        self.written.append(Written(condition, text, start))
        return condition

    def _condition(self) -> Single:
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
            if scanner.ahead("~=") and self._extensions.use(Extension.IGNORING_CASE):
                return self._equals_ignoring_case(selector)
            if scanner.position == after_selector:
                raise self._no_operator(after_selector)
            return self._keywords(selector)
        scanner.skip_blanks()
        start = scanner.position
        value = scan_value(scanner, operator)
        self._limits.count_value(value, start)
        return Comparison(selector, operator, value)

    def _equals_ignoring_case(self, selector: Selector) -> Single:
        scanner = self._scanner
        scanner.accept("~=")
        scanner.skip_blanks()
        start = scanner.position
        value = scan_value(scanner, Operator.EQUAL)
        if isinstance(value, Regex):
            raise scanner.refused(
                "'~=' compares with text; in a regular expression write [Aa]",
                position=start,
            )
        return EqualsIgnoringCase(selector, value)

    def _keywords(self, selector: Selector) -> Single:
        """Read the rest of a condition that begins with a word."""
        first = self._keyword()
        match first.word:
            case "IS":
                second = self._keyword()
                if second.word in _AFTER_IS:
                    return Is(selector, _AFTER_IS[second.word])
                raise self._not_a_predicate(second, "NULL, TRUE or FALSE after IS")
            case "NOT":
                second = self._keyword()
                if second.word == "EXISTS":
                    return Is(selector, Predicate.NOT_EXISTS)
                if second.word == "IN" and self._extensions.use(Extension.MEMBERSHIP):
                    return Membership(selector, self._members.parse(), is_negated=True)
                raise self._not_a_predicate(second, "EXISTS after NOT")
            case "IN" if self._extensions.use(Extension.MEMBERSHIP):
                return Membership(selector, self._members.parse(), is_negated=False)
            case "EXISTS" if self._extensions.use(Extension.EXISTENCE):
                return Is(selector, Predicate.EXISTS)
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
