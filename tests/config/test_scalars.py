"""Tests of single options as Python code gives them: bare, or already compiled."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from relay.config.pattern_text import CompiledPattern, CompiledSelector
from relay.config.scalars import Duration, Number, Size, Switch, Whole
from relay.patterns import compile_pattern, parse_selector

DURATION: TypeAdapter[Any] = TypeAdapter(Duration)
SIZE: TypeAdapter[Any] = TypeAdapter(Size)
WHOLE: TypeAdapter[Any] = TypeAdapter(Whole)
SWITCH: TypeAdapter[Any] = TypeAdapter(Switch)
NUMBER: TypeAdapter[Any] = TypeAdapter(Number)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (DURATION, 90, 90.0),
        (DURATION, "90s", 90.0),
        (SIZE, 1024, 1024),
        (SIZE, "1KiB", 1024),
        (WHOLE, 3, 3),
        (WHOLE, "-3", -3),
        (SWITCH, True, True),
        (SWITCH, "false", False),
        (NUMBER, 3, 3.0),
        (NUMBER, 0.5, 0.5),
    ],
)
def test_python_code_may_leave_out_units(
    kind: TypeAdapter[Any], value: object, expected: object
) -> None:
    """Only files must have them: there a bare number is easily misread."""
    assert kind.validate_python(value) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DURATION, -1),
        (DURATION, None),
        (SIZE, 0),
        (SIZE, None),
        (WHOLE, True),
        (WHOLE, 1.0),
        (WHOLE, "1.0"),
        (WHOLE, "9" * 30),
        (SWITCH, 1),
        (SWITCH, "yes"),
        (NUMBER, "1"),
        (NUMBER, True),
    ],
)
def test_other_types_are_refused(kind: TypeAdapter[Any], value: object) -> None:
    """A switch is no number, and a number no switch."""
    with pytest.raises(ValidationError):
        kind.validate_python(value)


def test_what_is_compiled_already_is_taken() -> None:
    """Python code may hand over patterns and selectors."""
    pattern, selector = compile_pattern("{ $.a = b }"), parse_selector("$.a")

    assert TypeAdapter(CompiledPattern).validate_python(pattern) is pattern
    assert TypeAdapter(CompiledSelector).validate_python(selector) is selector
