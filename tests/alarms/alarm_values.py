"""Definitions, datapoints and slots as the alarm tests write them."""

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict, Unpack

from relay.alarms.condition import Condition
from relay.alarms.windows import Slot
from relay.config.rules import (
    AlarmDefinition,
    AlarmTime,
    Comparison,
    LowSamples,
    MetricName,
    MissingData,
)
from relay.config.statistics import AnyStatistic
from relay.model import AlarmKey, Datapoint, Evidence, Group
from relay.patterns import Selector, parse_selector

NOON = 1_700_000_000.0 - 1_700_000_000.0 % 86_400 + 43_200
"""A noon; every window is aligned to it."""

BY_USER = (parse_selector("$.userIdentity.userName"),)


class Members(TypedDict, total=False):
    """The members of an alarm definition that tests set."""

    fingerprint: str
    statistic: AnyStatistic
    comparison: Comparison
    threshold: float
    period_secs: int
    evaluation_periods: int
    datapoints_to_alarm: int | None
    treat_missing_data: MissingData
    low_samples: LowSamples
    unit: str | None
    time: AlarmTime
    lateness_secs: float
    group_by: tuple[Selector, ...]
    max_groups: int
    evidence: int
    description: str | None


def definition(name: str = "failures", **members: Unpack[Members]) -> AlarmDefinition:
    """Return Sum >= 1 in 5 minutes, 1 of 1, notBreaching, but for ``members``."""
    members.setdefault("fingerprint", "f1")
    metric = MetricName(namespace="relay", name=name)
    return AlarmDefinition(name=name, metric=metric, **members)


def condition(**members: Unpack[Members]) -> Condition:
    """Return the condition of ``definition(**members)``."""
    return Condition.of(definition(**members))


def point(
    time: float,
    value: float = 1.0,
    *,
    group: Group = (),
    alarm: AlarmKey | None = None,
    event_id: str | None = None,
    count: int = 1,
    received_at: float | None = None,
) -> Datapoint:
    """Return one datapoint; with an ``event_id`` it has evidence."""
    return Datapoint(
        alarm=alarm or AlarmKey(name="failures", fingerprint="f1"),
        group=group,
        time=time,
        value=value,
        count=count,
        evidence=None if event_id is None else Evidence(event_id=event_id),
        received_at=received_at,
    )


def slots(
    text: str, values: dict[str, float], *, end: float, period_secs: int
) -> list[Slot]:
    """Return slots from ``text``: a character each, oldest first, "-" is missing."""
    starts = [end - period_secs * (len(text) - at) for at in range(len(text))]
    return [
        Slot(start=start) if sign == "-" else slot(start, [values[sign]])
        for start, sign in zip(starts, text, strict=True)
    ]


def slot(start: float, values: Sequence[float]) -> Slot:
    """Return the slot that holds ``values``."""
    return Slot(
        start=start,
        count=len(values),
        total=sum(values),
        minimum=min(values),
        maximum=max(values),
        values=Counter(values),
    )
