"""Where a metric filter's value and dimensions come from, as functions over a match.

A value is a field of the record or a token that the pattern cut out of its text; a
dimension may be one of the record's system fields as well.
"""

from collections.abc import Callable, Mapping
from typing import Final

from relay.config.criteria import SystemField
from relay.config.rules import MetricFilter, TokenName
from relay.patterns import MISSING, Selector
from relay.rules.system import Origin
from relay.trail.projection import Projection

Tokens = Mapping[str, str]
"""What ``Pattern.extract`` returned: texts by ``$name`` and ``$N``."""

Read = Callable[[object, Tokens, Origin], object]
"""From a record's fields, tokens and origin to a value; MISSING when there is none."""

NO_TOKENS: Final[Tokens] = {}


def reader(source: Selector | TokenName, projection: Projection) -> Read:
    """Return the function that reads ``source``."""
    if isinstance(source, TokenName):
        name = source.text
        return lambda _fields, tokens, _origin: tokens.get(name, MISSING)
    get = projection.getter(source)
    return lambda fields, _tokens, _origin: get(fields)


def dimension_readers(
    metric_filter: MetricFilter, projection: Projection, log_group: str
) -> list[tuple[str, Read]]:
    """Return the filter's dimensions, system fields included, each with its reader."""
    return [
        (name, reader(source, projection)) for name, source in metric_filter.dimensions
    ] + [
        (field, _system(field, log_group)) for field in metric_filter.system_dimensions
    ]


def reads_tokens(metric_filter: MetricFilter) -> bool:
    """Tell whether the filter's value or a dimension is a token."""
    sources = (metric_filter.value, *(each for _, each in metric_filter.dimensions))
    return any(isinstance(source, TokenName) for source in sources)


def selectors_of(metric_filter: MetricFilter) -> set[Selector]:
    """Return the selectors of the filter's value and dimensions."""
    sources = (metric_filter.value, *(each for _, each in metric_filter.dimensions))
    return {source for source in sources if isinstance(source, Selector)}


def _system(field: SystemField, log_group: str) -> Read:
    match field:
        case SystemField.ACCOUNT:
            return lambda _fields, _tokens, origin: origin.account
        case SystemField.REGION:
            return lambda _fields, _tokens, origin: origin.region
        case SystemField.SOURCE_LOG:
            return lambda _fields, _tokens, _origin: log_group
