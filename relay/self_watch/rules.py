"""The built-in metric filters and alarms, made for one configuration.

Changes are metric filters like any other. Silence and delay are alarms without a
filter: their datapoints are made of the objects that come (relay.self_watch.objects)
and of those that do not (relay.self_watch.lag). So all of them have states, evidence,
reasons, notifications and state over restarts as every alarm has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.config.conditions import Absent
from relay.config.fingerprint import fingerprint
from relay.config.names import SELF_WATCH_PREFIX
from relay.config.rules import (
    AlarmDefinition,
    AlarmTime,
    AnyAlarm,
    Comparison,
    MetricFilter,
    MetricName,
)
from relay.config.schema import Config, Loaded
from relay.config.self_watch_section import SelfWatchRule
from relay.config.statistics import Statistic
from relay.model import AlarmKey, AlarmState
from relay.patterns import Pattern, parse_selector
from relay.self_watch.changes import CHANGES, change_patterns

ORIGIN: Final = "self_watch"
"""The ``origin`` of built-in rules, which stand in no file."""
NAMESPACE: Final = "relay/self-watch"

_FORGET_SILENT_SECS: Final = 30 * 86_400.0
"""An account or region that was closed is an alarm for so long, and then forgotten."""
_PERIOD_SECS: Final = 300
_PERIODS: Final = 3
_PLACE: Final = (
    parse_selector("$.recipientAccountId"),
    parse_selector("$.awsRegion"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfWatchAlarms:
    """The alarms that are fed with what is not in records; None: disabled."""

    silent: AlarmKey | None = None
    cloudtrail_late: AlarmKey | None = None
    relay_late: AlarmKey | None = None


def with_self_watch(loaded: Loaded) -> Loaded:
    """Return ``loaded`` with the enabled built-in rules among its rules."""
    filters, alarms = built_in(loaded.config)
    rules = replace(
        loaded.rules,
        filters=(*loaded.rules.filters, *filters),
        alarms=(*loaded.rules.alarms, *alarms),
    )
    return loaded.model_copy(update={"rules": rules})


def built_in(
    config: Config,
) -> tuple[tuple[MetricFilter, ...], tuple[AlarmDefinition, ...]]:
    """Return the built-in metric filters and alarms that ``config`` asks for."""
    if not config.self_watch.enabled:
        return (), ()
    disabled = config.self_watch.disable
    changes = [
        _change(rule, pattern)
        for rule, pattern in change_patterns(config).items()
        if rule not in disabled
    ]
    conditions = [alarm for rule, alarm in _conditions(config) if rule not in disabled]
    return (
        tuple(metric_filter for metric_filter, _ in changes),
        (*(alarm for _, alarm in changes), *conditions),
    )


def count_built_in(rules: Sequence[MetricFilter | AnyAlarm]) -> int:
    """Return how many of ``rules`` are built in."""
    return sum(rule.origin == ORIGIN for rule in rules)


def count_own(rules: Sequence[MetricFilter | AnyAlarm]) -> int:
    """Return how many of ``rules`` are of rule files."""
    return len(rules) - count_built_in(rules)


def self_watch_alarms(loaded: Loaded) -> SelfWatchAlarms:
    """Return which alarms are to be fed, of what ``with_self_watch`` has returned."""
    keys = {
        alarm.name: alarm.key for alarm in loaded.rules.alarms if alarm.origin == ORIGIN
    }
    return SelfWatchAlarms(
        silent=keys.get(_name(SelfWatchRule.SILENT)),
        cloudtrail_late=keys.get(_name(SelfWatchRule.CLOUDTRAIL_LATE)),
        relay_late=keys.get(_name(SelfWatchRule.RELAY_LATE)),
    )


def _name(rule: SelfWatchRule) -> str:
    return f"{SELF_WATCH_PREFIX}{rule.replace('_', '-')}"


def _change(
    rule: SelfWatchRule, pattern: Pattern
) -> tuple[MetricFilter, AlarmDefinition]:
    metric_filter = MetricFilter(
        name=_name(rule), pattern=pattern, metric=_metric(rule), origin=ORIGIN
    )
    alarm = AlarmDefinition(
        name=_name(rule),
        metric=_metric(rule),
        fingerprint="",
        # That a change is some minutes old is no all-clear.
        notify_on=frozenset({AlarmState.ALARM}),
        description=CHANGES[rule].description,
        severity="critical",
        labels=_labels(rule, "critical"),
        origin=ORIGIN,
    )
    return metric_filter, replace(
        alarm, fingerprint=fingerprint(alarm, [metric_filter])
    )


def _conditions(config: Config) -> Iterator[tuple[SelfWatchRule, AlarmDefinition]]:
    watch = config.self_watch
    silent = AlarmDefinition(
        name=_name(SelfWatchRule.SILENT),
        metric=_metric(SelfWatchRule.SILENT),
        fingerprint="",
        condition=Absent(
            for_secs=watch.silent_after, seen_within_secs=_FORGET_SILENT_SECS
        ),
        group_by=_PLACE,
        evidence=0,
        description=(
            "CloudTrail has delivered nothing of this account and region, of which"
            " something was delivered before."
        ),
        severity="high",
        labels=_labels(SelfWatchRule.SILENT, "high"),
        origin=ORIGIN,
    )
    yield SelfWatchRule.SILENT, _with_fingerprint(silent)
    cloudtrail_late = _late(
        SelfWatchRule.CLOUDTRAIL_LATE,
        watch.cloudtrail_late,
        severity="medium",
        description=(
            "CloudTrail is late: even the newest record of each object was that old,"
            " in seconds, when CloudTrail stored it. relay itself may be in time."
        ),
    )
    # A single late object is the ordinary case: all of them must be.
    yield (
        SelfWatchRule.CLOUDTRAIL_LATE,
        _with_fingerprint(
            replace(
                cloudtrail_late,
                statistic=Statistic.MINIMUM,
                time=AlarmTime.ARRIVAL,
            )
        ),
    )
    relay_late = _late(
        SelfWatchRule.RELAY_LATE,
        watch.relay_late,
        severity="high",
        description=(
            "relay is late: what was announced so many seconds ago has not been"
            " evaluated yet. CloudTrail itself may be in time."
        ),
    )
    # Maximum fires at once. All else is judged only as far as the source has caught
    # up, which is the very thing that it has not.
    yield SelfWatchRule.RELAY_LATE, _with_fingerprint(relay_late)


def _late(
    rule: SelfWatchRule, threshold: float, *, severity: str, description: str
) -> AlarmDefinition:
    """Return an alarm on a delay that lasts for three periods."""
    return AlarmDefinition(
        name=_name(rule),
        metric=_metric(rule),
        fingerprint="",
        statistic=Statistic.MAXIMUM,
        comparison=Comparison.GREATER,
        threshold=threshold,
        period_secs=_PERIOD_SECS,
        evaluation_periods=_PERIODS,
        evidence=0,
        description=description,
        severity=severity,
        labels=_labels(rule, severity),
        origin=ORIGIN,
    )


def _with_fingerprint(alarm: AlarmDefinition) -> AlarmDefinition:
    return replace(alarm, fingerprint=fingerprint(alarm, ()))


def _metric(rule: SelfWatchRule) -> MetricName:
    return MetricName(namespace=NAMESPACE, name=_name(rule))


def _labels(rule: SelfWatchRule, severity: str) -> tuple[tuple[str, str], ...]:
    return (("alarm", _name(rule)), ("severity", severity), ("origin", "self"))
