"""Compares the notifications that a test expects with those that were sent; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from relay.config.rule_test_schema import ExpectedNotification
from relay.config.rules import AnyAlarm
from relay.model import Notification
from relay.ruletest.names import group_of
from relay.ruletest.routing import ANYBODY
from relay.ruletest.shown import named, shown_values
from relay.ruletest.simulation import Sent

Definitions = Mapping[str, AnyAlarm]


def compare(
    expected: Sequence[ExpectedNotification],
    sent: Sequence[Sent],
    definitions: Definitions,
) -> tuple[list[str], list[str]]:
    """Return what was to be sent and what was, a line each; equal when all is well.

    What no expectation is about is in the second list.
    """
    wanted: list[str] = []
    found: list[str] = []
    explained: set[int] = set()
    for each in expected:
        fitting = [
            number
            for number, one in enumerate(sent)
            if _fits(one, each, definitions[each.alarm])
        ]
        explained.update(fitting)
        # To how many receivers it went is asked only where one is named.
        told = {(sent[number].notification.id, each.receiver) for number in fitting}
        wanted += _lines(each.times, _expected_text(each))
        found += _lines(len(told), _expected_text(each))
    rest = Counter(
        _sent_text(one) for number, one in enumerate(sent) if number not in explained
    )
    for text, times in rest.items():
        found += _lines(times, text)
    return wanted, found


def _fits(sent: Sent, expected: ExpectedNotification, definition: AnyAlarm) -> bool:
    notification = sent.notification
    return (
        notification.alarm == expected.alarm
        and notification.state is expected.state
        and notification.repeat is expected.reminder
        and expected.receiver in (None, sent.receiver)
        and _is_of_group(notification, expected.group, definition)
    )


def _is_of_group(
    notification: Notification,
    group: Mapping[str, str] | None,
    definition: AnyAlarm,
) -> bool:
    if group is None:
        return True
    return group_of(definition, group) == tuple(notification.group.values())


def _lines(times: int, text: str) -> list[str]:
    return [f"{times} x {text}"] if times else []


def _expected_text(expected: ExpectedNotification) -> str:
    return _text(
        expected.state,
        named(expected.alarm, shown_values(expected.group or {})),
        receiver=expected.receiver,
        is_reminder=expected.reminder,
    )


def _sent_text(sent: Sent) -> str:
    notification = sent.notification
    return _text(
        notification.state,
        named(notification.alarm, shown_values(notification.group)),
        receiver=None if sent.receiver == ANYBODY else sent.receiver,
        is_reminder=notification.repeat,
    )


def _text(state: str, subject: str, *, receiver: str | None, is_reminder: bool) -> str:
    addressee = f" to {receiver}" if receiver else ""
    return f"{'reminder of ' if is_reminder else ''}{state} {subject}{addressee}"
