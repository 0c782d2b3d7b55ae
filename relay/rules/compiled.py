"""All rules of one configuration, compiled: records in, matches out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from relay.config.rules import MetricFilter, RuleSet
from relay.model import (
    DefaultPoints,
    Evaluation,
    Evidence,
    LogFileKey,
    LogObject,
    Match,
    Record,
)
from relay.patterns import MISSING, Pattern, Selector
from relay.rules.evidence import EVIDENCE_FIELDS, EvidenceReader
from relay.rules.feeds import FilterFeeds
from relay.rules.matching import Matcher
from relay.rules.values import number_of
from relay.trail.projection import Projection

_MINUTE_SECS: Final = 60


class CompiledRules:
    """Metric filters, the alarms they feed, and log routes, over one projection.

    Does not change once built (its caches apart), and may be used by several threads. A
    reload builds another one; what one's projection decoded is for that one only.
    """

    def __init__(self, rule_set: RuleSet, log_matches: Sequence[Pattern] = ()) -> None:
        """Compile the rules, and the patterns of the log routes in their order."""
        self.projection = Projection(_selectors(rule_set, log_matches))
        self._filters = [
            _CompiledFilter(
                metric_filter,
                FilterFeeds(metric_filter, rule_set.alarms, self.projection),
                self.projection,
            )
            for metric_filter in rule_set.filters
        ]
        self._with_default = [
            (one, one.default) for one in self._filters if one.default is not None
        ]
        self._matcher = Matcher(
            [metric_filter.pattern for metric_filter in rule_set.filters],
            self.projection,
        )
        self._routes = Matcher(log_matches, self.projection)
        self._evidence = EvidenceReader(self.projection)
        self._no_fields = self.projection.type()

    def evaluate(
        self, records: Sequence[Record], source: LogObject, key: LogFileKey
    ) -> Evaluation:
        """Return what all metric filters find in the records of one object."""
        matching = self._matcher.matching
        matches: list[Match] = []
        for record in records:
            found = matching(record.fields, record.message)
            if found:
                matches += self._matches(record, found, source, key)
        return Evaluation(
            matches=tuple(matches), defaults=tuple(self._defaults(records, matches))
        )

    def _matches(
        self,
        record: Record,
        found: Sequence[int],
        source: LogObject,
        key: LogFileKey,
    ) -> list[Match]:
        """Return the matches of one record with the filters at ``found``."""
        if record.fields is None:
            # As text it matches; of fields it has none.
            record = msgspec.structs.replace(record, fields=self._no_fields)
        evidence = self._evidence.read(record, source, key)
        return [self._filters[position].match(record, evidence) for position in found]

    def route(self, record: Record) -> int | None:
        """Return the position of the first log route that matches, None for none."""
        found = self._routes.matching(record.fields, record.message)
        return found[0] if found else None

    def _defaults(
        self, records: Sequence[Record], matches: Sequence[Match]
    ) -> Iterator[DefaultPoints]:
        """Yield, per filter with a default, what stands for records without a match."""
        if not self._with_default:
            return
        all_minutes = Counter(_minute(record.time) for record in records)
        matched = Counter((match.filter, _minute(match.time)) for match in matches)
        for one, default in self._with_default:
            for minute, count in all_minutes.items():
                missed = count - matched[one.name, minute]
                if missed:
                    yield DefaultPoints(
                        filter=one.name,
                        time=minute,
                        value=default,
                        count=missed,
                        feeds=one.feeds.of_default(),
                    )


class _CompiledFilter:
    """A metric filter with everything it reads bound to the projection."""

    def __init__(
        self, metric_filter: MetricFilter, feeds: FilterFeeds, projection: Projection
    ) -> None:
        self.name = metric_filter.name
        self.default = metric_filter.default_value
        self.feeds = feeds
        value = metric_filter.value
        self._value = None if isinstance(value, Selector) else float(value)
        self._get_value = (
            projection.getter(value) if isinstance(value, Selector) else None
        )

    def match(self, record: Record, evidence: Evidence) -> Match:
        """Return the match of ``record``, which the filter's pattern matches."""
        return Match(
            filter=self.name,
            event_id=record.event_id,
            time=record.time,
            value=self._value_of(record.fields),
            feeds=self.feeds.of_match(record.fields),
            evidence=evidence,
        )

    def _value_of(self, fields: object) -> float | None:
        """Return the metric value of a matching record.

        The default stands in for a field that is missing or null, but not for one that
        is no number (as observed of CloudWatch Logs).
        """
        if self._get_value is None:
            return self._value
        found = self._get_value(fields)
        if found is None or found is MISSING:
            return self.default
        return number_of(found)


def _minute(time: float | None) -> float | None:
    return None if time is None else time // _MINUTE_SECS * _MINUTE_SECS


def _selectors(rule_set: RuleSet, log_matches: Sequence[Pattern]) -> set[Selector]:
    """Return every selector that any rule reads."""
    selectors = set(EVIDENCE_FIELDS)
    for pattern in log_matches:
        selectors |= pattern.selectors
    for metric_filter in rule_set.filters:
        selectors |= metric_filter.pattern.selectors
        selectors.update(selector for _, selector in metric_filter.dimensions)
        if isinstance(metric_filter.value, Selector):
            selectors.add(metric_filter.value)
    for alarm in rule_set.alarms:
        selectors.update(alarm.group_by)
    return selectors
