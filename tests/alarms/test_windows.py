"""Datapoints in buckets, read as slots."""

import math
import random
from copy import copy

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.alarms.windows import Slot, Windows
from relay.config.rules import Comparison
from relay.config.statistics import Statistic, parse_statistic
from tests.alarms.alarm_values import NOON, condition, point, slot

MINUTE = 60.0


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        (Statistic.SUM, 9.0),
        (Statistic.SAMPLE_COUNT, 3.0),
        (Statistic.AVERAGE, 3.0),
        (Statistic.MINIMUM, 1.0),
        (Statistic.MAXIMUM, 6.0),
    ],
)
def test_statistics(statistic: Statistic, value: float) -> None:
    """A slot knows every statistic of its datapoints."""
    assert slot(NOON, [1.0, 2.0, 6.0]).value(statistic) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("p0", 1.0), ("p50", 2.0), ("p90", 6.0), ("PR(1:2)", 40.0), ("PR(7:)", 0.0)],
)
def test_percentiles_of_a_slot(text: str, value: float) -> None:
    """A slot knows its values over all of its buckets, each as often as it came."""
    statistic = parse_statistic(text)
    windows = Windows(condition(statistic=statistic))
    windows.add([point(NOON, 1.0), point(NOON, 2.0, count=2)], now=NOON)
    windows.add([point(NOON + 60, 6.0), point(NOON + 120, 6.0)], now=NOON)
    end = condition().bucket(NOON) + 5

    [found] = windows.slots(end, 1)

    assert found.value(statistic) == value


def test_a_million_values_are_few_numbers() -> None:
    """What one bucket keeps for a percentile is bounded."""
    windows = Windows(condition(statistic=parse_statistic("p99")))
    points = [point(NOON, 1.0 + number / 7) for number in range(10_000)]

    windows.add(points, now=NOON)

    [bucket] = windows.buckets.values()
    assert bucket.values is not None
    assert len(bucket.values) <= 256
    assert sum(bucket.values.values()) == bucket.count == 10_000


def test_a_dense_day_is_small_when_saved() -> None:
    """Whole numbers take a byte or two: 1 440 minutes take 25 KB, not 55."""
    windows = Windows(condition(period_secs=86_400))
    for minute in range(1440):
        at = NOON + minute * MINUTE + 7.123
        windows.add([point(at - 300, count=3), point(at - 300)], now=at)

    saved = msgspec.msgpack.encode(list(windows.buckets.values()))

    assert len(saved) < 25_000


def test_fractions_and_large_numbers_lose_nothing() -> None:
    """Only what is whole, and small enough to be exact, is kept as a whole number."""
    windows = Windows(condition())
    windows.add([point(NOON, 0.5), point(NOON, 2.0**60)], now=NOON)

    [bucket] = windows.buckets.values()

    assert (bucket.minimum, bucket.maximum) == (0.5, 2.0**60)
    assert isinstance(bucket.maximum, float)


def test_slots_hold_the_datapoints_of_their_period() -> None:
    """Slots end at any minute, hold whole periods, and start inclusive."""
    windows = Windows(condition(period_secs=300))
    times = [NOON - 600, NOON - 301, NOON - 300, NOON - 1, NOON, NOON + 59]
    windows.add([point(time, 2.0, count=3) for time in times], now=NOON)
    end = condition().bucket(NOON)

    older, newer = windows.slots(end, 2)
    [slid] = windows.slots(end + 1, 1)

    assert (older.start, older.count, older.total) == (NOON - 600, 6, 12.0)
    assert (newer.start, newer.count, newer.total) == (NOON - 300, 6, 12.0)
    assert (slid.start, slid.count) == (NOON - 240, 9)


def test_a_slot_without_datapoints_is_missing() -> None:
    """A missing slot has its start, and nothing in it."""
    windows = Windows(condition(period_secs=300))

    assert windows.slots(condition().bucket(NOON), 1) == [Slot(start=NOON - 300)]


@given(
    values=st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=30),
    seed=st.integers(),
)
@settings(deadline=None)
def test_the_order_of_a_batch_is_no_matter(values: list[float], seed: int) -> None:
    """Sums are rounded once a batch, so that order cannot show in the last digit."""
    one, other = Windows(condition()), Windows(condition())
    points = [point(NOON, value) for value in values]
    mixed = random.Random(seed).sample(points, len(points))  # noqa: S311 - no secret

    one.add(points, now=NOON)
    other.add(mixed, now=NOON)

    assert one.buckets == other.buckets
    [bucket] = one.buckets.values()
    assert bucket.total == math.fsum(values)


@given(
    minutes=st.sets(st.integers(0, 40), max_size=6),
    end=st.integers(0, 60),
    period_mins=st.integers(1, 5),
)
@settings(deadline=None)
def test_next_change(minutes: set[int], end: int, period_mins: int) -> None:
    """It is the first later end at which some slot of the range holds other buckets."""
    rule = condition(period_secs=period_mins * 60, evaluation_periods=2)
    windows = Windows(rule)
    if minutes:
        windows.add([point(minute * MINUTE) for minute in sorted(minutes)], now=0.0)

    def held(at: int) -> list[int]:
        return [each.count for each in windows.slots(at, rule.range_slots)]

    def members(at: int) -> list[frozenset[int]]:
        starts = [
            at - period_mins * (rule.range_slots - each)
            for each in range(rule.range_slots)
        ]
        return [
            frozenset(m for m in minutes if start <= m < start + period_mins)
            for start in starts
        ]

    found = windows.next_change(end)

    later = range(end + 1, end + 200)
    assert found == next((at for at in later if members(at) != members(at - 1)), None)
    assert found is None or held(found - 1) == held(end)


