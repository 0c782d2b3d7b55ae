"""The fingerprint of an alarm's definition: state survives a reload when it is equal.

It covers what the evaluation depends on, and what the filters that feed the alarm
count, with their named lists; not how the alarm is described, routed, limited in groups
or shown with evidence.
"""

import hashlib
import json
from collections.abc import Iterable

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
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return digest[:LENGTH]


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
