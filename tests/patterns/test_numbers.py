"""Numbers: exact comparison and texts."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.patterns.numbers import (
    COMPARE,
    number_of_text,
    number_test,
    text_of_number,
)
from relay.patterns.syntax import Number, Operator

decimals = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda f: Decimal(repr(f))),
    st.integers().map(Decimal),
)
numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))


@given(literal=decimals, value=numbers, operator=st.sampled_from(Operator))
@settings(deadline=None)
@example(literal=Decimal("0.1000000000000000055"), value=0.1, operator=Operator.LESS)
@example(literal=Decimal("1e400"), value=1.7e308, operator=Operator.GREATER)
@example(literal=Decimal("1e-400"), value=0.0, operator=Operator.EQUAL)
@example(literal=Decimal("1e2147483647"), value=10**40, operator=Operator.LESS)
@example(literal=Decimal(2**53 + 1), value=float(2**53), operator=Operator.EQUAL)
def test_comparison_is_exact(
    literal: Decimal, value: int | float, operator: Operator
) -> None:
    """A number compares as the decimal that it prints as, without any rounding."""
    test = number_test(operator, Number(str(literal), literal))
    exact = Decimal(value) if isinstance(value, int) else Decimal(repr(value))

    assert test(value) is COMPARE[operator](exact, literal)


@pytest.mark.parametrize("operator", Operator)
@pytest.mark.parametrize("literal", ["1", "-1e9999", "1e4999", "1.5e5000", "1" * 1000])
def test_very_long_numbers_compare(operator: Operator, literal: str) -> None:
    """A number that is too long for an int compares by its exact value as well."""
    test = number_test(operator, Number(literal, Decimal(literal)))
    value = Decimal("1" + "0" * 4999)

    assert test(value) is COMPARE[operator](value, Decimal(literal))


@pytest.mark.parametrize("operator", Operator)
def test_infinity_fails_every_comparison(operator: Operator) -> None:
    """Beyond the largest double no number compares, ``!=`` included."""
    for literal in (Decimal(1), Decimal("1e400")):
        test = number_test(operator, Number(str(literal), literal))

        assert not test(float("inf"))
        assert not test(float("-inf"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-12, "-12"),
        (1.0, "1.0"),
        (1e-05, "1e-05"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_text_of_number(value: int | float, text: str) -> None:
    """A whole number's text is its digits, another number's what it prints as."""
    assert text_of_number(value) == text


def test_text_of_very_long_number() -> None:
    """Python's own limit on the digits of an int is no limit here."""
    assert text_of_number(Decimal("9" * 100_000)) == "9" * 100_000
    assert text_of_number(Decimal("-" + "9" * 5000)) == "-" + "9" * 5000
    assert text_of_number(10**6000) == "1" + "0" * 6000
    assert text_of_number(-(10**6000)) == "-1" + "0" * 6000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", Decimal(1)),
        ("+1.50e1", Decimal(15)),
        (".5", Decimal("0.5")),
        ("5.", Decimal(5)),
        ("1e99999999999999999999", None),
        ("1x", None),
        ("٣", None),
        ("NaN", None),
        ("", None),
    ],
)
def test_number_of_text(text: str, value: Decimal | None) -> None:
    """A token counts as a number when it is written like one."""
    assert number_of_text(text) == value
