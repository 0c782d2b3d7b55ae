"""Values that cross the border between two stages, in the order of the data's way.

Frozen, small, without behaviour. Those that are kept in the state store or sent out are
msgspec Structs, so that one line encodes them; all others are dataclasses. Times are
epoch seconds (UTC, float) unless a name says ``_ms``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

# --- source ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One SQS message, received once; the receipt handle is of this receive."""

    id: str
    receipt_handle: str
    body: str
    sent_at: float
    received_at: float
    receive_count: int = 1


class DeliveryKind(StrEnum):
    """Who announced the object; a metric label."""

    CLOUDTRAIL = "cloudtrail"
    S3 = "s3"
    EVENTBRIDGE = "eventbridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The notice that an object exists. ``key`` is decoded: as S3's GetObject wants it.

    ``size_bytes`` and ``etag`` (bare, without quotes) are hints; CloudTrail's own
    notice has neither.
    """

    bucket: str
    key: str
    kind: DeliveryKind
    size_bytes: int | None = None
    etag: str | None = None
    version_id: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogObject:
    """The bytes of one S3 object as stored (gzip not undone); ``etag`` is bare."""

    bucket: str
    key: str
    etag: str
    last_modified: float
    body: bytes

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


# --- trail ----------------------------------------------------------------------------


class FileKind(StrEnum):
    """What an object holds, read from its key; a metric label."""

    EVENTS = "events"
    INSIGHT = "insight"
    NETWORK_ACTIVITY = "network_activity"
    AGGREGATED = "aggregated"
    DIGEST = "digest"
    MARKER = "marker"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFileKey:
    """An object key taken apart. A marker (a key that ends in "/") has no region."""

    kind: FileKind
    account: str
    region: str
    organization: str | None = None
    prefix: str = ""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One CloudTrail event: its own JSON text, and only the fields that rules read.

    ``message`` is the record's text exactly as in the file, ``size_bytes`` its length
    in UTF-8; ``time`` is ``eventTime`` (None when the record has none, as Insight and
    aggregated records may); ``fields`` is a value of the projection that decoded it.
    """

    message: str
    size_bytes: int
    time: float | None
    event_id: str | None
    fields: object


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """All records of one object, in file order."""

    key: LogFileKey
    records: list[Record]
    decompressed_bytes: int


# --- rules ----------------------------------------------------------------------------

Group = tuple[str, ...]
"""The values of an alarm's ``group_by`` selectors, in their order; () without."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a notification says of one record: who, what, from where, and where it is.

    Every string is shortened to a readable length; absent members are None.
    """

    event_id: str | None = None
    event_time: str | None = None
    event_name: str | None = None
    event_source: str | None = None
    principal: str | None = None
    principal_type: str | None = None
    account: str | None = None
    region: str | None = None
    source_ip: str | None = None
    user_agent: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    bucket: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmKey:
    """Which definition of which alarm: a changed definition has another fingerprint."""

    name: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A match's way into one alarm that reads the filter's metric."""

    alarm: AlarmKey
    group: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One record matched one metric filter.

    ``value`` is None when the filter's ``$.selector`` names nothing numeric: then there
    is a match but no datapoint. ``time`` is None when the record has no event time.
    """

    filter: str
    event_id: str | None
    time: float | None
    value: float | None
    feeds: tuple[Feed, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultPoints:
    """``count`` records of one minute that a filter with a default did not match."""

    filter: str
    time: float | None
    value: float
    count: int
    feeds: tuple[Feed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What all metric filters found in one log file."""

    matches: tuple[Match, ...] = ()
    defaults: tuple[DefaultPoints, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Datapoint:
    """``count`` equal values of one metric at one time, addressed to one alarm's group.

    ``received_at`` is when the message that announced the record came.
    """

    alarm: AlarmKey
    group: Group
    time: float
    value: float
    count: int = 1
    evidence: Evidence | None = None
    received_at: float | None = None


# --- alarms ---------------------------------------------------------------------------


class AlarmState(StrEnum):
    """CloudWatch's three states."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """An alarm, or one group of it, went from one state to another.

    ``total`` counts the datapoints of the evaluated windows; ``evidence`` holds the
    newest of their records. ``reason`` is CloudWatch's wording, ``reason_data`` its
    JSON.
    ``received_at`` is of the message that caused it; None when time alone did.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAlarm:
    """One alarm group's state as the state store keeps it; ``body`` is opaque there."""

    alarm: AlarmKey
    group: Group
    body: bytes


# --- notify ---------------------------------------------------------------------------


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """The alarm's condition, as CloudWatch's own message carries it.

    ``datapoints_to_alarm`` is None when the definition does not name it.
    """

    namespace: str
    metric_name: str
    statistic: str
    comparison_operator: str
    threshold: float
    period_secs: int
    evaluation_periods: int
    datapoints_to_alarm: int | None
    treat_missing_data: str
    unit: str | None = None
    dimensions: dict[str, str] = {}


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out because of a transition; every receiver renders it its own way.

    ``id`` is the idempotency key: the same for every attempt and every target.
    ``group`` maps ``group_by`` selectors to values; ``labels`` are what routes match on
    (``alarm``, ``severity``, and the definition's own). ``account`` and ``region`` are
    the relay's own, for the alarm's ARN. ``repeat`` is set on a reminder.
    """

    id: str
    alarm: str
    state: AlarmState
    old_state: AlarmState
    at: float
    reason: str
    reason_data: str
    trigger: Trigger
    account: str
    region: str
    configured_at: float
    description: str | None = None
    severity: str | None = None
    runbook_url: str | None = None
    group: dict[str, str] = {}
    labels: dict[str, str] = {}
    total: int = 0
    evidence: tuple[Evidence, ...] = ()
    received_at: float | None = None
    repeat: bool = False


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One notification on its way to one target of one receiver.

    ``target`` names the target across restarts and reloads, such as
    ``sns:arn:aws:sns:eu-west-1:123456789012:security``; it holds no secret.
    """

    id: str
    receiver: str
    target: str
    notification: Notification
    created_at: float
    attempts: int = 0
    next_attempt_at: float = 0.0


# --- logs -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The log group and log stream that log events go to."""

    group: str
    stream: str


class LogEvent(msgspec.Struct, frozen=True, gc=False):
    """What PutLogEvents takes; ``size_bytes`` is the message's length in UTF-8."""

    timestamp_ms: int
    message: str
    size_bytes: int


class RejectedBy(StrEnum):
    """Why CloudWatch Logs does not keep a log event; a label and a ledger reason."""

    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    EXPIRED = "expired"
    TOO_LARGE = "too_large"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """What became of the log events of one log file: all of them are in here."""

    accepted: int = 0
    rejected: Mapping[RejectedBy, int] = field(default_factory=dict)
