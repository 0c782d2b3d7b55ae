"""What is published to CloudWatch: points of metric series, and what became of them."""

from dataclasses import dataclass
from enum import StrEnum


class PublishOutcome(StrEnum):
    """What became of a datapoint that was to be published; a metric label."""

    PUBLISHED = "published"
    TOO_OLD = "too_old"
    TOO_FAR_AHEAD = "too_far_ahead"
    REJECTED = "rejected"
    OVERFLOW = "overflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSeries:
    """One series of CloudWatch: a metric with the names and values of dimensions.

    ``unit`` is None for CloudWatch's "None". ``dimensions`` are in the filter's order.
    """

    namespace: str
    name: str
    unit: str | None = None
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPoint:
    """One value of one series in one minute; ``minute`` is its start, epoch seconds.

    How often it occurred is counted beside it.
    """

    series: MetricSeries
    minute: int
    value: float
