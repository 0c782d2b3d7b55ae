"""How many calls may be under way follows from how they go: up slowly, down at once."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.logs.concurrency import INITIAL_CALLS, AdaptiveLimit

SIZE = 100_000
QUICK_SECS, SLOW_SECS, HANGING_SECS = 0.1, 0.4, 30.0

_CALLS = st.lists(
    st.tuples(
        st.sampled_from(["success", "overload"]),
        st.integers(1, 2**20),
        st.floats(0.0, 60.0),
        st.booleans(),
    ),
    max_size=60,
)


class Caller:
    """Makes calls one after the other and tells a limit of them."""

    def __init__(self, most: int = 8) -> None:
        self.limit = AdaptiveLimit(most)
        self.now = 0.0

    def succeed(
        self,
        times: int,
        *,
        secs: float = QUICK_SECS,
        size_bytes: int = SIZE,
        is_full: bool = True,
    ) -> None:
        """Have calls succeed after ``secs`` each."""
        for _ in range(times):
            started_at, self.now = self.now, self.now + secs
            self.limit.succeeded(
                size_bytes=size_bytes,
                started_at=started_at,
                ended_at=self.now,
                is_full=is_full,
            )

    def overload(self) -> None:
        """Have one call fail because the destination is overloaded."""
        started_at, self.now = self.now, self.now + QUICK_SECS
        self.limit.overloaded(started_at=started_at, ended_at=self.now)


@pytest.mark.parametrize("most", [1, 2, 4, 8, 64])
def test_it_begins_with_a_few(most: int) -> None:
    """At first there are four calls, or as many as are allowed at all."""
    assert AdaptiveLimit(most).calls == min(INITIAL_CALLS, most)


def test_it_grows_by_one_a_round() -> None:
    """When as many calls went well as are under way, there may be one more."""
    caller = Caller()

    caller.succeed(4)
    assert caller.limit.calls == 4
    caller.succeed(1)
    assert caller.limit.calls == 5
    caller.succeed(6)
    assert caller.limit.calls == 6


def test_it_grows_to_the_most_and_no_further() -> None:
    """However long all goes well, ``most`` is the end."""
    caller = Caller(most=8)

    caller.succeed(1_000)

    assert caller.limit.calls == 8


def test_what_is_not_used_does_not_grow() -> None:
    """Calls below the limit do not show that more would do."""
    caller = Caller()

    caller.succeed(1_000, is_full=False)

    assert caller.limit.calls == INITIAL_CALLS


def test_overload_halves_down_to_one() -> None:
    """Each round of throttled calls halves the limit; one call there always may be."""
    caller = Caller()
    caller.succeed(1_000)
    seen = []

    for _ in range(5):
        caller.overload()
        seen.append(caller.limit.calls)

    assert seen == [4, 2, 1, 1, 1]


def test_calls_of_one_round_count_once() -> None:
    """Eight calls under way that are throttled together halve the limit once."""
    caller = Caller()
    caller.succeed(1_000)

    for number in range(8):
        caller.limit.overloaded(
            started_at=caller.now + number / 100, ended_at=caller.now + 1 + number / 100
        )

    assert caller.limit.calls == 4


def test_slow_calls_halve() -> None:
    """When calls take several times as long as usual the destination has too many."""
    caller = Caller()
    caller.succeed(100)

    caller.succeed(3, secs=SLOW_SECS)

    assert caller.limit.calls == 4


def test_one_call_that_hangs_is_chance() -> None:
    """A single call may take as long as it likes."""
    caller = Caller()
    caller.succeed(100)

    caller.succeed(1, secs=HANGING_SECS)
    caller.succeed(10)

    assert caller.limit.calls == 8


def test_differences_of_a_few_milliseconds_mean_nothing() -> None:
    """Ten times as slow is nothing when both are quick."""
    caller = Caller()
    caller.succeed(100, secs=0.004)

    caller.succeed(100, secs=0.04)

    assert caller.limit.calls == 8


def test_large_calls_may_take_longer_than_small_ones() -> None:
    """Sizes are told apart, so that calls of all sizes may alternate."""
    caller = Caller()

    for _ in range(100):
        caller.succeed(1, secs=0.05, size_bytes=1_000)
        caller.succeed(1, secs=1.0, size_bytes=1_000_000)

    assert caller.limit.calls == 8


def test_a_destination_that_stays_slower_is_got_used_to() -> None:
    """What is usual follows, and then the limit grows again."""
    caller = Caller()
    caller.succeed(100)

    caller.succeed(20, secs=SLOW_SECS)
    assert caller.limit.calls < 4
    caller.succeed(200, secs=SLOW_SECS)

    assert caller.limit.calls == 8


@given(st.integers(1, 16), _CALLS)
def test_it_stays_within_its_bounds_and_recovers(
    most: int, calls: Iterable[tuple[str, int, float, bool]]
) -> None:
    """Whatever happens there is at least one call and never more than ``most``; an
    overload at least halves; and once all is well, all calls are back."""
    caller = Caller(most)

    for kind, size_bytes, secs, is_full in calls:
        before = caller.limit.calls
        if kind == "success":
            caller.succeed(1, secs=secs, size_bytes=size_bytes, is_full=is_full)
            assert caller.limit.calls <= before + 1
        else:
            caller.overload()
            assert caller.limit.calls <= max(1, (before + 1) / 2)
        assert 1 <= caller.limit.calls <= most
    caller.succeed(400)

    assert caller.limit.calls == most
