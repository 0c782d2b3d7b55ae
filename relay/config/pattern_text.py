"""Options that hold a pattern, a selector or criteria, compiled where they are read.

Compiling in the option's own type makes a bad pattern one problem among all others, at
its own line. The option ``extensions`` stands in front of the pattern's in its model,
so that it is known by then.
"""

from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import AfterValidator, PlainValidator, ValidationInfo, WithJsonSchema

from relay.config.criteria import MAX_LENGTH, Criteria, parse_criteria
from relay.config.refusal import Reading, refusal
from relay.patterns import (
    Pattern,
    PatternError,
    Selector,
    compile_pattern,
    parse_selector,
)


def compile_text(
    text: str, *, extensions: bool, lists: Mapping[str, Collection[str]]
) -> Pattern:
    """Compile a filter pattern of a file that has ``lists``; raises PatternError."""
    if extensions:
        return compile_pattern(text, extensions=True, lists=lists)
    return compile_pattern(text)


def pattern_warnings(pattern: Pattern, *, extensions: bool) -> tuple[str, ...]:
    """Return what may surprise the author of a pattern, and who shares it."""
    if not extensions or not pattern.extensions:
        return pattern.warnings
    names = " and ".join(pattern.extensions)
    own = f"uses {names}, which CloudWatch Logs does not know: not portable"
    return (own, *pattern.warnings)


def _pattern(value: object, info: ValidationInfo) -> Pattern:
    if isinstance(value, Pattern):
        return value
    if not isinstance(value, str):
        raise refusal("is no text; a filter pattern stands in quotes")
    lists = info.context.lists if isinstance(info.context, Reading) else {}
    # Absent when the option itself is refused: then its problem is the one to tell.
    extensions = info.data.get("extensions", True)
    try:
        return compile_text(value, extensions=extensions, lists=lists)
    except PatternError as error:
        if not extensions:
            _refuse_extensions(value, lists)
        raise refusal("is no filter pattern", detail=str(error)) from error


def _refuse_extensions(text: str, lists: Mapping[str, Collection[str]]) -> None:
    """Refuse a pattern that ``extensions: true`` would allow; let pass any other."""
    try:
        pattern = compile_text(text, extensions=True, lists=lists)
    except PatternError:
        return
    raise refusal(
        f"uses {' and '.join(pattern.extensions)}, which CloudWatch Logs does not know;"
        " extensions: true would allow it"
    )


def _checked_text(value: str, info: ValidationInfo) -> str:
    _pattern(value, info)
    return value


def _criteria(value: object) -> Criteria | None:
    if isinstance(value, Criteria):
        return value
    if not isinstance(value, str):
        raise refusal("is no text; criteria stand in quotes")
    if not value.strip():  # AWS takes none at all
        return None
    try:
        return parse_criteria(value)
    except PatternError as error:
        raise refusal("is no field selection criteria", detail=str(error)) from error


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
CompiledCriteria = Annotated[
    Criteria | None,
    PlainValidator(_criteria),
    WithJsonSchema({"type": "string", "maxLength": MAX_LENGTH}),
]
CompiledSelector = Annotated[
    Selector,
    PlainValidator(_selector),
    WithJsonSchema({"type": "string", "pattern": r"^\$"}),
]
