"""Resolves the entries of rule files to one rule set, checked as a whole."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from relay.config.composites import resolve_composites
from relay.config.condition_rules import on_matches
from relay.config.fingerprint import fingerprint
from relay.config.metric_schema import RuleSection, is_never_extracted
from relay.config.pattern_text import pattern_warnings
from relay.config.problems import Problem
from relay.config.rule_files import Entries, Placed
from relay.config.rule_schema import (
    AlarmEntry,
    AlarmOptions,
    FilterEntry,
    ShortAlarm,
)
from relay.config.rules import (
    AlarmDefinition,
    MetricFilter,
    MetricName,
    MissingData,
    RuleSet,
)
from relay.config.statistics import AnyStatistic, Statistic

MAX_FILTERS_PER_GROUP = 100
"""PutMetricFilter's limit. relay has none; but such a rule set fits no log group."""

_MetricKey = tuple[str, str, frozenset[str]]
_COUNTING = (Statistic.SUM, Statistic.SAMPLE_COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A rule set, what is wrong with it, and what may surprise its author."""

    rules: RuleSet
    problems: Sequence[Problem]
    warnings: Sequence[Problem]


def resolve(entries: Entries, *, is_complete: bool = True) -> Resolved:
    """Return the rule set that ``entries`` come to; it is usable without problems.

    Unless the rule files ``is_complete``, what refers to something that is not there
    is no problem: it may be in what could not be read.
    """
    filters = [_filter(placed) for placed in entries.filters]
    is_whole = is_complete and not entries.problems
    resolution = _Alarms(filters, is_complete=is_whole)
    for placed, each in zip(entries.filters, filters, strict=True):
        if placed.entry.alarm is not None:
            alarm = placed.inner("alarm", placed.entry.alarm)
            resolution.add_short(each, alarm)
    for long in entries.alarms:
        resolution.add_long(long)
    on_alarms = resolve_composites(
        entries, [name for _, name in resolution.names], is_complete=is_whole
    )
    problems = [
        *entries.problems,
        *_repeated(
            "metric filter", [(each, each.entry.name) for each in entries.filters]
        ),
        *_repeated("alarm", [*resolution.names, *on_alarms.names]),
        *_repeated(
            "mute rule", [(each, each.entry.name) for each in entries.mute_rules]
        ),
        *resolution.problems,
        *on_alarms.problems,
    ]
    return Resolved(
        rules=RuleSet(
            filters=tuple(filters),
            alarms=tuple(resolution.alarms),
            composites=on_alarms.composites,
            mute_rules=on_alarms.mute_rules,
        ),
        problems=problems,
        warnings=[
            *_filter_warnings(entries.filters),
            *resolution.warnings,
            *on_alarms.warnings,
        ],
    )


def _filter(placed: Placed[FilterEntry]) -> MetricFilter:
    entry, metric = placed.entry, placed.entry.metric
    return MetricFilter(
        name=entry.name,
        pattern=entry.pattern,
        metric=MetricName(namespace=metric.namespace, name=metric.name or entry.name),
        value=metric.value,
        default_value=metric.default_value,
        unit=metric.unit,
        dimensions=tuple(metric.dimensions.items()),
        system_dimensions=entry.emit_system_field_dimensions,
        criteria=entry.field_selection_criteria,
        publish=entry.publish,
        origin=placed.origin,
    )


class _Alarms:
    """The alarms of all rule files, resolved against the filters that feed them."""

    def __init__(self, filters: Sequence[MetricFilter], *, is_complete: bool) -> None:
        self.alarms: list[AlarmDefinition] = []
        self.names: list[tuple[Placed[RuleSection], str]] = []
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._is_complete = is_complete
        self._filters = {each.name: each for each in filters}
        self._metrics = {str(each.metric): each.metric for each in filters}
        self._feeding: dict[_MetricKey, list[MetricFilter]] = {}
        for each in filters:
            for names in _series_of(each):
                key = _metric_key(each.metric, names)
                self._feeding.setdefault(key, []).append(each)

    def add_short(self, each: MetricFilter, alarm: Placed[ShortAlarm]) -> None:
        """Add the alarm that stands in the filter ``each``."""
        name = alarm.entry.name or each.name
        self.names.append((alarm, name))
        self._add_on_filter(alarm, name, each)

    def add_long(self, alarm: Placed[AlarmEntry]) -> None:
        """Add an alarm that names its metric, or the filter whose matches it is on."""
        entry = alarm.entry
        self.names.append((alarm, entry.name))
        if entry.metric is not None:
            self._add_on_metric(alarm, entry.metric)
            return
        each = self._filters.get(entry.filter or "")
        if each is not None:
            self._add_on_filter(alarm, entry.name, each)
        elif self._is_complete:
            near = get_close_matches(entry.filter or "", self._filters, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            text = f"{entry.filter!r} is no metric filter{hint}"
            self.problems.append(alarm.problem(text, at="filter"))

    def _add_on_filter(
        self, alarm: Placed[AlarmOptions], name: str, each: MetricFilter
    ) -> None:
        """Add an alarm on the metric of ``each``, or on its matches by a condition."""
        definition = _definition(alarm, name, each.metric)
        condition = alarm.entry.resolved_condition(
            is_grouped=bool(definition.group_by), period_secs=definition.period_secs
        )
        if condition is None:
            self._add(definition)
            return
        definition = on_matches(definition, condition, each.name)
        self.alarms.append(
            replace(definition, fingerprint=fingerprint(definition, [each]))
        )

    def _add_on_metric(self, alarm: Placed[AlarmEntry], path: str) -> None:
        entry = alarm.entry
        namespace, _, name = path.rpartition("/")
        known = self._metrics.get(path, MetricName(namespace=namespace, name=name))
        metric = replace(known, dimensions=tuple(sorted(entry.dimensions.items())))
        definition = replace(_definition(alarm, entry.name, metric), unit=entry.unit)
        feeding = self._add(definition)
        if not feeding and self._is_complete:
            self._tell_unfed(path, alarm)
        units = {each.unit or "None" for each in feeding}
        if feeding and entry.unit is not None and entry.unit not in units:
            self.warnings.append(
                alarm.problem(
                    f"{entry.unit!r} is no unit of the filters that feed this alarm"
                    f" ({', '.join(sorted(units))}): it will see no datapoint",
                    at="unit",
                )
            )

    def _add(self, definition: AlarmDefinition) -> list[MetricFilter]:
        metric = definition.metric
        names = (name for name, _ in metric.dimensions)
        feeding = self._feeding.get(_metric_key(metric, names), [])
        self.alarms.append(
            replace(definition, fingerprint=fingerprint(definition, feeding))
        )
        return feeding

    def _tell_unfed(self, path: str, alarm: Placed[AlarmEntry]) -> None:
        """Tell of an alarm without datapoints.

        That nobody feeds its metric is only a warning, as CloudWatch takes such an
        alarm: its filter may be yet to come. Wrong dimensions are an error.
        """
        if path in self._metrics:
            found = "no metric filter gives it these dimensions"
            text = f"{path!r}: {found}; an alarm names all of a filter's"
            self.problems.append(alarm.problem(text, at="metric"))
            return
        near = get_close_matches(path, self._metrics, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        text = f"no metric filter feeds {path!r}: it will see no datapoint"
        self.warnings.append(alarm.problem(f"{text}{hint}", at="metric"))


def _series_of(each: MetricFilter) -> Iterator[set[str]]:
    """Yield the names of the dimensions under which ``each`` publishes."""
    names = {name for name, _ in each.dimensions} | set(each.system_dimensions)
    yield names
    if names and each.default_value is not None:
        yield set()  # as a default knows of no dimension


def _metric_key(metric: MetricName, dimensions: Iterable[str]) -> _MetricKey:
    """Return what tells metrics apart: the names of the dimensions are part of it."""
    return metric.namespace, metric.name, frozenset(dimensions)


def _definition(
    placed: Placed[AlarmOptions], name: str, metric: MetricName
) -> AlarmDefinition:
    options = placed.entry
    return AlarmDefinition(
        name=name,
        metric=metric,
        fingerprint="",
        statistic=options.statistic,
        comparison=options.comparison_operator,
        threshold=options.threshold,
        period_secs=int(options.period),
        evaluation_periods=options.evaluation_periods,
        datapoints_to_alarm=options.datapoints_to_alarm,
        treat_missing_data=options.treat_missing_data
        or _missing_data(options.statistic),
        low_samples=options.evaluate_low_sample_count_percentile,
        time=options.time,
        lateness_secs=options.lateness,
        group_by=options.group_by,
        max_groups=options.max_groups,
        evidence=options.evidence,
        actions_enabled=options.actions_enabled,
        notify_on=frozenset(options.notify_on),
        staged=options.staged,
        description=options.description,
        severity=options.resolved_severity,
        runbook_url=options.runbook_url,
        runbook=options.runbook,
        labels=options.resolved_labels(name),
        origin=placed.origin,
    )


def _missing_data(statistic: AnyStatistic) -> MissingData:
    """Return the default: no matches are no trouble; no value is no knowledge."""
    return MissingData.NOT_BREACHING if statistic in _COUNTING else MissingData.MISSING


def _repeated(
    kind: str, named: Iterable[tuple[Placed[RuleSection], str]]
) -> list[Problem]:
    first: dict[str, str] = {}
    problems: list[Problem] = []
    for placed, name in named:
        if name in first:
            at = "name" if "name" in placed.entry.model_fields_set else None
            message = f"{name!r} is the name of another {kind} as well: {first[name]}"
            problems.append(placed.problem(message, at=at))
        first.setdefault(name, placed.origin)
    return problems


def _filter_warnings(filters: Sequence[Placed[FilterEntry]]) -> list[Problem]:
    warnings = [warning for placed in filters for warning in _warnings_of(placed)]
    if len(filters) > MAX_FILTERS_PER_GROUP:
        warnings.append(
            filters[MAX_FILTERS_PER_GROUP].problem(
                f"is one of {len(filters)} metric filters; AWS takes"
                f" {MAX_FILTERS_PER_GROUP} on a log group"
            )
        )
    return warnings


def _warnings_of(placed: Placed[FilterEntry]) -> Iterator[Problem]:
    pattern = placed.entry.pattern
    for text in pattern_warnings(pattern, extensions=placed.entry.extensions):
        yield placed.problem(text, at="pattern")
    metric = placed.entry.metric
    if is_never_extracted(metric.value, pattern):
        yield placed.document.problem(
            (*placed.location, "metric", "value"),
            "is no token of the pattern: no match gives a datapoint of its own",
        )
    for name, source in metric.dimensions.items():
        if is_never_extracted(source, pattern):
            yield placed.document.problem(
                (*placed.location, "metric", "dimensions", name),
                "is no token of the pattern: all datapoints go without dimensions",
            )
