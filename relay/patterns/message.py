"""Log messages as JSON, read as strictly as CloudWatch Logs reads them.

The whole message must be one object. Of members with the same name the last one counts.
"""

import json
from decimal import Decimal
from typing import Any, Final, NoReturn

import msgspec

_BLANKS: Final = " \t\r\n"
_decode = msgspec.json.Decoder().decode
_LONG_NUMBER: Final = 4000  # digits; Python's int() refuses a few hundred more


def parse_message(message: str) -> dict[str, Any] | None:
    """Return the JSON object that ``message`` consists of; None when it is not one.

    None as well for an object that is nested too deeply to be read (about a thousand
    levels).
    """
    if not message.lstrip(_BLANKS).startswith("{"):
        return None
    try:
        event = _decode(message)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return _parse_leniently(message)
    except RecursionError:
        return None
    return event if isinstance(event, dict) else None


def _parse_leniently(message: str) -> dict[str, Any] | None:
    """Read what msgspec refuses though it is JSON.

    That is: numbers beyond a double (1e309 counts as infinity), very long integers
    (which become a Decimal), and halves of surrogate pairs.
    """
    try:
        event = json.loads(message, parse_int=_parse_int, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _parse_int(digits: str) -> int | Decimal:
    # Making an int takes a time that grows with the square of the length.
    return int(digits) if len(digits) < _LONG_NUMBER else Decimal(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
