"""Tests of windows compared with the same ones before."""

import pytest

from relay.alarms.conditions.counts import Geometry, Rise, Rises
from relay.config.conditions import RateChange

DAY = 86_400
CONDITION = RateChange(times=3.0, at_least=4, against_secs=300)
RISES = Rises(CONDITION, Geometry.of(CONDITION, 300, 900.0))


@pytest.mark.parametrize(
    ("period_secs", "against_secs", "bucket_secs", "width", "shift"),
    [
        (60, 60, 60, 1, 1),
        (300, 300, 60, 5, 5),
        (300, DAY, 60, 5, 1440),
        (420, 420, 60, 7, 7),
        (3600, 3600, 720, 5, 5),
        (3600, DAY, 720, 5, 120),
        (2100, 2100, 420, 5, 5),
        (2100, DAY, 300, 7, 288),
        (3660, 3660, 60, 61, 61),
        (DAY, 7 * DAY, 17_280, 5, 35),
    ],
)
def test_buckets_are_as_long_as_they_can_be(
    period_secs: int, against_secs: int, bucket_secs: int, width: int, shift: int
) -> None:
    """They fit both windows, and a window slides five times a period at least."""
    condition = RateChange(times=2.0, at_least=1, against_secs=against_secs)

    geometry = Geometry.of(condition, period_secs, 900.0)

    assert geometry.bucket_secs == bucket_secs
    assert (geometry.width, geometry.shift) == (width, shift)
    assert geometry.kept >= shift + width + 3600 // bucket_secs


def test_the_watermark_is_exact() -> None:
    """The watermark that is due at an end has reached it, whatever the lateness."""
    geometry = Geometry.of(CONDITION, 300, 90.5)

    assert geometry.due(100) == 6090.5
    assert geometry.watermark(6090.5) == 100
    assert geometry.watermark(6090.499) == 99
    assert geometry.bucket(119.9) == 1


@pytest.mark.parametrize(
    ("counts", "ends"),
    [
        ({20: 4}, [21, 22, 23, 24, 25]),
        ({20: 3}, []),
        ({15: 1, 20: 4}, [21, 22, 23, 24, 25]),
        ({15: 2, 20: 4}, []),
        ({15: 2, 20: 6}, [21, 22, 23, 24, 25]),
        ({20: 4, 25: 11}, [21, 22, 23, 24, 25]),
        ({20: 4, 25: 12}, list(range(21, 31))),
    ],
)
def test_a_rise_is_so_many_times_as_many_and_at_least_so_many(
    counts: dict[int, int], ends: list[int]
) -> None:
    """Where there was nothing before, only the least number counts."""
    assert [rise.end for rise in RISES.find(counts, 0, 40)] == ends


def test_a_rise_tells_both_numbers() -> None:
    """What the reason says."""
    counts = {15: 1, 16: 1, 20: 4, 21: 3}

    assert list(RISES.find(counts, 22, 23)) == [Rise(end=22, count=7, before=2)]
    assert list(RISES.find(counts, 22, 22)) == []


def test_only_windows_with_a_change_are_looked_at() -> None:
    """Each of them once, from some end on."""
    counts = {20: 4, 22: 1, 40: 4}

    around = [rise.end for rise in RISES.around(counts, [20, 22, 90], 22)]

    assert around == [22, 23, 24, 25]
