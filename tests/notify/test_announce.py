"""From transitions to notifications."""

from dataclasses import replace

from relay.config.composite_rule import parse_composite_rule
from relay.config.conditions import Absent
from relay.config.rules import AnyAlarm, CompositeDefinition
from relay.model import AlarmState, Child, CompositeTrigger, Notification, Transition
from relay.notify.announce import Announcer
from tests.notify.examples import AT, definition, transition

COMPOSITE = CompositeDefinition(
    name="both",
    rule=parse_composite_rule("ALARM(one) AND ALARM(other)"),
    fingerprint="f",
    labels=(("alarm", "both"),),
)


def announced(change: Transition, alarm: AnyAlarm) -> Notification:
    """Return the notification of ``change``."""
    announcer = Announcer(
        account="111122223333", region="eu-west-1", configured_at=AT - 86_400
    )
    return announcer.notification(change, alarm, {"alarm": alarm.name})


def test_a_composite_alarm_has_a_rule_in_place_of_a_trigger() -> None:
    """And names the children that have moved it."""
    children = (Child(alarm="one", state=AlarmState.ALARM, at=AT),)
    change = transition(alarm=COMPOSITE.key, group=(), children=children)

    found = announced(change, COMPOSITE)

    assert found.trigger is None
    assert found.composite == CompositeTrigger(
        rule="ALARM(one) AND ALARM(other)", children=children
    )
    assert found.group == {}


def test_an_alarm_on_a_metric_is_no_composite_alarm() -> None:
    """It has a trigger."""
    found = announced(transition(), definition())

    assert found.composite is None
    assert found.trigger is not None


def test_a_condition_beyond_a_threshold_is_told_in_words() -> None:
    """CloudWatch's message has no members for it; a threshold needs none."""
    silence = replace(definition(), condition=Absent(for_secs=3600.0), filter="f")

    found = announced(transition(), silence).trigger
    plain = announced(transition(), definition()).trigger

    assert found is not None
    assert found.condition == "no match for 1h"
    assert plain is not None
    assert plain.condition is None


def test_what_to_do_is_told() -> None:
    """The runbook as the rule file has it."""
    alarm = replace(definition(), runbook="Look.\nAct.")

    assert announced(transition(), alarm).runbook == "Look.\nAct."


def test_what_a_mute_rule_has_held_back_says_so() -> None:
    """As CloudWatch's ActionExecutedAfterMuteWindow."""
    late = replace(transition(), after_mute=True)

    assert announced(late, definition()).after_mute
    assert not announced(transition(), definition()).after_mute
