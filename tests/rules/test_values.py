"""Numbers and texts that a metric takes from fields."""

import math

import pytest
from hypothesis import given

from relay.patterns import MISSING
from relay.rules.values import number_of, text_of
from tests.trail.generated import values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7.0),
        (1.5, 1.5),
        (-0.0, 0.0),
        ("50", 50.0),
        ("11.5", 11.5),
        ("-1e3", -1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("", None),
        ("banana", None),
        (" 5", None),
        ("1_000", None),
        ("nan", None),
        ("Infinity", None),
        ("٣", None),
        ("1e999", None),
        ("1" * 401, None),
        (math.inf, None),
        (10**400, None),
        (True, None),
        (None, None),
        ([1], None),
        ({}, None),
        (MISSING, None),
    ],
)
def test_numbers_and_numeric_strings_are_values(
    value: object, expected: float | None
) -> None:
    """A metric value is a finite JSON number, or a string that writes one."""
    assert number_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("alice", "alice"),
        ("", ""),
        (7, "7"),
        (1.0, "1.0"),
        ("\ud800x", "?x"),
        ("é", "é"),
        (True, None),
        (None, None),
        ([], None),
        (MISSING, None),
    ],
)
def test_strings_and_numbers_have_a_text(value: object, expected: str | None) -> None:
    """Booleans, null, containers and missing fields have no text."""
    assert text_of(value) == expected


@given(value=values)
def test_whatever_comes_can_be_kept(value: object) -> None:
    """Every number is finite and every text can be encoded."""
    assert math.isfinite(number_of(value) or 0.0)
    assert isinstance((text_of(value) or "").encode(), bytes)
