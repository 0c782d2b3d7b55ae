"""The fingerprint of an alarm's definition: state survives a reload when it is equal.

It covers what the evaluation depends on, and what the filters that feed the alarm
count, with their named lists; not how the alarm is described, routed, limited in groups
or shown with evidence.
"""

import hashlib
import json
from collections.abc import Iterable

from relay.config.composite_rule import CompositeRule
from relay.config.conditions import (
    Absent,
    AnyCondition,
    Cardinality,
    NewValue,
    RateChange,
)
from relay.config.rules import (
    AlarmDefinition,
    AlarmTime,
    LowSamples,
    MetricFilter,
    MetricName,
)

LENGTH = 16
"""Hexadecimal digits; 64 bits are plenty to tell one alarm's versions apart."""


def fingerprint(alarm: AlarmDefinition, feeding: Iterable[MetricFilter]) -> str:
    """Return the fingerprint of ``alarm``, which the filters ``feeding`` feed.

    Neither the filters' order nor their names count, nor the alarm's ``fingerprint``.
    """
    parts: list[object] = [
        _metric(alarm.metric),
        str(alarm.statistic),
        alarm.comparison,
        alarm.threshold,
        alarm.period_secs,
        alarm.evaluation_periods,
        alarm.datapoints_to_alarm or alarm.evaluation_periods,
        alarm.treat_missing_data,
        alarm.unit,
        alarm.time,
        alarm.lateness_secs,
        [selector.text for selector in alarm.group_by],
        sorted(json.dumps(_counted(each)) for each in feeding),
    ]
    # Only then: all others keep the fingerprints that they always had.
    if alarm.low_samples is LowSamples.IGNORE:
        parts.append(alarm.low_samples)
    if alarm.time is AlarmTime.ARRIVAL:
        parts.append("evaluated every minute")
    if alarm.condition is not None:
        parts.append(_condition(alarm.condition))
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return digest[:LENGTH]


def composite_fingerprint(rule: CompositeRule) -> str:
    """Return the fingerprint of a composite alarm: its rule, as it is written.

    Not what the alarms in it are: when they begin anew, it goes on and looks at them.
    """
    digest = hashlib.sha256(json.dumps(["composite", rule.text]).encode()).hexdigest()
    return digest[:LENGTH]


def _condition(condition: AnyCondition) -> list[object]:
    match condition:
        case Absent():
            return [
                "absent",
                condition.for_secs,
                sorted(condition.expected),
                condition.seen_within_secs,
            ]
        case NewValue():
            # Not how many values are remembered: that is a limit, as max_groups is.
            times = [condition.within_secs, condition.learn_secs]
            return ["new_value", condition.of.text, *times]
        case Cardinality():
            return ["cardinality", condition.of.text, condition.more_than]
        case RateChange():
            counts = [condition.times, condition.at_least]
            return ["rate_change", *counts, condition.against_secs]


def _metric(metric: MetricName) -> list[object]:
    return [metric.namespace, metric.name, sorted(metric.dimensions)]


def _counted(each: MetricFilter) -> list[object]:
    value = each.value if isinstance(each.value, int | float) else each.value.text
    dimensions = sorted((name, source.text) for name, source in each.dimensions)
    counted: list[object] = [
        each.pattern.text,
        value,
        each.default_value,
        each.unit,
        dimensions,
    ]
    if each.system_dimensions or each.criteria or each.pattern.lists:
        # Only then: filters without any keep the fingerprints that they always had.
        criteria = each.criteria.text if each.criteria else None
        lists = [[name, sorted(entries)] for name, entries in each.pattern.lists]
        counted += [sorted(each.system_dimensions), criteria, lists]
    return counted
