"""Values that cross the border between two stages, one file a stage, and nothing else.

Frozen, small, without behaviour. Those that are kept in the state store or sent out are
msgspec Structs, so that one line encodes them; all others are dataclasses. Times are
epoch seconds (UTC, float) unless a name says ``_ms``.
"""

from relay.model.alarms import AlarmState, Child, SavedAlarm, Transition
from relay.model.logs import Destination, LogEvent, RejectedBy, WriteResult
from relay.model.metrics import MetricPoint, MetricSeries, PublishOutcome
from relay.model.notify import (
    Bundle,
    CompositeTrigger,
    Notification,
    OutboxEntry,
    Silence,
    Suppression,
    Trigger,
)
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
    "Child",
    "CompositeTrigger",
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
    "MetricPoint",
    "MetricSeries",
    "Notification",
    "OutboxEntry",
    "PublishOutcome",
    "Record",
    "RecordText",
    "RejectedBy",
    "SavedAlarm",
    "Silence",
    "Suppression",
    "Transition",
    "Trigger",
    "WriteResult",
]
