"""The types of single options: what an option's text may be, and how it is refused.

Numbers and switches also take their text, since ``${NAME}`` always brings a text.
Durations and sizes need a unit in a file; Python code may give bare seconds and bytes.
"""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    ValidationInfo,
    WithJsonSchema,
)

from relay.config.refusal import Reading, refusal
from relay.config.units import parse_duration, parse_size

DURATION_PATTERN = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))+$"
SIZE_PATTERN = r"^[0-9]+(\.[0-9]+)? *(B|KB|MB|GB|KiB|MiB|GiB)$"

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_SWITCHES = {"true": True, "false": False}


def _is_bare_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _duration(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError as error:
            raise refusal("is no duration; write it as 90s, 5m or 1h30m") from error
    if isinstance(info.context, Reading):
        if _is_bare_number(value):
            raise refusal(f"has no unit; write {value}s, or another of ms s m h d w")
        raise refusal("is no duration; write it as 90s, 5m or 1h30m")
    return value


def _size(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        try:
            return parse_size(value)
        except ValueError as error:
            raise refusal("is no size; write it as 64MiB, 1GiB or 512KiB") from error
    if isinstance(info.context, Reading):
        if _is_bare_number(value):
            raise refusal(f"has no unit; write {value}B, or another of KiB MiB GiB")
        raise refusal("is no size; write it as 64MiB, 1GiB or 512KiB")
    return value


def _whole(value: object) -> object:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    return value


def _switch(value: object) -> object:
    return _SWITCHES.get(value, value) if isinstance(value, str) else value


Duration = Annotated[
    float,
    BeforeValidator(_duration),
    Field(ge=0),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN}),
]
"""Seconds, written with a unit."""
Size = Annotated[
    int,
    BeforeValidator(_size),
    Field(ge=1),
    WithJsonSchema({"type": "string", "pattern": SIZE_PATTERN}),
]
"""Bytes, written with a unit."""
Whole = Annotated[int, Strict(), BeforeValidator(_whole)]
Switch = Annotated[bool, Strict(), BeforeValidator(_switch)]
Number = Annotated[float, Strict()]


def accepted_if(test: Callable[[str], bool], otherwise: str) -> AfterValidator:
    """Return a validator that says ``otherwise`` of a text that fails ``test``."""

    def validate(text: str) -> str:
        if not test(text):
            raise refusal(otherwise)
        return text

    return AfterValidator(validate)


def matching(pattern: str, otherwise: str) -> AfterValidator:
    """Return a validator that says ``otherwise`` of what ``pattern`` does not match."""
    compiled = re.compile(pattern)
    return accepted_if(lambda text: compiled.fullmatch(text) is not None, otherwise)


Text = Annotated[str, accepted_if(bool, "is empty")]
"""Any text but the empty one."""
