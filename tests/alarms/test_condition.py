"""What follows from a definition."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.alarms.condition import Trend
from relay.config.rules import AlarmTime, Comparison, MissingData, Statistic
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


def test_arrival_time_knows_no_lateness() -> None:
    """With ``time: arrival`` the watermark is the clock."""
    rule = condition(time=AlarmTime.ARRIVAL, lateness_secs=900.0)

    assert rule.lateness_secs == 0.0
    assert rule.watermark(NOON) == rule.bucket(NOON)


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
