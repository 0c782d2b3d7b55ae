"""Definitions and datapoints as the tests of conditions write them."""

from dataclasses import replace

from relay.config.condition_rules import on_matches
from relay.config.conditions import (
    Absent,
    AnyCondition,
    Cardinality,
    NewValue,
    RateChange,
)
from relay.config.rules import AlarmDefinition, MetricName
from relay.model import Datapoint, Group
from relay.patterns import Selector, parse_selector
from tests.alarms.alarm_values import BY_USER, point

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86_400.0
ADDRESS = parse_selector("$.sourceIPAddress")


def definition(
    condition: AnyCondition,
    *,
    period_secs: int = 300,
    lateness_secs: float = 900.0,
    group_by: tuple[Selector, ...] = (),
    max_groups: int = 10_000,
    evidence: int = 5,
) -> AlarmDefinition:
    """Return an alarm with ``condition``, as the configuration makes it."""
    base = AlarmDefinition(
        name="failures",
        metric=MetricName(namespace="relay", name="failures"),
        fingerprint="f1",
        period_secs=period_secs,
        lateness_secs=lateness_secs,
        group_by=group_by,
        max_groups=max_groups,
        evidence=evidence,
    )
    return on_matches(base, condition, "filter")


def absent(
    for_secs: float = HOUR,
    *expected: Group,
    seen_within_secs: float | None = None,
    group_by: tuple[Selector, ...] = (),
) -> AlarmDefinition:
    """Return an alarm that waits for an hour of silence."""
    condition = Absent(
        for_secs=for_secs, expected=expected, seen_within_secs=seen_within_secs
    )
    is_grouped = expected or seen_within_secs is not None
    return definition(condition, group_by=BY_USER if is_grouped else group_by)


def new_value(
    *,
    within_secs: float = 32 * DAY,
    learn_secs: float = 0.0,
    max_values: int = 1000,
    group_by: tuple[Selector, ...] = (),
) -> AlarmDefinition:
    """Return an alarm that waits for an address which was not seen for 32 days."""
    condition = NewValue(
        of=ADDRESS,
        within_secs=within_secs,
        learn_secs=learn_secs,
        max_values=max_values,
    )
    return definition(condition, group_by=group_by)


def cardinality(
    more_than: int = 2,
    *,
    max_values: int = 1000,
    period_secs: int = 300,
    group_by: tuple[Selector, ...] = (),
) -> AlarmDefinition:
    """Return an alarm that waits for more than two addresses within five minutes."""
    condition = Cardinality(of=ADDRESS, more_than=more_than, max_values=max_values)
    return definition(condition, period_secs=period_secs, group_by=group_by)


def rate_change(
    times: float = 3.0,
    at_least: int = 6,
    *,
    against_secs: int = 300,
    period_secs: int = 300,
    group_by: tuple[Selector, ...] = (),
) -> AlarmDefinition:
    """Return an alarm that waits for thrice the matches, and six at least."""
    condition = RateChange(times=times, at_least=at_least, against_secs=against_secs)
    return definition(condition, period_secs=period_secs, group_by=group_by)


def seen(
    time: float,
    term: str | None = None,
    *,
    group: Group = (),
    event_id: str | None = None,
    received_at: float | None = None,
) -> Datapoint:
    """Return the datapoint of a match with the value ``term``."""
    one = point(time, group=group, event_id=event_id, received_at=received_at)
    return replace(one, term=term)
