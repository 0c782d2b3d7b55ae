"""Partial evaluation of conditions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.patterns import MISSING, compile_pattern, parse_selector
from relay.patterns.binding import bind_condition
from relay.patterns.message import parse_message
from relay.patterns.syntax import AnyOf, Condition
from relay.rules.partial import excludes, reducer, required_texts
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


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("{ $.a = 1 && $.b = 2 }", MISSING, True),
        ("{ $.a = 1 || $.b = 2 }", MISSING, False),
        ("{ $.a != X && $.b = 2 }", MISSING, True),
        ("{ $.a NOT EXISTS && $.b = 2 }", MISSING, False),
        ("{ $.a != X && $.b = 2 }", "other", False),
        ("{ $.a = X* && $.b = 2 }", "other", True),
        ("{ $.b = 2 }", MISSING, False),
    ],
)
def test_a_value_may_exclude_a_match(
    pattern: str, value: object, expected: bool
) -> None:
    """Whatever the other fields are."""
    found = excludes(_condition(pattern), parse_selector("$.a"), value)

    assert found is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{ $.a = X }", {"X"}),
        ("{ ($.a = X || $.a = Y) && $.b != 1 }", {"X", "Y"}),
        ("{ ($.a = X && $.b = 1) || ($.a = Y && $.b = 2) }", {"X", "Y"}),
        ("{ $.a = X && $.a != Y }", {"X", "Y"}),
        ("{ $.a != X }", None),
        ("{ $.a = X || $.b = 1 }", None),
        ("{ $.a = X* }", None),
        ("{ $.a = X && $.a = %Y% }", None),
        ('{ $.a = "1" }', None),
        ("{ $.a = 1 }", None),
        ("{ $.a IS NULL }", None),
        ("{ $.a NOT EXISTS }", None),
        ("{ $.b = 1 }", None),
    ],
)
def test_required_texts_are_those_that_can_match(
    pattern: str, expected: set[str] | None
) -> None:
    """A pattern that other texts, null or nothing may satisfy requires none."""
    found = required_texts(_condition(pattern), parse_selector("$.a"))

    assert found == expected


@given(pattern=pattern_texts, event_text=event_texts)
def test_what_matches_has_a_required_text(pattern: str, event_text: str) -> None:
    """For any pattern and event, as long as what stands there is text or nothing."""
    event = parse_message(event_text) or {}
    condition = _condition(pattern)
    holds = bind_condition(condition, lambda selector: selector.resolve)(event)

    for selector in _KNOWN:
        texts = required_texts(condition, selector)
        value = selector.resolve(event)
        is_plain = isinstance(value, str) or value is None or value is MISSING
        assert not holds or texts is None or not is_plain or value in texts
