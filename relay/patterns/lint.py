"""What a valid pattern says that its author may not have meant.

Only what the pattern alone shows. That a field compared by ``!=`` may be missing, that
a line has more fields than the pattern names, or that messages are not JSON at all is
for those to see who have events. What depends on how a pattern is written is noticed by
its parser.
"""

from collections.abc import Iterator

from relay.patterns.globs import Glob
from relay.patterns.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Operator,
    Text,
)


def lint_condition(condition: Condition) -> tuple[str, ...]:
    """Return one sentence for each trap that ``condition`` walks into."""
    return tuple(dict.fromkeys(_walk(condition)))


def _walk(condition: Condition) -> Iterator[str]:
    if isinstance(condition, AnyOf):
        yield from _excluded_twice(condition)
    if isinstance(condition, AllOf | AnyOf):
        for operand in condition.conditions:
            yield from _walk(operand)
    elif isinstance(condition, Comparison):
        yield from _compared_with_boolean(condition)
        yield from _glob_depends_on_backtracking(condition)
        yield from _equals_anything(condition)
        yield from _orders_numbers_only(condition)


def _excluded_twice(condition: AnyOf) -> Iterator[str]:
    """Warn of ``$.a != x || $.b != y``: what is one of them is not the other."""
    excluded = [
        operand.selector.text
        for operand in condition.conditions
        if isinstance(operand, Comparison) and operand.operator is Operator.NOT_EQUAL
    ]
    if len(excluded) > 1:
        yield (
            f"'!=' on {' and '.join(dict.fromkeys(excluded))} joined by '||' "
            "matches nearly every event; '&&' may be meant"
        )


def _compared_with_boolean(comparison: Comparison) -> Iterator[str]:
    """Warn of ``= true``, which only the string "true" equals."""
    value, selector = comparison.value, comparison.selector.text
    if isinstance(value, Text) and not value.is_quoted and value.text in _BOOLEANS:
        yield (
            f"'{comparison.operator.value} {value.text}' compares {selector} with a "
            f"text and never looks at a JSON {value.text}; write "
            f"'{selector} IS {value.text.upper()}' for that"
        )


_BOOLEANS = frozenset({"true", "false"})


def _glob_depends_on_backtracking(comparison: Comparison) -> Iterator[str]:
    value = comparison.value
    if isinstance(value, Glob) and value.depends_on_backtracking:
        yield (
            f"AWS may read '{value.text}' more narrowly: there are reports that it "
            "takes the first place where the text after a '*' fits, and no other"
        )


def _equals_anything(comparison: Comparison) -> Iterator[str]:
    """Warn of ``= *``, which is not quite whether a field exists."""
    value, selector = comparison.value, comparison.selector.text
    if isinstance(value, Glob) and not value.text.strip("*"):
        yield (
            f"'{selector} {comparison.operator.value} {value.text}' asks for a string "
            "or a number: true, false, null, objects and arrays fail it"
        )


def _orders_numbers_only(comparison: Comparison) -> Iterator[str]:
    """Warn of ``> 5``: log events often have their numbers in quotes."""
    if comparison.operator.is_ordering:
        yield (
            f"'{comparison.operator.value}' on {comparison.selector.text} fails for a "
            "number that the event has in quotes"
        )
