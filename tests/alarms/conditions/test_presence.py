"""Tests of counting the different values of windows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.alarms.conditions.presence import Crowd, Presence

WIDTH = 5


def presence(*seen: tuple[int, int], max_runs: int = 100) -> Presence:
    """Return what saw values in buckets, all touched in bucket 1000."""
    found = Presence(WIDTH, max_runs)
    for value, bucket in seen:
        found.add(value, bucket, 1000)
    return found


@pytest.mark.parametrize(
    ("buckets", "runs"),
    [
        ([10], [(10, 10)]),
        ([10, 15], [(10, 15)]),
        ([10, 16], [(10, 10), (16, 16)]),
        ([16, 10, 13], [(10, 16)]),
        ([10, 16, 22, 19], [(10, 10), (16, 22)]),
        ([10, 12, 11], [(10, 12)]),
    ],
)
def test_a_value_that_keeps_coming_is_one_run(
    buckets: list[int], runs: list[tuple[int, int]]
) -> None:
    """As long as every window between its ends has it."""
    found = presence(*((7, bucket) for bucket in buckets))

    assert sorted((run.first, run.last) for run in found.save()) == runs
    assert len(found) == len(runs)
    assert found.last == max(buckets)


def test_what_is_in_a_run_already_changes_nothing() -> None:
    """A value that comes many times a minute is noted once a minute."""
    found = presence((7, 10), (7, 13))

    assert not found.add(7, 11, 1000)
    assert found.add(7, 11, 1001)
    assert found.touched == 1001


@pytest.mark.parametrize(
    ("changed", "more_than", "expected"),
    [
        ([10], 1, Crowd(end=13, distinct=3)),
        ([10], 2, Crowd(end=13, distinct=3)),
        ([10], 3, None),
        ([8], 1, Crowd(end=13, distinct=3)),
        ([30], 0, Crowd(end=31, distinct=1)),
        ([30], 1, None),
        ([9, 30], 1, Crowd(end=13, distinct=3)),
        ([17], 0, Crowd(end=18, distinct=1)),
        ([11], 1, Crowd(end=13, distinct=3)),
    ],
)
def test_the_fullest_window_with_a_change_is_found(
    changed: list[int], more_than: int, expected: Crowd | None
) -> None:
    """The earliest of them; a change may be a value that was there before."""
    found = presence((1, 8), (2, 10), (3, 12), (4, 30), (1, 15))

    assert found.crowd(changed, more_than) == expected


def test_what_is_old_and_came_long_ago_goes() -> None:
    """Not what came lately, however old it is: more of it may come."""
    found = Presence(WIDTH, 100)
    found.add(1, 10, 100)
    found.add(2, 10, 200)
    found.add(3, 90, 100)

    assert found.forget(oldest=50, touched=150)
    assert {run.value for run in found} == {2, 3}
    assert not found.forget(oldest=50, touched=150)


def test_there_is_room_for_so_many_runs() -> None:
    """The oldest go, a sixteenth at once, and are counted."""
    found = presence(*((value, 10 * value) for value in range(33)), max_runs=32)

    assert found.trim()
    assert not found.trim()
    assert len(found) == 30
    assert found.evicted == 3
    assert min(run.value for run in found) == 3


def test_it_is_the_same_when_read_again() -> None:
    """Nothing is kept beside the runs that does not follow from them."""
    found = presence((1, 8), (2, 10), (1, 30))

    again = Presence(WIDTH, 100, found.save())

    assert sorted((run.value, run.first, run.last) for run in again) == [
        (1, 8, 8),
        (1, 30, 30),
        (2, 10, 10),
    ]
    assert (again.last, again.touched, len(again)) == (30, 1000, 3)


def test_it_can_be_emptied() -> None:
    """Then there is nothing."""
    found = presence((1, 8))

    found.clear()

    assert (len(found), found.last, found.touched) == (0, 0, 0)


@given(
    seen=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 40)), max_size=30),
    changed=st.sets(st.integers(0, 40), min_size=1, max_size=3),
    more_than=st.integers(0, 4),
)
@settings(max_examples=150, deadline=None)
def test_it_counts_as_counting_every_window_does(
    seen: list[tuple[int, int]], changed: set[int], more_than: int
) -> None:
    """Runs are no approximation."""
    crowds = [
        (len({value for value, at in seen if end - WIDTH <= at < end}), -end)
        for end in range(47)
        if any(end - WIDTH <= at < end for at in changed)
    ]
    distinct, end = max(crowds)
    expected = Crowd(end=-end, distinct=distinct) if distinct > more_than else None

    assert presence(*seen).crowd(sorted(changed), more_than) == expected
