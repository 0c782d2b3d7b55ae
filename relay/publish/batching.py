"""From points to PutMetricData requests within its limits; pure.

Values go out with their counts (``Values``, ``Counts``), not as StatisticSets: from
those CloudWatch could compute no percentiles. Several data of one metric and minute,
in one request or many, add up there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Final

from relay.model import MetricPoint, MetricSeries, PublishOutcome
from relay.publish.limits import (
    MAX_AGE_SECS,
    MAX_AHEAD_SECS,
    MAX_DATA,
    MAX_DIMENSION_LENGTH,
    MAX_REQUEST_BYTES,
    MAX_VALUE,
    MAX_VALUES,
)

Points = Mapping[MetricPoint, int]
"""Points, each with how often it occurred."""

_DATUM_BYTES: Final = 400
_DIMENSION_BYTES: Final = 120
_VALUE_BYTES: Final = 120
"""What the parts take in the widest of the service's protocols, names aside: a form in
which every value has a key such as MetricData.member.999.Values.member.150."""
_ESCAPED: Final = 3
"""Bytes of one character in a form, at most: ``%3A``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """Values of one series in one minute, at most as many as fit one metric datum."""

    series: MetricSeries
    minute: int
    points: Sequence[tuple[MetricPoint, int]]

    @property
    def size_bytes(self) -> int:
        """At most so many bytes it takes in a request."""
        names = [self.series.name, self.series.unit or ""]
        names += [text for pair in self.series.dimensions for text in pair]
        return (
            _DATUM_BYTES
            + _DIMENSION_BYTES * len(self.series.dimensions)
            + _VALUE_BYTES * len(self.points)
            + _ESCAPED * sum(map(len, names))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One PutMetricData request: data of one namespace."""

    namespace: str
    data: Sequence[Datum]

    def halves(self) -> tuple["Request", "Request"]:
        """Return the request as two."""
        middle = len(self.data) // 2
        return (
            Request(namespace=self.namespace, data=self.data[:middle]),
            Request(namespace=self.namespace, data=self.data[middle:]),
        )

    def points(self) -> Points:
        """Return all that the request holds."""
        return {point: times for datum in self.data for point, times in datum.points}


@dataclass(slots=True, kw_only=True)
class Sifted:
    """Points that CloudWatch takes, and those that it would refuse, by why."""

    good: dict[MetricPoint, int] = field(default_factory=dict)
    refused: dict[PublishOutcome, dict[MetricPoint, int]] = field(default_factory=dict)


def sift(points: Points, *, now: float) -> Sifted:
    """Tell points that CloudWatch takes at ``now`` from those that it would refuse."""
    sifted = Sifted()
    for point, times in points.items():
        why = _why_refused(point, now)
        if why is None:
            sifted.good[point] = times
        else:
            sifted.refused.setdefault(why, {})[point] = times
    return sifted


def requests(points: Points) -> Iterator[Request]:
    """Yield requests that hold all of ``points``, in their order."""
    by_namespace: dict[str, list[tuple[MetricPoint, int]]] = {}
    for point, times in points.items():
        by_namespace.setdefault(point.series.namespace, []).append((point, times))
    for namespace, some in by_namespace.items():
        data: list[Datum] = []
        size_bytes = 0
        for datum in _data(some):
            is_full = size_bytes + datum.size_bytes > MAX_REQUEST_BYTES
            if data and (is_full or len(data) == MAX_DATA):
                yield Request(namespace=namespace, data=data)
                data, size_bytes = [], 0
            data.append(datum)
            size_bytes += datum.size_bytes
        yield Request(namespace=namespace, data=data)


def _data(points: Sequence[tuple[MetricPoint, int]]) -> Iterator[Datum]:
    by_place = groupby(points, key=lambda each: (each[0].minute, each[0].series))
    for (minute, series), some in by_place:
        while few := tuple(islice(some, MAX_VALUES)):
            yield Datum(series=series, minute=minute, points=few)


def _why_refused(point: MetricPoint, now: float) -> PublishOutcome | None:
    if point.minute < now - MAX_AGE_SECS:
        return PublishOutcome.TOO_OLD
    if point.minute > now + MAX_AHEAD_SECS:
        return PublishOutcome.TOO_FAR_AHEAD
    is_value = -MAX_VALUE <= point.value <= MAX_VALUE
    texts = (text for _, text in point.series.dimensions)
    if not is_value or not all(map(_is_dimension, texts)):
        return PublishOutcome.REJECTED
    return None


def _is_dimension(text: str) -> bool:
    """Tell whether it can be a dimension's value: ASCII, printable, not blank."""
    return (
        text.isascii()
        and text.isprintable()
        and not text.isspace()
        and len(text) <= MAX_DIMENSION_LENGTH
    )
