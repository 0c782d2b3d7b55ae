"""Tests of the memory for values."""

from relay.alarms.conditions.known import Grain, KnownValues
from tests.alarms.alarm_values import NOON
from tests.alarms.conditions.condition_values import DAY, HOUR

WITHIN = 32 * DAY
"""A grain is a day, and begins at midnight."""
MIDNIGHT = NOON - 12 * HOUR


def known(*values: int, max_values: int = 100) -> KnownValues:
    """Return a memory that has seen ``values`` at noon."""
    memory = KnownValues(WITHIN, max_values)
    for value in values:
        memory.see(value, NOON)
    return memory


def test_a_value_is_known_for_the_whole_time_and_a_grain_at_most() -> None:
    """Never shorter than the rule says, so that nothing known is told as new."""
    memory = known(7)

    assert memory.is_known(7, NOON + WITHIN)
    assert memory.is_known(7, MIDNIGHT + 33 * DAY - 1)
    assert not memory.is_known(7, MIDNIGHT + 33 * DAY)
    assert not memory.is_known(8, NOON)


def test_a_value_is_known_to_earlier_events() -> None:
    """A late event brings nothing new when its value came meanwhile."""
    assert known(7).is_known(7, NOON - 5 * DAY)


def test_seeing_a_value_again_changes_nothing_for_a_grain() -> None:
    """So that values that keep coming need not be saved again."""
    memory = known(7)

    assert not memory.see(7, NOON + HOUR)
    assert not memory.see(7, NOON - DAY)
    assert memory.see(7, NOON + DAY)
    assert memory.is_known(7, NOON + DAY + WITHIN)


def test_what_no_event_can_know_is_forgotten() -> None:
    """Once a grain; the values of the grains in reach stay."""
    memory = known(7)
    memory.see(8, NOON + 2 * DAY)

    assert not memory.forget(MIDNIGHT + 33 * DAY - 1)
    assert memory.forget(MIDNIGHT + 33 * DAY)
    assert len(memory) == 1
    assert memory.see(7, NOON)
    assert not memory.forget(MIDNIGHT + 33 * DAY + HOUR)
    assert memory.forget(MIDNIGHT + 34 * DAY)
    assert len(memory) == 1


def test_when_everything_is_forgotten() -> None:
    """A group may go then."""
    memory = known(7)
    empty = KnownValues(WITHIN, 100)

    assert memory.forgotten_at() == MIDNIGHT + 33 * DAY
    assert empty.forgotten_at() is None
    memory.clear()
    assert memory.forgotten_at() is None


def test_there_is_room_for_so_many_values() -> None:
    """Those not seen for the longest time go, a sixteenth at once, and are counted."""
    memory = known(*range(32), max_values=32)
    memory.see(99, NOON + DAY)
    memory.see(0, NOON + DAY)

    memory.trim()

    assert len(memory) == 30
    assert memory.evicted == 3
    assert memory.is_known(0, NOON)
    assert not any(memory.is_known(value, NOON) for value in (1, 2, 3))


def test_without_too_many_nothing_goes() -> None:
    """A full memory is full, not too full."""
    memory = known(*range(32), max_values=32)

    memory.trim()

    assert (len(memory), memory.evicted) == (32, 0)


def test_it_is_saved_by_grains() -> None:
    """Eight bytes a value, the oldest grain first, and the same when read again."""
    memory = known(1, 2**64 - 1)
    memory.see(5, NOON - DAY)

    saved = memory.save()
    again = KnownValues(WITHIN, 100, saved, oldest=memory.oldest)

    day = int(MIDNIGHT // DAY)
    one, most = (1).to_bytes(8, "big"), b"\xff" * 8
    assert saved == [Grain(day - 1, (5).to_bytes(8, "big")), Grain(day, one + most)]
    assert again.save() == saved
    assert again.forgotten_at() == memory.forgotten_at()
