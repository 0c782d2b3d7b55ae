"""Options that hold a filter pattern or a selector, compiled where they are read.

Compiling in the option's own type makes a bad pattern one problem among all others, at
its own line.
"""

from typing import Annotated

from pydantic import AfterValidator, PlainValidator, WithJsonSchema

from relay.config.refusal import refusal
from relay.patterns import (
    Pattern,
    PatternError,
    Selector,
    compile_pattern,
    parse_selector,
)


def _pattern(value: object) -> Pattern:
    if isinstance(value, Pattern):
        return value
    if not isinstance(value, str):
        raise refusal("is no text; a filter pattern stands in quotes")
    try:
        return compile_pattern(value)
    except PatternError as error:
        raise refusal("is no filter pattern", detail=str(error)) from error


def _checked_text(value: str) -> str:
    _pattern(value)
    return value


def _selector(value: object) -> Selector:
    if isinstance(value, Selector):
        return value
    if not isinstance(value, str):
        raise refusal("is no text; a selector looks like $.userIdentity.arn")
    try:
        return parse_selector(value)
    except PatternError as error:
        raise refusal("is no selector", detail=str(error)) from error


PatternText = Annotated[str, AfterValidator(_checked_text)]
"""A filter pattern that is kept as its text."""
CompiledPattern = Annotated[
    Pattern, PlainValidator(_pattern), WithJsonSchema({"type": "string"})
]
CompiledSelector = Annotated[
    Selector,
    PlainValidator(_selector),
    WithJsonSchema({"type": "string", "pattern": r"^\$"}),
]
