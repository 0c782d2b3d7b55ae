"""What the calls of the alarm engine come to: outcomes, and views of the alarms."""

from collections.abc import Iterable
from dataclasses import dataclass

from relay.alarms.suppression import Hold
from relay.config.rules import AnyAlarm
from relay.model import AlarmKey, AlarmState, Group, SavedAlarm, Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one call has changed.

    ``actions`` are the transitions that are to be told now: those that nothing holds
    back, and earlier ones that nothing holds back any more. ``has_resumed``: an alarm
    that was told of before may be told of again, with nothing to tell of now.
    ``changed`` is to be saved, ``removed`` (alarm name and group) to be deleted; no
    group is in both. ``ignored`` counts datapoints for alarms that are not defined (any
    more) or with impossible values; ``evicted`` groups that had to make room, and
    ``values_evicted`` values that groups had to forget for others.
    """

    transitions: tuple[Transition, ...] = ()
    actions: tuple[Transition, ...] = ()
    has_resumed: bool = False
    changed: tuple[SavedAlarm, ...] = ()
    removed: tuple[tuple[str, Group], ...] = ()
    ignored: int = 0
    evicted: int = 0
    values_evicted: int = 0


def transitions_of(outcomes: Iterable[Outcome]) -> list[Transition]:
    """Return all state changes of several calls, in their order."""
    return [transition for outcome in outcomes for transition in outcome.transitions]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What a new set of definitions means for the old one's state."""

    kept: tuple[AlarmKey, ...]
    started: tuple[AlarmKey, ...]
    removed: tuple[tuple[str, Group], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """One alarm group for status pages; ``since`` is None before any transition.

    ``held_by`` is what keeps its actions back.
    """

    definition: AnyAlarm
    group: Group
    state: AlarmState
    reason: str
    since: float | None
    held_by: Hold | None = None
