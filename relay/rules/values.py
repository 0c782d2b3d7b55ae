"""What a metric takes from a field: a number as its value, a text as its dimension."""

import math
import re
from typing import Final

from relay.patterns.numbers import is_number, text_of_number

_NUMBER: Final = re.compile(
    r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
)
_MAX_NUMBER_LENGTH: Final = 400  # no double takes more to write down in full


def number_of(value: object) -> float | None:
    """Return the number that a metric filter publishes for a field, None for no number.

    A numeric string counts as its number, as CloudWatch Logs has it; booleans and what
    is beyond a double do not count.
    """
    if isinstance(value, str):
        is_number = len(value) <= _MAX_NUMBER_LENGTH and _NUMBER.fullmatch(value)
        number = float(value) if is_number else math.nan
    elif isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            return None
    else:
        return None
    return number if math.isfinite(number) else None


def text_of(value: object) -> str | None:
    """Return the text that a string or number has as a dimension; None for all others.

    It can be encoded and stored: half a surrogate pair is replaced.
    """
    if isinstance(value, str):
        return storable(value)
    return text_of_number(value) if is_number(value) else None


def storable(text: str) -> str:
    """Return ``text`` with every half of a surrogate pair replaced by ``?``."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
