"""What accounting knows of who was told; the rest is in test_accountant."""

import msgspec

from relay.accounting.telling import SILENCES_KEPT_SECS, Telling
from relay.alarms.engine import AlarmEngine
from relay.notify.plan import Plan
from relay.state.store import Notified
from tests.accounting.test_accountant import planner, silence
from tests.alarms.alarm_values import NOON, definition


def telling() -> Telling:
    """Return the telling of an alarm that is not in ALARM."""
    alarm = definition()
    found = Telling(AlarmEngine([alarm], now=NOON))
    stale = Notified(alarm="failures", group=(), receiver="all", at=NOON)
    found.begin(planner(alarm), notified=[stale], silences=[], now=NOON)
    return found


def test_before_it_has_begun_there_are_no_silences() -> None:
    """The web server, which asks for them, is there first."""
    assert Telling(AlarmEngine([], now=NOON)).silences() == []


def test_without_alarms_nothing_is_due() -> None:
    """Nor is anything told."""
    found = telling()

    assert found.due_at is None
    assert found.remind(NOON + 1) == Plan()
    assert found.plan([], NOON) == Plan()


def test_silences_that_ended_long_ago_are_forgotten() -> None:
    """With the next one that is made."""
    found = telling()
    found.silence([silence(ends_at=NOON)], NOON)

    assert found.unended_silences(NOON) == 0
    assert len(found.silences()) == 1

    later = NOON + SILENCES_KEPT_SECS + 1
    other = msgspec.structs.replace(silence(ends_at=later + 1), id="2")
    found.silence([other], later)

    assert found.silences() == [other]
