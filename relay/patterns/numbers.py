"""Numbers as the pattern language sees them: exact decimals, and texts.

A whole number in an event is exact, whatever its size: an int, or a Decimal when it is
so long that turning it into binary would take its time. Any other is a double, as the
service has it, and counts as the decimal that it prints as: ``0.1`` is one tenth.
"""

import math
import operator
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeGuard

from relay.patterns.syntax import Number, Operator

ValueTest = Callable[[object], bool]
"""Tells whether one JSON value satisfies one comparison."""

_NUMBER_TYPES: Final = frozenset({int, float, Decimal})
# Beyond this Python refuses to turn an int into text (sys.get_int_max_str_digits).
_LONG_INT: Final = 10**4000
NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?"
)
_NUMBER_TEXT: Final = re.compile(r"-?(?:[0-9]|Infinity)")
_Compare = Callable[[Any, Any], bool]
COMPARE: Final[dict[Operator, _Compare]] = {
    Operator.EQUAL: operator.eq,
    Operator.NOT_EQUAL: operator.ne,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
}


def is_number(value: object) -> TypeGuard[int | float | Decimal]:
    """Tell whether ``value`` is a parsed event's number; a boolean is none."""
    return type(value) in _NUMBER_TYPES


def text_of_number(value: int | float | Decimal) -> str:
    """Return a number's text: the digits of a whole number, a double as it prints."""
    if isinstance(value, int):
        return str(Decimal(value)) if abs(value) >= _LONG_INT else str(value)
    if isinstance(value, Decimal):  # a whole one, whose exponent is 0
        return str(value)
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def number_of_text(text: str) -> Decimal | None:
    """Return the exact value of a text that is a number; None when it is none."""
    if NUMBER.fullmatch(text) is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:  # the exponent is beyond all reason
        return None


def may_be_number_text(text: str) -> bool:
    """Tell whether ``text`` could be the text of some number."""
    return _NUMBER_TEXT.match(text) is not None


def number_test(comparison: Operator, number: Number) -> ValueTest:
    """Return the test of one JSON value against a number literal.

    A number in the event is compared by value; a string equals the literal's text or
    does not, and has no order; anything else fails.
    """
    compare = COMPARE[comparison]
    to_int = _int_comparand(number.value)
    nearest = float(number.value)
    # Doubles other than the nearest one lie on the same side of both; so only for the
    # nearest itself is a decimal needed, and that comparison is made here, once.
    at_nearest = math.isfinite(nearest) and compare(
        Decimal(repr(nearest)), number.value
    )
    on_text = compare if not comparison.is_ordering else None
    exact, text = number.value, number.text

    def test(value: object) -> bool:
        if type(value) is int:
            return compare(value, to_int)
        if type(value) is float:
            if value == nearest:
                return at_nearest
            return math.isfinite(value) and compare(value, nearest)
        if type(value) is Decimal:
            return compare(value, exact)
        return on_text is not None and type(value) is str and on_text(value, text)

    return test


def _int_comparand(value: Decimal) -> int | Decimal:
    """Return ``value`` as an int where that is exact and small: it is faster."""
    is_small = value.adjusted() < 30
    return int(value) if is_small and value == value.to_integral_value() else value
