"""The closures that patterns become. They run once per event, so that each is minimal.

``get`` is a bound selector. Under a wildcard it returns the list of the selected
values, or MISSING when what stands before the wildcard is not there.
"""

from collections.abc import Callable, Sequence
from typing import Any

from relay.patterns.numbers import ValueTest
from relay.patterns.selector import MISSING, Getter
from relay.patterns.syntax import Predicate

EventTest = Callable[[Any], bool]
"""Tells whether an event satisfies a condition."""


def one_equals(get: Getter, texts: frozenset[str]) -> EventTest:
    """Return the test whether the value is one of ``texts``, none of a number."""
    if len(texts) == 1:
        (text,) = texts

        def test_one(event: object) -> bool:
            # No JSON value but a string equals a str, so that this is the whole test.
            return get(event) == text

        return test_one

    def test(event: object) -> bool:
        value = get(event)
        return type(value) is str and value in texts

    return test


def one(get: Getter, satisfies: ValueTest) -> EventTest:
    """Return the test whether the one value that ``get`` leads to satisfies a test."""

    def test(event: object) -> bool:
        return satisfies(get(event))

    return test


def some(get: Getter, satisfies: ValueTest) -> EventTest:
    """Return the test whether one of the selected values satisfies a test."""

    def test(event: object) -> bool:
        values = get(event)
        return isinstance(values, list) and any(map(satisfies, values))

    return test


def none(get: Getter, satisfies: ValueTest) -> EventTest:
    """Return the test whether no selected value does, where the container exists."""

    def test(event: object) -> bool:
        values = get(event)
        return isinstance(values, list) and not any(map(satisfies, values))

    return test


def one_is(get: Getter, predicate: Predicate) -> EventTest:
    """Return the test of a predicate on the value that ``get`` leads to."""
    if predicate is Predicate.NULL:
        return _is_null(get)
    if predicate is Predicate.EXISTS:
        return lambda event: get(event) is not MISSING
    # Identity, since 1 == True; an enum member, True and False exist only once.
    wanted = {
        Predicate.TRUE: True,
        Predicate.FALSE: False,
        Predicate.NOT_EXISTS: MISSING,
    }[predicate]

    def test(event: object) -> bool:
        return get(event) is wanted

    return test


def some_is(get: Getter, predicate: Predicate) -> EventTest:
    """Return the test of a predicate on some selected value; NOT EXISTS: on none."""
    if predicate is Predicate.NOT_EXISTS:
        return _selects_nothing(get)
    if predicate is Predicate.EXISTS:
        selects_nothing = _selects_nothing(get)
        return lambda event: not selects_nothing(event)
    wanted = {
        Predicate.TRUE: True,
        Predicate.FALSE: False,
        Predicate.NULL: None,
    }[predicate]
    return some(get, lambda value: value is wanted)


def all_of(tests: Sequence[EventTest]) -> EventTest:
    """Return the test that all of ``tests`` pass; the first that fails ends it."""
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda event: first(event) and second(event)
    in_order = tuple(tests)

    def test(event: object) -> bool:
        for passes in in_order:  # noqa: SIM110 - all() would start a generator per event
            if not passes(event):
                return False
        return True

    return test


def any_of(tests: Sequence[EventTest]) -> EventTest:
    """Return the test that one of ``tests`` passes; the first that does ends it."""
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda event: first(event) or second(event)
    in_order = tuple(tests)

    def test(event: object) -> bool:
        for passes in in_order:  # noqa: SIM110 - any() would start a generator per event
            if passes(event):
                return True
        return False

    return test


def _is_null(get: Getter) -> EventTest:
    """Return the test for null; AWS counts an array that directly holds one as well."""

    def test(event: object) -> bool:
        value = get(event)
        return value is None or (isinstance(value, list) and None in value)

    return test


def _selects_nothing(get: Getter) -> EventTest:
    def test(event: object) -> bool:
        values = get(event)
        return values is MISSING or values == []

    return test
