"""What services that keep alerts are told, and by which key."""

from msgspec.structs import replace

from relay.model import AlarmState, Bundle
from relay.notify.receivers.episodes import (
    call_id,
    episode_key,
    last_of_each,
    last_raised_of_each,
)
from tests.notify.examples import bundle, notification

RAISED = notification(id="a")
OVER = notification(id="b", state=AlarmState.OK, old_state=AlarmState.ALARM)
OTHER = notification(id="c", group={"$.userIdentity.userName": "bob"})


def several() -> Bundle:
    """Return an alarm that is over by now, and one of another group."""
    return replace(bundle(), id="x", notifications=(RAISED, OTHER, OVER))


def test_the_key_is_that_of_alarm_and_group() -> None:
    """Not of what happened to it."""
    assert episode_key(RAISED) == episode_key(OVER)
    assert episode_key(RAISED) != episode_key(OTHER)
    assert episode_key(RAISED) != episode_key(notification(alarm="else"))


def test_alarms_are_told_by_what_is_known_last() -> None:
    """An alert that is over need not be opened."""
    assert last_of_each(several()) == (OVER, OTHER)


def test_what_is_only_opened_is_told_of_each_alarm() -> None:
    """Even when it is over by now; but of no reminder."""
    reminded = replace(
        several(), notifications=(RAISED, OVER, notification(alarm="x", repeat=True))
    )

    assert last_raised_of_each(reminded) == (RAISED,)


def test_a_single_notification_has_the_bundles_key() -> None:
    """Of several, each has its own."""
    assert call_id(bundle(), notification()) == bundle().id
    assert call_id(several(), OTHER) == "c"
