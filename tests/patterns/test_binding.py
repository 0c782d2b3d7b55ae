"""Bound conditions, against the reference evaluator and against a spy."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.patterns import (
    MISSING,
    Getter,
    PatternError,
    Selector,
    compile_pattern,
    parse_selector,
)
from tests.patterns.generated import EVENTS, SINGLE, TREES
from tests.patterns.reference import Condition, evaluate


@given(condition=SINGLE, events=st.lists(EVENTS, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_single_conditions_do_what_the_rules_say(
    condition: Condition, events: list[dict[str, Any]]
) -> None:
    """Every kind of condition agrees with the reference, wildcards included."""
    matches = compile_pattern(f"{{ {condition.write()} }}").matches

    for event in events:
        assert matches(json.dumps(event)) is evaluate(condition, event)


@given(condition=TREES, events=st.lists(EVENTS, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_joined_conditions_do_what_the_rules_say(
    condition: Condition, events: list[dict[str, Any]]
) -> None:
    """Joined conditions agree with the reference, however they are bound together."""
    try:
        matches = compile_pattern(f"{{ {condition.write()} }}").matches
    except PatternError as error:
        assert "regular expressions" in error.message or len(error.pattern) > 1024
        return

    for event in events:
        assert matches(json.dumps(event)) is evaluate(condition, event)


class Spy:
    """Binds selectors to plain dictionaries by their text, and counts the reads."""

    def __init__(self) -> None:
        self.bound: list[str] = []
        self.reads = 0

    def getter(self, selector: Selector) -> Getter:
        """Bind one selector."""
        self.bound.append(selector.text)

        def get(event: dict[str, object]) -> object:
            self.reads += 1
            return event.get(selector.text, MISSING)

        return get


def bind(text: str) -> tuple[Spy, Callable[[Any], bool]]:
    """Bind a pattern to a fresh spy."""
    spy = Spy()
    return spy, compile_pattern(text).bind(spy.getter)


def test_another_representation_is_read_through_getters() -> None:
    """A bound pattern sees an event through getters alone, one for each selector."""
    spy, test = bind("{ $.a = x || ($.b > 1 && $.['a'] = y) }")

    assert test({"$.a": "x"})
    assert test({"$.a": "y", "$.b": 2})
    assert not test({"$.a": "y", "$.b": 1})
    assert sorted(spy.bound) == ["$.a", "$.b"]


@pytest.mark.parametrize(
    "text",
    [
        "{ " + " || ".join(f"$.a = x{n}" for n in range(20)) + " }",
        "{ " + " && ".join(f"$.a != x{n}" for n in range(20)) + " }",
        "{ " + " || ".join(f"$.a[*] = x{n}" for n in range(3)) + " }",
    ],
)
def test_many_texts_are_one_look_up(text: str) -> None:
    """A field that is compared with many texts is read once."""
    spy, test = bind(text)

    test({"$.a": "y"})

    assert spy.reads == 1


def test_evaluation_ends_when_the_answer_is_known() -> None:
    """What cannot change the answer is not read."""
    spy, test = bind("{ $.a = x && $.b = 1 && $.c IS TRUE && ($.d = y || $.e = z) }")

    assert not test({"$.a": "y"})
    assert spy.reads == 1


def test_selectors_are_the_ones_that_are_bound() -> None:
    """Exactly the selectors that a pattern names are bound."""
    pattern = compile_pattern("{ $.a = 1 && ($.b[*] IS NULL || $.c NOT EXISTS) }")
    bound: list[Selector] = []

    def getter(selector: Selector) -> Getter:
        bound.append(selector)
        return selector.resolve

    pattern.bind(getter)

    assert set(bound) == pattern.selectors
    assert parse_selector("$.b.*") in pattern.selectors
