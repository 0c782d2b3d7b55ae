"""What may stand in a metric filter's ``metric``: the metric transformation.

The limits, and the texts that AWS refuses with, are those of PutMetricFilter.
"""

import re
from typing import Annotated, Final

from pydantic import (
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from relay.config.criteria import SystemField
from relay.config.names import MetricPart, Unit
from relay.config.refusal import refusal
from relay.config.rules import TokenName
from relay.config.scalars import Number, matching
from relay.config.section import Section
from relay.patterns import (
    Pattern,
    PatternError,
    PatternKind,
    Selector,
    parse_selector,
)
from relay.patterns.extensions import Extensions
from relay.patterns.space_parser import parse_space_pattern

MAX_DIMENSIONS: Final = 3
"""System fields included."""

_MAX_VALUE_LENGTH: Final = 100
_NUMBER: Final = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
_TOKEN: Final = re.compile(r"\$([0-9]+|[^\W\d]\w*)")
_TOO_MANY: Final = (
    "Number of dimensions exceeds the maximum number of dimensions supported per metric"
    " filter"
)
_NO_DIMENSION: Final = (
    "Invalid metric transformation: dimension value must be valid selector"
)


def _value(value: object) -> float | Selector | TokenName:
    """Read AWS's metricValue: a number, or what holds it; 100 characters."""
    if isinstance(value, Selector | TokenName):
        return value
    expected = 'is neither a number nor a selector, such as "1", $.bytes or $bytes'
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise refusal(expected)
    text = str(value)
    if len(text) > _MAX_VALUE_LENGTH:
        raise refusal(f"is longer than the {_MAX_VALUE_LENGTH} characters of AWS")
    if _NUMBER.fullmatch(text):
        return float(text)
    aws_text = (
        f"Invalid metric transformation: metric value {text} must be a valid number"
    )
    if not text.startswith("$"):
        raise refusal(expected, detail=f"AWS says {aws_text!r}")
    return _source(text, aws_text)


def _dimension(value: object) -> Selector | TokenName:
    if isinstance(value, Selector | TokenName):
        return value
    if not isinstance(value, str):
        raise refusal("is no text; a dimension's value is a $.selector or a $name")
    if not value.startswith("$"):
        raise refusal(f"is neither a $.selector nor a $name (AWS: {_NO_DIMENSION})")
    return _source(value, _NO_DIMENSION)


def _source(text: str, aws_text: str) -> Selector | TokenName:
    """Read a selector or a token's name; ``aws_text`` refuses it."""
    if _TOKEN.fullmatch(text):
        return TokenName(text)
    try:
        selector = parse_selector(text)
    except PatternError as error:
        raise refusal("is no selector", detail=str(error)) from error
    if selector.has_wildcard:
        raise refusal("stands for many values", detail=f"AWS says {aws_text!r}")
    return selector


class RuleSection(Section):
    """A section of a rule file; it may hold compiled patterns and selectors."""

    model_config = ConfigDict(arbitrary_types_allowed=True)


class MetricEntry(RuleSection):
    """The metric transformation: what a match counts as, and for which metric."""

    namespace: MetricPart = "relay"
    name: MetricPart | None = None
    """Without one, the filter's name."""
    value: Annotated[
        float | Selector | TokenName,
        PlainValidator(_value),
        WithJsonSchema({"type": ["string", "number"], "maxLength": _MAX_VALUE_LENGTH}),
    ] = 1.0
    """A number, or what holds it: a field's $.selector, or the $name of a token."""
    unit: Unit | None = None
    default_value: Number | None = None
    """Counted for every event that does not match."""
    dimensions: dict[
        Annotated[
            str,
            matching(r"(?!:)[!-~ ]{1,255}", "is no dimension name: 1 to 255 of ASCII"),
        ],
        Annotated[
            Selector | TokenName,
            PlainValidator(_dimension),
            WithJsonSchema({"type": "string", "pattern": r"^\$"}),
        ],
    ] = Field(default={}, max_length=MAX_DIMENSIONS)
    """Names with the selectors (or $names) of their values; at most 3."""

    @field_validator("dimensions")
    @classmethod
    def _exclude_default_value(
        cls, dimensions: dict[str, Selector | TokenName], info: ValidationInfo
    ) -> dict[str, Selector | TokenName]:
        if dimensions and info.data.get("default_value") is not None:
            raise refusal(
                "cannot be combined with default_value (AWS: Invalid metric"
                " transformation: dimensions and default value are mutually exclusive"
                " properties)"
            )
        return dimensions


def check_sources(metric: MetricEntry, pattern: Pattern) -> None:
    """Refuse values and dimensions that cannot come out of what ``pattern`` reads."""
    if metric.dimensions and pattern.kind in (PatternKind.TERMS, PatternKind.REGEX):
        raise refusal(
            "has dimensions, for which the pattern must be { ... } or [ ... ] (AWS:"
            " The specified filter pattern does not support dimensions)"
        )
    for source in (metric.value, *metric.dimensions.values()):
        if isinstance(source, Selector) and pattern.kind is not PatternKind.JSON:
            raise refusal("selects fields, for which the pattern must be { ... }")
        if isinstance(source, TokenName) and pattern.kind is not PatternKind.SPACE:
            raise refusal(
                f"names a token, {source.text}, for which the pattern must be [ ... ]"
            )


def check_system_fields(fields: tuple[SystemField, ...], metric: MetricEntry) -> None:
    """Refuse system fields that exceed, or stand among, the dimensions."""
    if len({*fields, *metric.dimensions}) > MAX_DIMENSIONS:
        raise refusal(
            f"makes more than {MAX_DIMENSIONS} dimensions with those of the metric"
            f" (AWS: {_TOO_MANY})"
        )
    for each in fields:
        if each in metric.dimensions:
            raise refusal(f"has {each}, which is the name of a dimension as well")


def is_never_extracted(source: object, pattern: Pattern) -> bool:
    """Tell whether ``source`` is a token's name that ``pattern`` gives to no token.

    The pattern is space-delimited if it is.
    """
    if not isinstance(source, TokenName):
        return False
    parsed, _ = parse_space_pattern(pattern.text, Extensions(are_allowed=True))
    name = source.text.removeprefix("$")
    if not name.isdecimal():
        return all(name != each.name for each in (*parsed.before, *parsed.behind))
    position = int(name)
    if position > len(parsed.before):
        return parsed.ellipsis is None
    # A token that has a name is not called by its number.
    return position < 1 or parsed.before[position - 1].name is not None
