"""Finding a breaching window around new datapoints."""

from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.alarms.breach import find_breach
from relay.alarms.condition import Condition, Trend
from relay.alarms.windows import Windows
from relay.config.rules import Comparison, LowSamples
from relay.config.statistics import Statistic, parse_statistic
from tests.alarms.alarm_values import condition, point

MINUTE = 60.0
UP = Comparison.GREATER_OR_EQUAL

values = st.one_of(
    st.integers(0, 4).map(float), st.sampled_from([0.1, 0.25, 0.7, 1 / 3])
)
minutes = st.one_of(st.integers(0, 25), st.integers(0, 400))
batches = st.lists(
    st.lists(st.tuples(minutes, values), min_size=1, max_size=8),
    min_size=1,
    max_size=3,
)
statistics = st.sampled_from(
    [
        *Statistic,
        *map(parse_statistic, ("p0", "p30", "p50", "p99.9", "p100")),
        *map(parse_statistic, ("PR(1:)", "PR(:0.5)", "PR(0:2)")),
    ]
)
conditions = st.builds(
    lambda statistic, low, comparison, threshold, width, periods, needed: condition(
        statistic=statistic,
        low_samples=low,
        comparison=comparison,
        threshold=threshold,
        period_secs=width * 60,
        evaluation_periods=periods,
        datapoints_to_alarm=min(needed, periods),
    ),
    statistics,
    st.sampled_from(LowSamples),
    st.sampled_from(Comparison),
    st.sampled_from([0.0, 0.3, 1.0, 2.0, 3.0, 5.0]),
    st.integers(1, 6),
    st.integers(1, 4),
    st.integers(1, 4),
).filter(lambda each: each.trend is not Trend.AWAY)


def slot_breaches(
    points: Iterable[tuple[int, float]], end: int, rule: Condition
) -> bool:
    """Judge one slot from the datapoints themselves."""
    windows = Windows(rule)
    inside = [
        point(minute * MINUTE, value)
        for minute, value in points
        if end - rule.slot_buckets <= minute < end
    ]
    if not inside:
        return False
    windows.add(inside, now=0.0)
    [slot] = windows.slots(end, 1)
    if slot.count < rule.least_samples:
        return False
    return rule.breaches(slot.value(rule.definition.statistic))


def breaching_ends(
    points: list[tuple[int, float]], changed: set[int], rule: Condition
) -> dict[int, int]:
    """Return the breaching slots of each breaching window, trying every end."""
    found: dict[int, int] = {}
    for end in range(min(changed) + 1, max(changed) + rule.window_buckets + 1):
        ends = [end - each * rule.slot_buckets for each in range(rule.periods)]
        hot = [each for each in ends if slot_breaches(points, each, rule)]
        is_new = any(
            each - rule.slot_buckets <= minute < each
            for each in hot
            for minute in changed
        )
        if len(hot) >= rule.needed and is_new:
            found[end] = len(hot)
    return found


@given(rule=conditions, batches=batches)
@example(
    rule=condition(
        statistic=Statistic.MINIMUM, comparison=Comparison.LESS, period_secs=120
    ),
    batches=[[(0, 0.0)], [(1, 1.0)]],
)
@settings(max_examples=200, deadline=None)
def test_finds_what_trying_every_window_finds(
    rule: Condition, batches: list[list[tuple[int, float]]]
) -> None:
    """There is a breach exactly when brute force knows one, and it is one of those."""
    windows = Windows(rule)
    points: list[tuple[int, float]] = []
    for batch in batches:
        points += batch
        changed = windows.add([point(m * MINUTE, v) for m, v in batch], now=0.0)

        found = find_breach(windows.buckets, changed, rule)

        expected = breaching_ends(points, {minute for minute, _ in batch}, rule)
        assert (found is not None) == bool(expected)
        assert found is None or found in expected
        assert windows.can_breach() or not expected


@given(rule=conditions, batches=batches, limit=st.integers(0, 60))
@settings(deadline=None)
def test_looks_at_no_later_end_than_asked(
    rule: Condition, batches: list[list[tuple[int, float]]], limit: int
) -> None:
    """With ``newest_end`` only windows count that end by then."""
    windows = Windows(rule)
    points = [each for batch in batches for each in batch]
    changed = windows.add([point(m * MINUTE, v) for m, v in points], now=0.0)

    found = find_breach(windows.buckets, changed, rule, newest_end=limit)

    expected = breaching_ends(points, set(changed), rule)
    assert (found is not None) == any(end <= limit for end in expected)
    assert found is None or found <= limit


def test_the_strongest_window_is_named_and_of_equals_the_earliest() -> None:
    """Of all breaching windows the one with the most counts."""
    rule = condition(threshold=2.0, period_secs=300)
    windows = Windows(rule)
    changed = windows.add(
        [point(minute * MINUTE) for minute in (0, 1, 10, 11, 12, 40, 41, 42)], now=0.0
    )

    assert find_breach(windows.buckets, changed, rule) == 13


def test_the_fullest_of_several_periods_is_named() -> None:
    """With M of N, the window with most breaching slots counts."""
    rule = condition(period_secs=60, evaluation_periods=3, datapoints_to_alarm=2)
    windows = Windows(rule)
    changed = windows.add(
        [point(minute * MINUTE) for minute in (0, 1, 20, 21, 22, 30, 32)], now=0.0
    )

    assert find_breach(windows.buckets, changed, rule) == 23


def test_a_window_that_breached_before_is_no_news() -> None:
    """A datapoint in a slot that does not breach reports no breach of other slots."""
    rule = condition(
        threshold=3.0, period_secs=60, evaluation_periods=5, datapoints_to_alarm=1
    )
    windows = Windows(rule)
    windows.add([point(0.0, 3.0)], now=0.0)

    changed = windows.add([point(2 * MINUTE, 1.0)], now=0.0)

    assert find_breach(windows.buckets, changed, rule) is None


def test_news_beside_a_window_that_breached_before() -> None:
    """A breaching slot is news only in a window that holds it."""
    rule = condition(period_secs=60, evaluation_periods=2, datapoints_to_alarm=2)
    windows = Windows(rule)
    windows.add([point(2 * MINUTE), point(3 * MINUTE)], now=0.0)

    changed = windows.add([point(0.0), point(20 * MINUTE)], now=0.0)

    assert find_breach(windows.buckets, changed, rule) is None


@pytest.mark.parametrize(
    ("threshold", "expected"), [(1.0, 10), (1.1, None)], ids=["reached", "not reached"]
)
def test_sums_do_not_drift(threshold: float, expected: int | None) -> None:
    """Ten times 0.1 is 1.0, also after many other fractions have come and gone."""
    rule = condition(threshold=threshold, comparison=UP, period_secs=600)
    windows = Windows(rule)
    noise = [point((20 + minute) * MINUTE, 1e-17 + 0.01) for minute in range(50)]

    changed = windows.add(
        [*noise, *(point(minute * MINUTE, 0.1) for minute in range(10))], now=0.0
    )

    assert find_breach(windows.buckets, changed, rule) == expected
