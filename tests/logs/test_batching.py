"""Batches keep every limit of PutLogEvents and lose, repeat or reorder nothing."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.logs.batching import Batch, Pending
from relay.model import LogEvent, RejectedBy
from tests.logs.support import NOW_MS, log_event, log_events

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# Sizes around every limit without building megabytes: the batching reads size_bytes.
_SIZES = st.one_of(
    st.integers(1, 3_000),
    st.sampled_from([0, 300_000, 524_262, 1_048_549, 1_048_550, 1_048_551, 2_000_000]),
)
_TIMES = st.one_of(
    st.integers(-1, 3).map(lambda days: NOW_MS + days * DAY_MS),
    st.integers(NOW_MS, NOW_MS + 5),
    st.sampled_from([-1, 0, NOW_MS + DAY_MS + 1]),
)
_OWNERS = st.lists(st.lists(st.tuples(_TIMES, _SIZES), max_size=12), max_size=8)


def _drain(pending: Pending[int]) -> list[Batch[int]]:
    batches = []
    while (batch := pending.take()) is not None:
        batches.append(batch)
    return batches


def _is_lawful(timestamp_ms: int, size_bytes: int) -> bool:
    return timestamp_ms >= 0 and 0 < size_bytes <= 1_048_550


@given(_OWNERS)
def test_nothing_is_lost_or_repeated(owners: list[list[tuple[int, int]]]) -> None:
    """Every event is in one batch, under its owner, or refused with a reason."""
    pending: Pending[int] = Pending()
    refused: Counter[RejectedBy] = Counter()
    sent: defaultdict[int, list[str]] = defaultdict(list)

    for owner, events in enumerate(owners):
        refused += pending.add(
            owner,
            [
                LogEvent(at, f"{owner}/{i}".encode(), s)
                for i, (at, s) in enumerate(events)
            ],
        )
    for batch in _drain(pending):
        for owner, event in batch.owned():
            sent[owner].append(event.message)

    expected = {
        owner: sorted(f"{owner}/{i}" for i, e in enumerate(events) if _is_lawful(*e))
        for owner, events in enumerate(owners)
    }
    total = sum(map(len, owners))
    assert {o: m for o, m in expected.items() if m} == {
        owner: sorted(messages) for owner, messages in sent.items()
    }
    assert total == sum(map(len, sent.values())) + refused.total()
    assert not pending


@given(_OWNERS)
def test_every_batch_keeps_every_limit(owners: list[list[tuple[int, int]]]) -> None:
    """Count, bytes, order and span of each batch are what PutLogEvents takes."""
    pending: Pending[int] = Pending()
    for owner, events in enumerate(owners):
        pending.add(owner, [LogEvent(at, b"m", size) for at, size in events])

    for batch in _drain(pending):
        times = [event.timestamp_ms for event in batch.events]
        assert 1 <= len(batch.events) <= 10_000
        assert sum(event.size_bytes + 26 for event in batch.events) <= 1_048_576
        assert sorted(times) == times
        assert times[-1] - times[0] <= DAY_MS
        assert [event for _, event in batch.owned()] == batch.events


@given(_OWNERS)
def test_order_of_equal_timestamps_is_kept(owners: list[list[tuple[int, int]]]) -> None:
    """Events of one owner with one timestamp are sent in the order they came in."""
    pending: Pending[int] = Pending()
    for owner, events in enumerate(owners):
        pending.add(
            owner,
            [LogEvent(NOW_MS, str(i).encode(), s) for i, (_, s) in enumerate(events)],
        )
    positions: defaultdict[int, list[int]] = defaultdict(list)
    for batch in _drain(pending):
        for owner, event in batch.owned():
            positions[owner].append(int(event.message))

    assert all(sorted(found) == found for found in positions.values())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=2))
def test_halves_hold_what_the_whole_held(events: list[tuple[int, int]]) -> None:
    """Halving keeps every event with its owner, and the order of time."""
    pending: Pending[int] = Pending()
    for number, (owner, offset) in enumerate(events):
        pending.add(owner, [log_event(str(number), NOW_MS + offset)])
    (batch,) = _drain(pending)

    first, second = batch.halves()

    assert len(batch.events) // 2 == len(first.events)
    assert sorted(batch.owned(), key=lambda p: p[1].message) == sorted(
        first.owned() + second.owned(), key=lambda p: p[1].message
    )
    assert first.events[-1].timestamp_ms <= second.events[0].timestamp_ms


def test_small_objects_share_a_batch() -> None:
    """What several owners added goes out in one call."""
    pending: Pending[str] = Pending()
    pending.add("a", log_events("1", "2"))
    pending.add("b", log_events("3"))

    batch = pending.take()

    assert batch is not None
    assert [event.message for event in batch.events] == ["1", "2", "3"]
    assert [owner for owner, _ in batch.owned()] == ["a", "a", "b"]


def test_batches_are_filled_across_owners() -> None:
    """An owner's events are cut where a batch is full, and the next one begins."""
    pending: Pending[str] = Pending()
    for owner in "abc":
        pending.add(owner, [LogEvent(NOW_MS, b"m", 1_000)] * 700)

    sizes = [len(batch.events) for batch in iter(pending.take, None)]

    per_batch = 1_048_576 // 1_026
    assert [per_batch, per_batch, 2_100 - 2 * per_batch] == sizes


