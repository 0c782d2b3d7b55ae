"""Values that cross the border between two stages, one file a stage, and nothing else.

Frozen, small, without behaviour. Those that are kept in the state store or sent out are
msgspec Structs, so that one line encodes them; all others are dataclasses. Times are
epoch seconds (UTC, float) unless a name says ``_ms``.
"""

from relay.model.alarms import AlarmState, SavedAlarm, Transition
from relay.model.logs import Destination, LogEvent, RejectedBy, WriteResult
from relay.model.notify import Bundle, Notification, OutboxEntry, Trigger
from relay.model.rules import (
    AlarmKey,
    Datapoint,
    DefaultPoints,
    Evaluation,
    Evidence,
    Feed,
    Group,
    Match,
)
from relay.model.source import Delivery, DeliveryKind, LogObject, Message
from relay.model.trail import FileKind, LogFile, LogFileKey, Record, RecordText

__all__ = [
    "AlarmKey",
    "AlarmState",
    "Bundle",
    "Datapoint",
    "DefaultPoints",
    "Delivery",
    "DeliveryKind",
    "Destination",
    "Evaluation",
    "Evidence",
    "Feed",
    "FileKind",
    "Group",
    "LogEvent",
    "LogFile",
    "LogFileKey",
    "LogObject",
    "Match",
    "Message",
    "Notification",
    "OutboxEntry",
    "Record",
    "RecordText",
    "RejectedBy",
    "SavedAlarm",
    "Transition",
    "Trigger",
    "WriteResult",
]
