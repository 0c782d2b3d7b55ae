"""From a metric filter to the alarms that read its metric, and into which group."""

from collections.abc import Sequence
from typing import Final

from relay.config.rules import AlarmDefinition, MetricFilter, MetricName
from relay.model import AlarmKey, Feed, Group
from relay.patterns import Getter
from relay.rules.reading import NO_TOKENS, Tokens, dimension_readers
from relay.rules.system import NOWHERE, Origin
from relay.rules.values import text_of
from relay.trail.projection import Projection

Dimensions = frozenset[tuple[str, str]]

_NO_UNIT: Final = "None"  # what CloudWatch calls the unit of a filter that has none
_MAX_GROUP_LENGTH: Final = 1024
"""Characters of a group's value, as of a CloudWatch dimension's; a group is kept."""


class FilterFeeds:
    """The alarms that one metric filter feeds."""

    def __init__(
        self,
        metric_filter: MetricFilter,
        alarms: Sequence[AlarmDefinition],
        projection: Projection,
        *,
        log_group: str = "",
    ) -> None:
        self._dimensions = dimension_readers(metric_filter, projection, log_group)
        self._readers = [
            _Reader(alarm, projection)
            for alarm in alarms
            if _reads(alarm, metric_filter)
        ]
        self._defaults = tuple(
            Feed(alarm=reader.alarm, group=())
            for reader in self._readers
            if not reader.is_grouped and not reader.dimensions
        )

    def of_match(
        self, fields: object, tokens: Tokens = NO_TOKENS, origin: Origin = NOWHERE
    ) -> tuple[Feed, ...]:
        """Return where a record that matches goes: the alarms, each with its group.

        Dimensions are read from any of the three, groups from the fields. An alarm
        reads the series whose dimensions it names. A record lacking one of the filter's
        dimensions counts in the series without any, as in CloudWatch.
        """
        dimensions = self._dimensions_of(fields, tokens, origin)
        return tuple(
            Feed(alarm=reader.alarm, group=reader.group_of(fields))
            for reader in self._readers
            if reader.dimensions == dimensions
        )

    def of_default(self) -> tuple[Feed, ...]:
        """Return where a record that does not match goes, if the filter has a default.

        To the series without dimensions, as in CloudWatch, and not to groups: both are
        about the records that match.
        """
        return self._defaults

    def _dimensions_of(
        self, fields: object, tokens: Tokens, origin: Origin
    ) -> Dimensions:
        resolved = set()
        for name, read in self._dimensions:
            text = text_of(read(fields, tokens, origin))
            if not text:  # a dimension cannot be empty
                return frozenset()
            resolved.add((name, text))
        return frozenset(resolved)


class _Reader:
    """An alarm as a reader of one filter's metric."""

    def __init__(self, definition: AlarmDefinition, projection: Projection) -> None:
        self.alarm: AlarmKey = definition.key
        self.dimensions: Dimensions = frozenset(definition.metric.dimensions)
        self.is_grouped = bool(definition.group_by)
        self._group_by: list[Getter] = [
            projection.getter(selector) for selector in definition.group_by
        ]

    def group_of(self, fields: object) -> Group:
        """Return the values that the alarm groups by; "" for one that is missing."""
        return tuple([_group_text(get(fields)) for get in self._group_by])


def _reads(alarm: AlarmDefinition, metric_filter: MetricFilter) -> bool:
    """Tell whether ``alarm`` is on the metric; its dimensions are seen per record."""
    return _series(alarm.metric) == _series(metric_filter.metric) and (
        alarm.unit is None or alarm.unit == (metric_filter.unit or _NO_UNIT)
    )


def _series(metric: MetricName) -> tuple[str, str]:
    return metric.namespace, metric.name


def _group_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (text_of(value) or "")[:_MAX_GROUP_LENGTH]
