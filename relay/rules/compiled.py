"""All rules of one configuration, compiled: records in, matches out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from relay.config.rules import MetricFilter, RuleSet, TokenName
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
from relay.rules.published import PublishedSeries
from relay.rules.reading import (
    NO_TOKENS,
    Read,
    Tokens,
    reader,
    reads_tokens,
    selectors_of,
)
from relay.rules.system import (
    NOWHERE,
    SYSTEM_FIELDS,
    Origin,
    Selection,
    SystemFieldReader,
)
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
                FilterFeeds(
                    metric_filter,
                    rule_set.alarms,
                    self.projection,
                    log_group=rule_set.log_group,
                ),
                self.projection,
                rule_set.log_group,
            )
            for metric_filter in rule_set.filters
        ]
        self._with_default = [
            (position, one, one.default)
            for position, one in enumerate(self._filters)
            if one.default is not None
        ]
        self._selection = Selection([one.criteria for one in rule_set.filters])
        self._system = SystemFieldReader(self.projection)
        # Origins are looked at only when some filter cares for them.
        self._needs_origin = bool(self._selection) or any(
            one.system_dimensions for one in rule_set.filters
        )
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
        matches: list[Match] = []
        for record, found in self._matcher.find(records):
            matches += self._matches(record, found, source, key)
        return Evaluation(
            matches=tuple(matches),
            defaults=tuple(self._defaults(records, matches, key)),
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
        origin = NOWHERE
        if self._needs_origin:
            origin = self._system.read(record.fields, key)
            excluded = self._selection.excluded(origin)
            found = [position for position in found if position not in excluded]
            if not found:
                return []
        evidence = self._evidence.read(record, source, key)
        return [
            self._filters[position].match(record, evidence, origin)
            for position in found
        ]

    def route(self, record: Record) -> int | None:
        """Return the position of the first log route that matches, None for none."""
        found = self._routes.matching(record)
        return found[0] if found else None

    def _defaults(
        self, records: Sequence[Record], matches: Sequence[Match], key: LogFileKey
    ) -> Iterator[DefaultPoints]:
        """Yield, per filter with a default, what stands for records without a match."""
        if not self._with_default:
            return
        looked_at = self._minutes(records, key)
        matched = Counter((match.filter, _minute(match.time)) for match in matches)
        for position, one, default in self._with_default:
            for minute, count in looked_at(position).items():
                missed = count - matched[one.name, minute]
                if missed:
                    yield DefaultPoints(
                        filter=one.name,
                        time=minute,
                        value=default,
                        count=missed,
                        feeds=one.feeds.of_default(),
                        series=None if one.published is None else one.published.plain,
                    )

    def _minutes(
        self, records: Sequence[Record], key: LogFileKey
    ) -> Callable[[int], Counter[float | None]]:
        """Return the function from a filter to how many records of each minute count.

        All do for a filter without criteria.
        """
        if not self._selection:
            all_minutes = Counter(_minute(record.time) for record in records)
            return lambda _: all_minutes
        read = self._system.read
        origins: dict[Origin, Counter[float | None]] = defaultdict(Counter)
        for record in records:
            origins[read(record.fields, key)][_minute(record.time)] += 1
        return lambda position: sum(
            (
                minutes
                for origin, minutes in origins.items()
                if position not in self._selection.excluded(origin)
            ),
            start=Counter(),
        )


class _CompiledFilter:
    """A metric filter with everything it reads bound to the projection."""

    def __init__(
        self,
        metric_filter: MetricFilter,
        feeds: FilterFeeds,
        projection: Projection,
        log_group: str,
    ) -> None:
        self.name = metric_filter.name
        self.default = metric_filter.default_value
        self.feeds = feeds
        self.published = (
            PublishedSeries(metric_filter, projection, log_group)
            if metric_filter.publish
            else None
        )
        self._extract = (
            metric_filter.pattern.extract if reads_tokens(metric_filter) else None
        )
        value = metric_filter.value
        self._value: float | None = None
        self._read: Read | None = None
        if isinstance(value, Selector | TokenName):
            self._read = reader(value, projection)
        else:
            self._value = float(value)

    def match(self, record: Record, evidence: Evidence, origin: Origin) -> Match:
        """Return the match of ``record``, which the filter's pattern matches."""
        tokens = NO_TOKENS
        if self._extract is not None:
            tokens = self._extract(record.message) or NO_TOKENS
        return Match(
            filter=self.name,
            event_id=record.event_id,
            time=record.time,
            value=self._value_of(record.fields, tokens, origin),
            feeds=self.feeds.of_match(record.fields, tokens, origin),
            evidence=evidence,
            series=(
                self.published.of_match(record.fields, tokens, origin)
                if self.published is not None
                else None
            ),
        )

    def _value_of(self, fields: object, tokens: Tokens, origin: Origin) -> float | None:
        """Return the metric value of a matching record.

        The default stands in for a field that is missing or null, but not for one that
        is no number (as observed of CloudWatch Logs).
        """
        if self._read is None:
            return self._value
        found = self._read(fields, tokens, origin)
        if found is None or found is MISSING:
            return self.default
        return number_of(found)


def _minute(time: float | None) -> float | None:
    return None if time is None else time // _MINUTE_SECS * _MINUTE_SECS


def _selectors(rule_set: RuleSet, log_matches: Sequence[Pattern]) -> set[Selector]:
    """Return every selector that any rule reads."""
    selectors = set(EVIDENCE_FIELDS | SYSTEM_FIELDS)
    for pattern in log_matches:
        selectors |= pattern.selectors
    for metric_filter in rule_set.filters:
        selectors |= metric_filter.pattern.selectors
        selectors |= selectors_of(metric_filter)
    for alarm in rule_set.alarms:
        selectors.update(alarm.selectors)
    return selectors
