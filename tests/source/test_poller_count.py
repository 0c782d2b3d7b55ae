"""relay.source.poller_count: more while receives come back full, fewer when empty."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.source.poller_count import PollerCount


def count_of(most: int, *, full_polls: int = 0) -> PollerCount:
    """Return a count after so many full polls."""
    count = PollerCount(most)
    for _ in range(full_polls):
        count.polled(brought=10)
    return count


@pytest.mark.parametrize(
    ("most", "full_polls", "brought", "change"),
    [
        (8, 0, 10, 1),
        (8, 6, 10, 1),
        (8, 7, 10, 0),
        (8, 3, 9, 0),
        (8, 3, 1, 0),
        (8, 3, 0, -1),
        (8, 1, 0, -1),
        (8, 0, 0, 0),
        (1, 0, 10, 0),
        (1, 5, 0, 0),
    ],
    ids=[
        "full opens another",
        "the last one",
        "never above the most",
        "nearly full keeps",
        "a single message keeps",
        "empty lets go",
        "the second as well",
        "but not the first",
        "one at the most",
        "one always",
    ],
)
def test_poll_changes_the_number(
    most: int, full_polls: int, brought: int, change: int
) -> None:
    """What a poll brought says whether another one pays, or this one does."""
    count = count_of(most, full_polls=full_polls)
    before = count.open

    assert count.polled(brought=brought) == change
    assert count.open == before + change


@pytest.mark.parametrize(
    ("full_polls", "messages", "more"),
    [
        (0, 0, 0),
        (0, 10, 0),
        (0, 11, 1),
        (0, 45, 4),
        (0, 80, 7),
        (0, 120_000, 7),
        (3, 45, 1),
        (3, 12, 0),
        (7, 120_000, 0),
    ],
)
def test_backlog_opens_what_it_is_worth(
    full_polls: int, messages: int, more: int
) -> None:
    """One poll for every ten messages, up to the most; none is ended."""
    count = count_of(8, full_polls=full_polls)
    before = count.open

    assert count.waiting(messages) == more
    assert count.open == before + more


@given(
    st.integers(1, 32),
    st.lists(st.tuples(st.booleans(), st.integers(0, 10), st.integers(0, 2000))),
)
def test_number_is_always_within_its_bounds(
    most: int, steps: list[tuple[bool, int, int]]
) -> None:
    """Whatever happens, one is open and never more than allowed."""
    count = PollerCount(most)
    for is_poll, brought, messages in steps:
        if is_poll:
            count.polled(brought=brought)
        else:
            count.waiting(messages)

        assert 1 <= count.open <= most
