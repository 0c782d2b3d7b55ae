"""From a metric filter to the alarms on its metric or matches, and into which group."""

from collections.abc import Sequence
from typing import Final

from relay.config.conditions import selector_of
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
        self._watchers = [
            _Watcher(alarm, projection)
            for alarm in alarms
            if alarm.condition is not None and alarm.filter == metric_filter.name
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
        feeds = [
            Feed(alarm=reader.alarm, group=reader.group_of(fields))
            for reader in self._readers
            if reader.dimensions == dimensions
        ]
        for watcher in self._watchers:
            feeds += watcher.feeds(fields)
        return tuple(feeds)

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


class _Watcher:
    """An alarm with a condition on one filter's matches, whatever they count as."""

    def __init__(self, definition: AlarmDefinition, projection: Projection) -> None:
        self._reader = _Reader(definition, projection)
        subject = selector_of(definition.condition)
        self._subject = None if subject is None else projection.getter(subject)

    def feeds(self, fields: object) -> tuple[Feed, ...]:
        """Return the way into the alarm; none when the record lacks its field."""
        term = None
        if self._subject is not None:
            term = _group_text(self._subject(fields))
            if not term:
                return ()
        return (
            Feed(
                alarm=self._reader.alarm,
                group=self._reader.group_of(fields),
                counts_matches=True,
                term=term,
            ),
        )


def _reads(alarm: AlarmDefinition, metric_filter: MetricFilter) -> bool:
    """Tell whether ``alarm`` is on the metric; its dimensions are seen per record."""
    return (
        alarm.condition is None
        and _series(alarm.metric) == _series(metric_filter.metric)
        and (alarm.unit is None or alarm.unit == (metric_filter.unit or _NO_UNIT))
    )


def _series(metric: MetricName) -> tuple[str, str]:
    return metric.namespace, metric.name


def _group_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return (text_of(value) or "")[:_MAX_GROUP_LENGTH]
