"""relay.remaining: of a message that comes again only the rest is done."""

from relay.remaining import Remaining


def test_new_message_is_done_whole() -> None:
    """Nothing is known of it: every delivery is to be done."""
    assert list(Remaining().of("m", 3)) == [0, 1, 2]


def test_only_the_rest_of_a_known_message_is_done() -> None:
    """In the order of its deliveries."""
    remaining = Remaining()
    remaining.remember("m", {4, 1})

    assert remaining.of("m", 5) == (1, 4)
    assert list(remaining.of("other", 1)) == [0]


def test_the_rest_shrinks_to_nothing() -> None:
    """What is done is remembered no longer; neither is a message without a rest."""
    remaining = Remaining()
    remaining.remember("m", [0, 1, 2])
    remaining.remember("m", [2])
    before = remaining.of("m", 3), len(remaining)
    remaining.remember("m", [])

    assert before == ((2,), 1)
    assert list(remaining.of("m", 3)) == [0, 1, 2]
    assert len(remaining) == 0


def test_memory_is_bounded() -> None:
    """The messages that were remembered first are forgotten, and done whole again."""
    remaining = Remaining(most=10)
    for number in range(4):
        remaining.remember(f"m-{number}", range(3))

    assert len(remaining) == 9
    assert remaining.of("m-0", 4) == range(4)
    assert remaining.of("m-1", 4) == (0, 1, 2)


def test_message_beyond_all_bounds_is_not_remembered() -> None:
    """A million keys in one message: it is forgotten at once."""
    remaining = Remaining(most=10)
    remaining.remember("huge", range(11))

    assert len(remaining) == 0
    assert remaining.of("huge", 2) == range(2)