def test_late_events_meet_however_old_they_are() -> None:
    """Days-old datapoints that come one after the other are still counted together."""
    windows = Windows(condition(period_secs=300))
    old = NOON - 3 * 86_400
    windows.add([point(old)], now=NOON)
    windows.add([point(NOON)], now=NOON + 60)
    windows.add([point(old + 60)], now=NOON + 120)

    [found] = windows.slots(condition().bucket(old) + 2, 1)

    assert found.count == 2


def test_buckets_go_when_neither_time_needs_them() -> None:
    """Old in event time is not enough, untouched for long is not enough, both are."""
    rule = condition(period_secs=300, lateness_secs=900.0)
    windows = Windows(rule)
    windows.add([point(NOON - 86_400), point(NOON - 60)], now=NOON)
    late = NOON + 300 + 900

    windows.add([point(late - 1)], now=late - 1)
    kept = set(windows.buckets)
    windows.add([point(late + 60)], now=late)

    assert rule.bucket(NOON - 86_400) in kept
    assert rule.bucket(NOON - 86_400) not in windows.buckets
    assert rule.bucket(NOON - 60) in windows.buckets
    assert windows.dropped == 1


def test_buckets_stay_while_a_backlog_is_read() -> None:
    """What is not judged yet is needed, however late it has become meanwhile."""
    windows = Windows(condition(period_secs=300, lateness_secs=900.0))
    windows.add([point(NOON)], now=NOON)
    much_later = NOON + 86_400

    windows.add([point(NOON + 60)], now=much_later, until=NOON + 60)
    kept = len(windows.buckets)
    windows.add([point(NOON + 120)], now=much_later)

    assert kept == 2
    assert condition().bucket(NOON) not in windows.buckets


def test_idle_when_the_last_bucket_is_of_no_use() -> None:
    """A group can forget everything once the newest bucket is out of every window."""
    windows = Windows(condition(period_secs=300, lateness_secs=900.0))
    empty = windows.idle_at()
    windows.add([point(NOON)], now=NOON + 10)
    recent = windows.idle_at()
    windows.add([point(NOON - 86_400)], now=NOON + 5000)
    touched = windows.idle_at()

    windows.clear()

    assert empty is None
    assert recent == NOON + 60 + 3 * 300 + 900
    assert touched == NOON + 5000 + 300 + 900
    assert windows.idle_at() is None
    assert windows.buckets == {}


def test_a_hard_limit_holds_in_any_case() -> None:
    """Beyond the limit the least recently touched buckets go, then the oldest."""
    windows = Windows(condition(period_secs=60, lateness_secs=0.0))
    limit = 2 * 3 + 1024
    windows.add([point(NOON)], now=NOON)
    windows.add([point(minute * MINUTE) for minute in range(limit + 5)], now=NOON + 1)

    windows.trim()
    windows.trim()

    assert len(windows.buckets) == limit
    assert condition().bucket(NOON) not in windows.buckets
    assert min(windows.buckets) == 5


def test_too_little_altogether_cannot_breach() -> None:
    """M slots share no bucket, so the sum of all must be M times the threshold."""
    rule = condition(threshold=2.0, evaluation_periods=3, datapoints_to_alarm=2)
    windows = Windows(rule)
    windows.add([point(NOON, 3.0), point(NOON, -1.0)], now=NOON)
    too_little = windows.can_breach()

    windows.add([point(NOON + 3600, 2.0)], now=NOON)

    assert not too_little
    assert windows.can_breach()


@pytest.mark.parametrize(
    ("statistic", "comparison", "threshold"),
    [
        (Statistic.SUM, Comparison.GREATER, 0.0),
        (Statistic.SUM, Comparison.LESS, 5.0),
        (Statistic.MAXIMUM, Comparison.GREATER, 5.0),
    ],
)
def test_no_shortcut_where_it_would_be_wrong(
    statistic: Statistic, comparison: Comparison, threshold: float
) -> None:
    """The bound is for sums above a positive threshold only."""
    rule = condition(statistic=statistic, comparison=comparison, threshold=threshold)
    windows = Windows(rule)
    windows.add([point(NOON, 1.0)], now=NOON)

    assert windows.can_breach()


def test_made_of_saved_buckets() -> None:
    """Windows go on from their buckets alone."""
    windows = Windows(condition(statistic=Statistic.SAMPLE_COUNT, threshold=4.0))
    windows.add([point(NOON, 2.0, count=3)], now=NOON)

    again = Windows(
        condition(statistic=Statistic.SAMPLE_COUNT, threshold=4.0),
        [copy(bucket) for bucket in windows.buckets.values()],
    )
    again.add([point(NOON, 2.0)], now=NOON)

    assert again.idle_at() == windows.idle_at()
    assert again.can_breach()
    assert not windows.can_breach()
