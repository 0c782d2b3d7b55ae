"""How far the source has seen everything that was sent to it."""

from relay.caught_up import ANSWER_SECS, CaughtUp
from relay.model import Message
from tests.support.clock import FakeClock


def _message(name: str, sent_at: float) -> Message:
    return Message(
        id=name, receipt_handle="r", body="", sent_at=sent_at, received_at=sent_at
    )


def test_nothing_is_seen_before_the_queue_was_empty_once() -> None:
    """A receive that brings all that were asked for may have left some behind."""
    caught_up = CaughtUp(FakeClock(now=1_000.0))

    caught_up.received([_message("a", 50.0)], began_at=100.0, is_full=True)
    caught_up.settled("a")

    assert caught_up.seen_until() == 0.0


def test_what_was_sent_before_an_emptying_receive_is_seen() -> None:
    """It counts from when the receive began, and never falls behind."""
    caught_up = CaughtUp(FakeClock(now=1_000.0))

    caught_up.received([], began_at=100.0, is_full=False)
    caught_up.received([], began_at=90.0, is_full=False)

    assert caught_up.seen_until() == 100.0


def test_a_message_holds_time_back_until_all_its_parts_are_counted() -> None:
    """From its own sending on; what is counted waits for nothing else."""
    caught_up = CaughtUp(FakeClock(now=1_000.0))
    caught_up.received([_message("a", 50.0)], began_at=100.0, is_full=False)
    caught_up.expect("a", 2)
    seen = [caught_up.seen_until()]

    for _ in range(2):
        caught_up.counted("a")
        seen.append(caught_up.seen_until())

    assert seen == [50.0, 50.0, 100.0]


def test_a_message_that_failed_is_not_waited_for() -> None:
    """It comes again at some later time, or never."""
    caught_up = CaughtUp(FakeClock(now=1_000.0))
    caught_up.received([_message("a", 50.0)], began_at=100.0, is_full=False)
    caught_up.expect("a", 3)
    caught_up.counted("a")

    caught_up.settled("a")

    assert caught_up.seen_until() == 100.0


def test_changes_are_told() -> None:
    """Whoever waits for more to be seen need not ask again and again."""
    caught_up, moves = CaughtUp(FakeClock(now=1_000.0)), list[float]()
    caught_up.on_moved = lambda: moves.append(caught_up.seen_until())

    caught_up.received([_message("a", 50.0)], began_at=100.0, is_full=False)
    caught_up.counted("a")
    caught_up.settled("a")
    caught_up.counted("unknown")
    caught_up.expect("unknown", 2)

    assert moves == [50.0, 100.0]


def test_a_long_poll_that_waits_says_that_the_queue_is_empty() -> None:
    """SQS would have answered; what is younger than an answer takes is not seen yet."""
    clock = FakeClock(now=1_000.0)
    caught_up = CaughtUp(clock)
    caught_up.opened(1_000.0)
    early = caught_up.seen_until()
    clock.advance(10)
    late = caught_up.seen_until()
    caught_up.closed(1_000.0)

    assert (early, late) == (0.0, 1_010.0 - ANSWER_SECS)
    assert caught_up.seen_until() == 0.0


def test_it_is_known_when_a_time_will_have_been_seen() -> None:
    """Unless something comes, or is being counted, or nobody looks."""
    caught_up = CaughtUp(FakeClock(now=1_000.0))
    nobody = caught_up.will_see(1_005.0)
    caught_up.opened(1_000.0)
    later, at_once = caught_up.will_see(1_005.0), caught_up.will_see(900.0)
    caught_up.received([_message("a", 50.0)], began_at=990.0, is_full=False)

    assert (nobody, later, at_once) == (
        None,
        1_005.0 + ANSWER_SECS,
        1_000 + ANSWER_SECS,
    )
    assert caught_up.will_see(1_005.0) is None