def test_ten_thousand_events_fill_a_batch() -> None:
    """The 10 001st event goes into the next batch."""
    pending: Pending[str] = Pending()
    pending.add("a", [log_event("m")] * 10_001)

    sizes = [len(batch.events) for batch in iter(pending.take, None)]

    assert sizes == [10_000, 1]


@pytest.mark.parametrize(
    ("span_ms", "sizes"), [(DAY_MS, [2]), (DAY_MS + 1, [1, 1])], ids=["24h", "24h+1ms"]
)
@pytest.mark.parametrize("is_backwards", [False, True])
def test_span_of_a_batch(span_ms: int, sizes: list[int], is_backwards: bool) -> None:
    """24 hours fit into a batch and one millisecond more does not, in any order."""
    pending: Pending[str] = Pending()
    times = [NOW_MS, NOW_MS + span_ms]
    for at in reversed(times) if is_backwards else times:
        pending.add("owner", [log_event("m", at)])

    assert sizes == [len(batch.events) for batch in iter(pending.take, None)]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (LogEvent(NOW_MS, b"m", 1_048_551), RejectedBy.TOO_LARGE),
        (LogEvent(NOW_MS, b"", 0), RejectedBy.INVALID),
        (LogEvent(-1, b"m", 1), RejectedBy.INVALID),
    ],
    ids=["too large", "empty", "before 1970"],
)
def test_what_no_batch_can_hold_is_refused(event: LogEvent, reason: RejectedBy) -> None:
    """An event that the service could never take costs no call and stops no other."""
    pending: Pending[str] = Pending()

    refused = pending.add("a", [event, log_event("good")])

    batch = pending.take()
    assert batch is not None
    assert {reason: 1} == refused
    assert log_events("good") == batch.events


def test_the_oldest_is_the_first_that_still_waits() -> None:
    """The time of an owner goes when the last of its events is taken."""
    pending: Pending[str] = Pending()
    assert pending.oldest_at is None
    pending.add("a", [LogEvent(NOW_MS, b"m", 700_000)] * 2, at=10.0)
    pending.add("b", log_events("m"), at=20.0)

    seen = [pending.oldest_at for _ in iter(pending.take, None)]

    assert seen == [10.0, None]


@pytest.mark.parametrize(
    ("events", "size_bytes", "expected"),
    [
        (9_998, 1, False),
        (9_999, 1, True),
        (1, 1_048_576 - 3 * 26 - 2, False),
        (1, 1_048_576 - 2 * 26 - 1, True),
    ],
)
def test_a_batch_is_full_at_either_limit(
    events: int, size_bytes: int, expected: bool
) -> None:
    """Events of all owners count together, each with its overhead of 26 bytes."""
    pending: Pending[str] = Pending()
    pending.add("a", log_events("m"))
    pending.add("b", [LogEvent(NOW_MS, b"m", size_bytes)] * events)

    assert pending.fills_batch is expected


def test_what_was_taken_fills_nothing() -> None:
    """After a full batch is taken, what is left is not full."""
    pending: Pending[str] = Pending()
    pending.add("a", [LogEvent(NOW_MS, b"m", 700_000)] * 2)
    assert pending.fills_batch

    pending.take()

    assert not pending.fills_batch


def test_the_largest_message_fills_a_batch() -> None:
    """A message of 1 048 550 bytes is sent, alone."""
    pending: Pending[str] = Pending()
    pending.add("a", [LogEvent(NOW_MS, b"m", 1_048_550), log_event("n")])

    assert [len(batch.events) for batch in iter(pending.take, None)] == [1, 1]


def test_discarded_owners_are_not_sent() -> None:
    """What waits for a discarded owner is gone; the others' events stay."""
    pending: Pending[str] = Pending()
    pending.add("gone", log_events("1"))
    pending.add("here", log_events("2"))

    pending.discard("gone")

    assert pending.owners() == ["here"]
    assert [
        [event.message for event in batch.events] for batch in iter(pending.take, None)
    ] == [["2"]]
