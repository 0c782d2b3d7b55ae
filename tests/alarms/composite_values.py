"""Composite alarms and mute rules as the alarm tests write them."""

from collections.abc import Iterable

from relay.alarms.outcome import Outcome
from relay.config.composite_rule import parse_composite_rule
from relay.config.rules import CompositeDefinition, MuteRule, Suppressor
from relay.config.schedule import Once
from relay.model import AlarmState, Transition

Move = tuple[str, AlarmState, AlarmState]


def composite(
    name: str, rule: str, suppressor: Suppressor | None = None, evidence: int = 5
) -> CompositeDefinition:
    """Return a composite alarm; its fingerprint is its rule."""
    return CompositeDefinition(
        name=name,
        rule=parse_composite_rule(rule),
        fingerprint=rule,
        suppressor=suppressor,
        evidence=evidence,
    )


def suppressed_by(
    alarm: str, wait_secs: float = 60, extension_secs: float = 90
) -> Suppressor:
    """Return a suppressor."""
    return Suppressor(alarm=alarm, wait_secs=wait_secs, extension_secs=extension_secs)


def muted(start: float, end: float, *alarms: str) -> MuteRule:
    """Return a rule with one window; whole minutes, as all starts are."""
    return MuteRule(
        name="m",
        alarms=frozenset(alarms),
        schedule=Once(start=start),
        duration_secs=end - start,
    )


def moves(transitions: Iterable[Transition]) -> list[Move]:
    """Return which alarm went from where to where."""
    return [(each.alarm.name, each.old, each.new) for each in transitions]


def told(outcome: Outcome) -> list[tuple[str, AlarmState]]:
    """Return of which alarms and states the actions run."""
    return [(each.alarm.name, each.new) for each in outcome.actions]
