"""Tests of who was told."""

from relay.notify.told import Ended, Told
from relay.state.store import Notified
from tests.notify.examples import AT, transition

ALARM, GROUP = "console-login-failures", ("alice",)
ENDED = Ended(alarm=ALARM, group=GROUP)


def notified(receiver: str, at: float) -> Notified:
    """Return that ``receiver`` was told of the example alarm."""
    return Notified(alarm=ALARM, group=GROUP, receiver=receiver, at=at)


def test_the_last_time_counts() -> None:
    """For each receiver by itself."""
    told = Told([notified("a", AT), notified("b", AT), notified("a", AT + 1)])

    assert told.receivers(ALARM, GROUP) == {"a": AT + 1, "b": AT}
    assert told.receivers(ALARM, ("bob",)) == {}


def test_after_the_end_nobody_was_told() -> None:
    """Until somebody is told anew; the order counts."""
    told = Told([notified("a", AT), ENDED, notified("b", AT)])

    assert told.receivers(ALARM, GROUP) == {"b": AT}

    told.take([ENDED, ENDED])

    assert told.receivers(ALARM, GROUP) == {}


def test_a_part_is_a_copy() -> None:
    """What is noted in it is not known outside."""
    told = Told([notified("a", AT)])
    part = told.part([(ALARM, GROUP), (ALARM, ())])
    part.take([notified("b", AT)])

    assert part.receivers(ALARM, GROUP) == {"a": AT, "b": AT}
    assert told.receivers(ALARM, GROUP) == {"a": AT}


def test_what_was_said_of_an_earlier_alarm_is_forgotten() -> None:
    """And all of what is in ALARM no more."""
    told = Told([notified("a", AT - 1), notified("b", AT)])
    told.keep([transition(), transition(group=("bob",))])

    assert told.receivers(ALARM, GROUP) == {"b": AT}

    told.keep([])

    assert told.receivers(ALARM, GROUP) == {}


def test_what_is_held_back_keeps_who_was_told() -> None:
    """Whoever was told of the ALARM is told of its end, once that may be told."""
    told = Told([notified("a", AT - 1)])
    told.keep([], held=[(ALARM, GROUP), (ALARM, ("bob",))])

    assert told.receivers(ALARM, GROUP) == {"a": AT - 1}
    assert told.receivers(ALARM, ("bob",)) == {}
