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
from tests.patterns.reference import Ask, Compare, Condition, Join, Path, evaluate

# Few keys and few values, so that conditions and events often meet.
KEYS = st.sampled_from(["a", "b", "c d"])
LEAVES = st.sampled_from(
    [None, True, False, 0, 1, 1.0, 1.5, -1, 12, 10**20, "", "1", "1.0", "x", "xy", "12"]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)
EVENTS = st.dictionaries(KEYS, VALUES, max_size=3)


@st.composite
def paths(draw: st.DrawFn, *, may_have_wildcard: bool = True) -> Path:
    """Draw a path of one to three steps with at most one wildcard."""
    steps: list[tuple[str, object]] = [("name", draw(KEYS))]
    steps += draw(
        st.lists(
            st.one_of(
                st.tuples(st.just("name"), KEYS),
                st.tuples(st.just("index"), st.integers(0, 2)),
            ),
            max_size=2,
        )
    )
    if may_have_wildcard and draw(st.booleans()):
        steps[draw(st.integers(0, len(steps) - 1))] = ("wildcard", "*")
    return Path(tuple(steps))


def conditions_over(path: st.SearchStrategy[Path]) -> st.SearchStrategy[Condition]:
    """Return single conditions of every shape on paths that ``path`` draws."""
    equality = st.sampled_from(["=", "!="])
    order = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    texts = st.sampled_from(["1", "1.0", "x", "xy", "z", "-1"])
    numbers = st.sampled_from(["1", "1.0", "+1", "15e-1", "-1", "1e20", ".5"])
    globs = st.sampled_from(["*", "x*", "*y", "1*", "*1*", "1*2", "*.*"])
    regexes = st.sampled_from(["^x", "y$", "[0-9]", "1.", "^$"])
    return st.one_of(
        st.builds(Compare, path, equality, st.just("text"), texts),
        st.builds(Compare, path, order, st.just("number"), numbers),
        st.builds(Compare, path, equality, st.just("glob"), globs),
        st.builds(Compare, path, equality, st.just("regex"), regexes),
        st.builds(
            Ask,
            path,
            st.sampled_from(["IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS"]),
        ),
    )


def joins(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Return conditions joined by one operator."""
    operands = st.lists(inner, min_size=2, max_size=5).map(tuple)
    return st.builds(Join, st.sampled_from(["&&", "||"]), operands)


SINGLE = conditions_over(paths())
TREES = st.recursive(
    conditions_over(paths(may_have_wildcard=False)), joins, max_leaves=8
)


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
