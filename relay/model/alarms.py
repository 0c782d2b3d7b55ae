"""What alarms come to: their states, and the transitions between them."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from relay.model.rules import AlarmKey, Evidence, Group


class AlarmState(StrEnum):
    """CloudWatch's three states."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm whose new state, since ``at``, has moved a composite alarm."""

    alarm: str
    state: AlarmState
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """An alarm, or one group of it, went from one state to another.

    ``total`` counts the datapoints of the evaluated windows; ``evidence`` holds the
    newest of their records. ``reason`` is CloudWatch's wording, ``reason_data`` its
    JSON. ``received_at`` is of the message that caused it; None when time alone did, or
    when its actions were held back on purpose. ``after_mute``: by a mute rule.
    ``children`` have moved a composite alarm.
    """

    alarm: AlarmKey
    group: Group
    old: AlarmState
    new: AlarmState
    at: float
    reason: str
    reason_data: str
    total: int = 0
    evidence: tuple[Evidence, ...] = ()
    received_at: float | None = None
    after_mute: bool = False
    children: tuple[Child, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAlarm:
    """One alarm group's state as the state store keeps it; ``body`` is opaque there."""

    alarm: AlarmKey
    group: Group
    body: bytes
