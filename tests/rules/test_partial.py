"""Partial evaluation of conditions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.patterns import compile_pattern, parse_selector
from relay.patterns.binding import bind_condition
from relay.patterns.message import parse_message
from relay.patterns.syntax import AnyOf, Condition
from relay.rules.partial import reducer
from tests.rules.generated import NAMES, event_texts, pattern_texts

_KNOWN = tuple(map(parse_selector, ("$.eventName", "$.userIdentity.type", "$.tags[0]")))


def _condition(text: str) -> Condition:
    condition = compile_pattern(text, extensions=True, lists=NAMES).condition
    assert condition is not None
    return condition


@given(pattern=pattern_texts, event_text=event_texts, count=st.integers(0, 3))
def test_what_is_left_holds_exactly_when_the_whole_does(
    pattern: str, event_text: str, count: int
) -> None:
    """For any pattern, event and choice of known fields."""
    event = parse_message(event_text) or {}
    condition = _condition(pattern)
    positions = {selector: place for place, selector in enumerate(_KNOWN[:count])}
    reduce = reducer(condition, positions)

    left = reduce(tuple(selector.resolve(event) for selector in positions))

    if not isinstance(left, bool):
        left = bind_condition(left, lambda selector: selector.resolve)(event)
    assert left is bind_condition(condition, lambda selector: selector.resolve)(event)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("{ $.eventName = A && $.x = 1 }", "B", False),
        ("{ $.x = 1 && $.eventName = A }", "B", False),
        ("{ $.x = 1 && ($.y = 2 || $.eventName = A) }", "A", "{ $.x = 1 }"),
        ("{ $.eventName = A || $.x = 1 }", "A", True),
        ("{ $.eventName = A || $.x = 1 }", "B", "{ $.x = 1 }"),
        ("{ $.eventName = A && $.x = 1 && $.y = 2 }", "A", "{ $.x = 1 && $.y = 2 }"),
        ("{ $.eventName = A }", "A", True),
        ("{ $.x = 1 }", "A", "{ $.x = 1 }"),
    ],
)
def test_decided_parts_are_gone(pattern: str, name: str, expected: bool | str) -> None:
    """Only conditions on unknown fields are left, and none once they cannot matter."""
    left = reducer(_condition(pattern), {_KNOWN[0]: 0})((name,))

    assert left == (expected if isinstance(expected, bool) else _condition(expected))


def test_operands_that_come_to_nothing_leave_the_join_neutral() -> None:
    """An ``||`` of parts that all turn out false is false."""
    pattern = "{ ($.eventName = A && $.x = 1) || ($.eventName = B && $.x = 2) }"
    condition = _condition(pattern)

    assert isinstance(condition, AnyOf)
    assert reducer(condition, {_KNOWN[0]: 0})(("C",)) is False
