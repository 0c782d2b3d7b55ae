"""The values that an explanation shows, for people and for programs."""

import json
from decimal import Decimal
from typing import Final, cast

import msgspec

from relay.match.text import visible
from relay.patterns import MISSING, Missing
from relay.patterns.numbers import text_of_number

_MAX_CHARS: Final = 100  # of one value
_MAX_VALUES: Final = 5  # of those that a wildcard selects


def shown_values(seen: tuple[object, ...] | Missing) -> str:
    """Return what people are shown of the values that a condition saw."""
    if seen is MISSING:
        return "nothing"
    if not seen:
        return "no element"
    shown = ", ".join(_shown(value) for value in seen[:_MAX_VALUES])
    more = len(seen) - _MAX_VALUES
    return f"{shown} and {more} more" if more > 0 else shown


def json_values(seen: tuple[object, ...] | Missing) -> list[object]:
    """Return the values, ready to be encoded as JSON; none when they are missing.

    Numbers that JSON cannot hold, or nobody would read, are texts.
    """
    return [] if seen is MISSING else [_json(value) for value in seen]


def _shown(value: object) -> str:
    match value:
        case str():
            # Quotes and backslashes escaped, and of all others only what does not show.
            return _cut(
                visible(json.dumps(value[:_MAX_CHARS], ensure_ascii=False)), value
            )
        case bool() | None:
            return json.dumps(value)
        case int() | float() | Decimal():
            text = text_of_number(value)
            return _cut(text[:_MAX_CHARS], text)
        case dict():
            return f"an object of {len(value)} members"
        case _:
            return f"an array of {len(cast(list[object], value))} elements"


def _cut(shown: str, whole: str) -> str:
    more = len(whole) - _MAX_CHARS
    return f"{shown} and {more} characters more" if more > 0 else shown


def _json(value: object) -> object:
    try:
        # ASCII, so that half a surrogate pair is an escape as well.
        return msgspec.Raw(json.dumps(value, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError):
        # A Decimal, an infinity, an int of thousands of digits, or one of them inside.
        return _shown(value)
