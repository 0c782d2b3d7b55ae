"""How far the source has seen everything that was sent to it."""

from relay.caught_up import CaughtUp
from relay.model import Message


def _message(name: str, sent_at: float) -> Message:
    return Message(
        id=name, receipt_handle="r", body="", sent_at=sent_at, received_at=sent_at
    )


def test_nothing_is_seen_before_the_queue_was_empty_once() -> None:
    """A receive that brings all that were asked for may have left some behind."""
    caught_up = CaughtUp()

    caught_up.received([_message("a", 50.0)], began_at=100.0, is_full=True)
    caught_up.settled("a")

    assert caught_up.seen_until() == 0.0


def test_what_was_sent_before_an_emptying_receive_is_seen() -> None:
    """It counts from when the receive began, and never falls behind."""
    caught_up = CaughtUp()

    caught_up.received([], began_at=100.0, is_full=False)
    caught_up.received([], began_at=90.0, is_full=False)

    assert caught_up.seen_until() == 100.0


def test_a_message_holds_time_back_until_all_its_parts_are_counted() -> None:
    """From its own sending on; what is counted waits for nothing else."""
    caught_up = CaughtUp()
    caught_up.received([_message("a", 50.0)], began_at=100.0, is_full=False)
    caught_up.expect("a", 2)
    seen = [caught_up.seen_until()]

    for _ in range(2):
        caught_up.counted("a")
        seen.append(caught_up.seen_until())

    assert seen == [50.0, 50.0, 100.0]


def test_a_message_that_failed_is_not_waited_for() -> None:
    """It comes again at some later time, or never."""
    caught_up = CaughtUp()
    caught_up.received([_message("a", 50.0)], began_at=100.0, is_full=False)
    caught_up.expect("a", 3)
    caught_up.counted("a")

    caught_up.settled("a")

    assert caught_up.seen_until() == 100.0


def test_changes_are_told() -> None:
    """Whoever waits for more to be seen need not ask again and again."""
    caught_up, moves = CaughtUp(), list[float]()
    caught_up.on_moved = lambda: moves.append(caught_up.seen_until())

    caught_up.received([_message("a", 50.0)], began_at=100.0, is_full=False)
    caught_up.counted("a")
    caught_up.settled("a")
    caught_up.counted("unknown")
    caught_up.expect("unknown", 2)

    assert moves == [50.0, 100.0]
