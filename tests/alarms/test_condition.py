"""What follows from a definition."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.alarms.condition import Trend
from relay.config.rules import AlarmTime, Comparison, LowSamples, MissingData
from relay.config.statistics import Statistic, parse_statistic
from relay.model import AlarmState
from tests.alarms.alarm_values import NOON, condition

UP = [Comparison.GREATER, Comparison.GREATER_OR_EQUAL]
DOWN = [Comparison.LESS, Comparison.LESS_OR_EQUAL]


@pytest.mark.parametrize("statistic", list(Statistic))
def test_trend(statistic: Statistic) -> None:
    """More data raise sums, counts, maxima, lower minima, do both to averages."""
    trends = [
        {condition(statistic=statistic, comparison=each).trend for each in comparisons}
        for comparisons in (UP, DOWN)
    ]

    match statistic:
        case Statistic.AVERAGE:
            assert trends == [{Trend.EITHER}, {Trend.EITHER}]
        case Statistic.MINIMUM:
            assert trends == [{Trend.AWAY}, {Trend.TOWARDS}]
        case _:
            assert trends == [{Trend.TOWARDS}, {Trend.AWAY}]


@pytest.mark.parametrize("text", ["p99", "PR(10:)"])
def test_a_percentile_may_go_either_way(text: str) -> None:
    """More data may move it to both sides of any threshold."""
    rules = [
        condition(statistic=parse_statistic(text), comparison=each)
        for each in Comparison
    ]

    assert {rule.trend for rule in rules} == {Trend.EITHER}


@pytest.mark.parametrize(
    ("text", "low_samples", "least"),
    [
        ("p90", LowSamples.IGNORE, 100),
        ("p90", LowSamples.EVALUATE, 0),
        ("Average", LowSamples.IGNORE, 0),
    ],
)
def test_too_few_samples_matter_for_percentiles_only(
    text: str, low_samples: LowSamples, least: int
) -> None:
    """And only where they are to be ignored."""
    rule = condition(statistic=parse_statistic(text), low_samples=low_samples)

    assert rule.least_samples == least


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        (Comparison.GREATER_OR_EQUAL, [False, True, True]),
        (Comparison.GREATER, [False, False, True]),
        (Comparison.LESS, [True, False, False]),
        (Comparison.LESS_OR_EQUAL, [True, True, False]),
    ],
)
def test_comparison(comparison: Comparison, breaching: list[bool]) -> None:
    """The value is the left operand, the threshold the right one."""
    rule = condition(comparison=comparison, threshold=5.0)

    assert [rule.breaches(value) for value in (4.0, 5.0, 6.0)] == breaching


@pytest.mark.parametrize(
    ("period_secs", "periods", "expected"),
    [
        (300, 3, (60, 5, 15, 5)),
        (60, 1, (60, 1, 1, 3)),
        (86_400, 1, (60, 1440, 1440, 3)),
        (10, 3, (10, 1, 3, 9)),
        (30, 2, (30, 1, 2, 4)),
    ],
)
def test_geometry(
    period_secs: int, periods: int, expected: tuple[int, int, int, int]
) -> None:
    """Buckets are a minute at most; the range is N + 2 slots, or N + a minute."""
    rule = condition(period_secs=period_secs, evaluation_periods=periods)

    assert expected == (
        rule.bucket_secs,
        rule.slot_buckets,
        rule.window_buckets,
        rule.range_slots,
    )


@given(
    end=st.integers(28_000_000, 29_000_000),
    lateness_secs=st.floats(0, 90_000),
    period_secs=st.sampled_from([10, 20, 30, 60, 300]),
)
@settings(deadline=None)
def test_an_end_is_complete_when_it_is_due(
    end: int, lateness_secs: float, period_secs: int
) -> None:
    """The watermark reaches an end exactly at its deadline, whatever the rounding."""
    rule = condition(lateness_secs=lateness_secs, period_secs=period_secs)
    due = rule.due(end)

    assert rule.watermark(due) == end
    assert rule.watermark(due - 0.002) == end - 1


ONE_DAY = 86_400


@pytest.mark.parametrize(
    ("period_secs", "periods", "asked_at", "newest_end"),
    [
        (60, 1, 59.9, 0.0),
        (300, 12, 119.9, 60.0),
        (10, 3, 29.9, 10.0),
        (20, 3, 39.9, 10.0),
        (30, 3, 89.9, 50.0),
        (3_600, 24, 7_199.0, 7_140.0),
        (3_600, 25, 7_199.0, 3_600.0),
        (5_400, 20, 7_201.0, 7_200.0),
        (ONE_DAY, 1, 7_199.0, 7_140.0),
        (ONE_DAY, 7, 7_199.0, 3_600.0),
    ],
)
def test_arrival_is_judged_when_cloudwatch_would(
    period_secs: int, periods: int, asked_at: float, newest_end: float
) -> None:
    """Each minute; below, each 10 s and a period late; beyond a day, each hour."""
    rule = condition(
        time=AlarmTime.ARRIVAL,
        period_secs=period_secs,
        evaluation_periods=periods,
        lateness_secs=900.0,
    )

    end = rule.watermark(NOON + asked_at)

    assert end * rule.bucket_secs - NOON == newest_end
    assert rule.slot_buckets * rule.bucket_secs == period_secs
    assert rule.watermark(rule.due(end)) == end
    assert rule.watermark(rule.due(end) - 0.002) < end
    assert rule.due(end + 1) > NOON + asked_at


def test_arrival_never_fires_early() -> None:
    """CloudWatch judges what a whole period came to."""
    rule = condition(time=AlarmTime.ARRIVAL)

    assert rule.trend is Trend.TOWARDS
    assert not rule.fires_early
    assert rule.needs_watermark


@pytest.mark.parametrize(
    ("treatment", "state"),
    [
        (MissingData.NOT_BREACHING, AlarmState.OK),
        (MissingData.MISSING, AlarmState.INSUFFICIENT_DATA),
        (MissingData.IGNORE, None),
        (MissingData.BREACHING, None),
    ],
)
def test_resting_state(treatment: MissingData, state: AlarmState | None) -> None:
    """Silence leads to OK or INSUFFICIENT_DATA where it does not depend on the past."""
    assert condition(treat_missing_data=treatment).resting_state is state


def test_the_watermark_is_needed_for_absence() -> None:
    """Only early firing with notBreaching does without complete windows."""
    assert not condition().needs_watermark
    assert condition(treat_missing_data=MissingData.MISSING).needs_watermark
    assert condition(statistic=Statistic.AVERAGE).needs_watermark
