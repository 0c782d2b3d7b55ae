"""relay.notify.plan: reminders wait for the windows of mute rules."""

import pytest

from relay.config.notify_section import Notify
from relay.notify.plan import Planner, Situation
from relay.notify.told import Told
from relay.state.store import Notified
from tests.alarms.composite_values import muted
from tests.notify.examples import AT, definition, transition

HOUR = 3_600.0
NAME = "console-login-failures"
WINDOW = muted(AT // 60 * 60 + HOUR, AT // 60 * 60 + 3 * HOUR, NAME)
TARGET = {"queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}


def planner() -> Planner:
    """Return a planner that reminds every two hours, but for the window."""
    return Planner(
        Notify.model_validate(
            {
                "receivers": [{"name": "all", "sqs": [TARGET]}],
                "route": {"receiver": "all", "repeat_interval": "2h"},
            }
        ),
        [definition()],
        mute_rules=[WINDOW],
        account="111122223333",
        region="eu-west-1",
        configured_at=AT,
    )


@pytest.mark.parametrize(
    ("after_hours", "reminds", "next_hours"),
    [(0.5, False, 2), (2, False, 3), (2.5, False, 3), (3, True, 5)],
)
def test_a_reminder_within_a_window_comes_at_its_end(
    after_hours: float, reminds: bool, next_hours: float
) -> None:
    """Once, however long ago it fell due."""
    now = AT + after_hours * HOUR
    told = Told([Notified(alarm=NAME, group=("alice",), receiver="all", at=AT)])
    situation = Situation(told=told, active=[transition()])

    plan = planner().reminders(situation, now=now)
    told.take(plan.changes)
    due = planner().next_reminder(situation, now=now)

    assert [each.notification.repeat for each in plan.entries] == [True] * reminds
    assert due is not None
    assert due == pytest.approx(AT + next_hours * HOUR, abs=60)
