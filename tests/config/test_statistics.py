"""The statistics that alarms may use."""

import math
from fractions import Fraction

import pytest

from relay.config.statistics import (
    Percentile,
    PercentileRank,
    Statistic,
    parse_statistic,
)


@pytest.mark.parametrize("statistic", list(Statistic))
def test_the_five_by_name(statistic: Statistic) -> None:
    """CloudWatch's own names."""
    assert parse_statistic(statistic.value) is statistic


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("p0", Fraction(0)),
        ("p0.0", Fraction(0)),
        ("p50", Fraction(1, 2)),
        ("p99.9", Fraction(999, 1000)),
        ("p99.0123456789", Fraction(990123456789, 10**12)),
        ("p100", Fraction(1)),
        ("p100.0", Fraction(1)),
    ],
)
def test_percentiles(text: str, share: Fraction) -> None:
    """p0 to p100, up to ten decimals, exactly."""
    found = parse_statistic(text)

    assert found == Percentile(text=text, share=share)
    assert str(found) == text


@pytest.mark.parametrize(
    ("text", "count", "rank"),
    [
        ("p0", 10, 1),
        ("p50", 1, 1),
        ("p50", 10, 5),
        ("p50", 11, 6),
        ("p90", 10, 9),
        ("p99.9", 1000, 999),
        ("p99.9", 1001, 1000),
        ("p100", 10, 10),
    ],
)
def test_rank(text: str, count: int, rank: int) -> None:
    """The nearest rank: as many values as the share, rounded up, do not exceed it."""
    found = parse_statistic(text)

    assert isinstance(found, Percentile)
    assert found.rank(count) == rank


@pytest.mark.parametrize(
    ("text", "samples"),
    [("p90", 100), ("p99.9", 10_000), ("p50", 20), ("p10", 100), ("p99.7", 3334)],
)
def test_least_samples(text: str, samples: int) -> None:
    """AWS's rule: 10/(1-p) from the median up, 10/p below it."""
    found = parse_statistic(text)

    assert isinstance(found, Percentile)
    assert found.least_samples == samples


@pytest.mark.parametrize("text", ["p0", "p100"])
def test_extremes_need_no_samples(text: str) -> None:
    """They are the minimum and the maximum."""
    found = parse_statistic(text)

    assert isinstance(found, Percentile)
    assert found.least_samples == 0


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("PR(100:2000)", 100.0, 2000.0),
        ("PR(:0.5)", -math.inf, 0.5),
        ("PR(-1.5:)", -1.5, math.inf),
    ],
)
def test_percentile_ranks(text: str, lower: float, upper: float) -> None:
    """Either bound may be left out."""
    found = parse_statistic(text)

    assert found == PercentileRank(text=text, lower=lower, upper=upper)
    assert str(found) == text


def test_a_rank_excludes_its_lower_bound() -> None:
    """And includes the upper one."""
    found = parse_statistic("PR(1:2)")

    assert isinstance(found, PercentileRank)
    assert [found.holds(value) for value in (1.0, 1.5, 2.0, 2.5)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("text", ["PR(:)", "PR(2:2)", "PR(3:2)"])
def test_a_rank_of_nothing_is_refused(text: str) -> None:
    """There has to be something between the bounds."""
    with pytest.raises(ValueError, match=r"^holds no value"):
        parse_statistic(text)


@pytest.mark.parametrize(
    "text", ["tm99", "tc90", "ts90", "wm98", "IQM", "TM(10%:90%)", "TC(:5)", "iqm"]
)
def test_trimmed_statistics_are_refused(text: str) -> None:
    """Their exact meaning is not published, so the answer says why."""
    with pytest.raises(ValueError, match=r"^is not available: AWS does not say"):
        parse_statistic(text)


@pytest.mark.parametrize(
    "text",
    ["", "sum", "P99", "p", "p101", "p100.1", "p-1", "p1.12345678901", "PR(a:b)"],
)
def test_nonsense_is_refused(text: str) -> None:
    """Names are exact, percentiles in range."""
    with pytest.raises(ValueError, match=r"^is no statistic; write SampleCount, "):
        parse_statistic(text)
