"""What CloudWatch Logs accepts and keeps: the rules of the fake, without HTTP.

Limits and texts are those of the API reference (PutLogEvents, CreateLogGroup,
CreateLogStream, PutRetentionPolicy). They are written down here a second time on
purpose: a limit that relay gets wrong must not agree with the fake.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

_DAY_MS = 86_400_000
_FUTURE_MS = 7_200_000
_MAX_BYTES = 1_048_576
_RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731}
    | {1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
_GROUP_NAME = re.compile(r"(?!aws/)[.\-_/#A-Za-z0-9]{1,512}")
_STREAM_NAME = re.compile(r"[^:*]{1,512}")
_ACCOUNT = "123456789012"


class ServiceError(Exception):
    """An error as the service answers it."""

    def __init__(self, code: str, text: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.status = status


class InputLogEvent(msgspec.Struct, gc=False):
    """A log event on its way in."""

    timestamp: int
    message: str


class PutRequest(msgspec.Struct, rename="camel"):
    """The body of PutLogEvents."""

    log_group_name: str
    log_stream_name: str
    log_events: list[InputLogEvent]
    sequence_token: str | None = None


class StoredEvent(msgspec.Struct, frozen=True, gc=False):
    """A log event that was kept; ``number`` counts all events of the store."""

    timestamp: int
    message: str
    ingestion_time: int
    stream: str
    number: int


@dataclass(slots=True)
class Stream:
    """A log stream, and how many calls and events it has taken."""

    created_ms: int
    events: list[StoredEvent] = field(default_factory=list)
    puts: int = 0
    accepted: int = 0


@dataclass(slots=True)
class Group:
    """A log group."""

    created_ms: int
    tags: dict[str, str]
    kms_key: str | None
    retention_days: int | None = None
    streams: dict[str, Stream] = field(default_factory=dict)


class LogsStore:
    """Groups, streams and events of one account and region."""

    def __init__(self, now: Callable[[], float], *, keep_events: bool = True) -> None:
        self._now = now
        self._keep_events = keep_events
        self._events = 0
        self.groups: dict[str, Group] = {}

    @property
    def now_ms(self) -> int:
        """The time in milliseconds since the epoch."""
        return int(self._now() * 1000)

    # --- groups and streams ---

    def create_group(
        self, name: str, tags: dict[str, str], kms_key: str | None
    ) -> None:
        """CreateLogGroup."""
        _check_name(name, "logGroupName", _GROUP_NAME, r"[\.\-_/#A-Za-z0-9]+")
        if name in self.groups:
            raise ServiceError(
                "ResourceAlreadyExistsException",
                "The specified log group already exists",
            )
        self.groups[name] = Group(self.now_ms, tags, kms_key)

    def create_stream(self, group: str, name: str) -> None:
        """CreateLogStream."""
        streams = self.group(group).streams
        _check_name(name, "logStreamName", _STREAM_NAME, "[^:*]*")
        if name in streams:
            raise ServiceError(
                "ResourceAlreadyExistsException",
                "The specified log stream already exists",
            )
        streams[name] = Stream(self.now_ms)

    def put_retention(self, group: str, days: object) -> None:
        """PutRetentionPolicy."""
        target = self.group(group)
        if not isinstance(days, int) or days not in _RETENTION_DAYS:
            allowed = ", ".join(map(str, sorted(_RETENTION_DAYS)))
            raise _invalid(
                f"1 validation error detected: Value '{days}' at 'retentionInDays' "
                f"failed to satisfy constraint: Member must satisfy enum value set: "
                f"[{allowed}]"
            )
        target.retention_days = days

    def group(self, name: str) -> Group:
        """Return a group, or the service's error for a missing one."""
        if name not in self.groups:
            raise ServiceError(
                "ResourceNotFoundException", "The specified log group does not exist."
            )
        return self.groups[name]

    def stream(self, group: str, name: str) -> Stream:
        """Return a stream, or the service's error for a missing one."""
        streams = self.group(group).streams
        if name not in streams:
            raise ServiceError(
                "ResourceNotFoundException", "The specified log stream does not exist."
            )
        return streams[name]

    # --- log events ---

    def put(self, request: PutRequest) -> dict[str, object]:
        """PutLogEvents: the batch is refused, or kept but for what the answer names."""
        _check_name(request.log_stream_name, "logStreamName", _STREAM_NAME, "[^:*]*")
        events = request.log_events
        _check_members(events)
        _check_sizes(events)
        if any(
            after.timestamp < before.timestamp for before, after in pairwise(events)
        ):
            raise _invalid(
                "Log events in a single PutLogEvents request must be in chronological "
                "order."
            )
        group = self.group(request.log_group_name)
        stream = self.stream(request.log_group_name, request.log_stream_name)
        start, stop, info = self._window(events, group.retention_days)
        valid = events[start:stop]
        if valid and valid[-1].timestamp - valid[0].timestamp > _DAY_MS:
            raise _invalid(
                "The batch of log events in a single PutLogEvents request cannot span "
                "more than 24 hours."
            )
        self._keep(request.log_stream_name, stream, valid)
        answer: dict[str, object] = {"nextSequenceToken": f"{self._events:056d}"}
        if info:
            answer["rejectedLogEventsInfo"] = info
        return answer

    def events(
        self, group: str, streams: list[str] | None, prefix: str | None
    ) -> list[StoredEvent]:
        """Return the events of a group's streams, by time and then by arrival."""
        found = [
            event
            for name, stream in self.group(group).streams.items()
            if (streams is None or name in streams) and name.startswith(prefix or "")
            for event in stream.events
        ]
        return sorted(found, key=lambda event: (event.timestamp, event.number))

    def describe_group(self, name: str) -> dict[str, object]:
        """Return one entry of DescribeLogGroups."""
        group = self.groups[name]
        entry: dict[str, object] = {
            "logGroupName": name,
            "creationTime": group.created_ms,
            "metricFilterCount": 0,
            "arn": f"{arn_of(name)}:*",
            "logGroupArn": arn_of(name),
            "storedBytes": 0,
            "logGroupClass": "STANDARD",
        }
        if group.retention_days is not None:
            entry["retentionInDays"] = group.retention_days
        if group.kms_key is not None:
            entry["kmsKeyId"] = group.kms_key
        return entry

    def _window(
        self, events: list[InputLogEvent], retention_days: int | None
    ) -> tuple[int, int, dict[str, int]]:
        """Return [start, stop) of the events to keep, and rejectedLogEventsInfo."""
        now = self.now_ms
        too_old = sum(event.timestamp < now - 14 * _DAY_MS for event in events)
        kept_ms = (retention_days or 36_500) * _DAY_MS
        expired = sum(event.timestamp < now - kept_ms for event in events)
        too_new = sum(event.timestamp > now + _FUTURE_MS for event in events)
        stop = len(events) - too_new
        info: dict[str, int] = {}
        if too_new:
            info["tooNewLogEventStartIndex"] = stop
        if too_old:
            info["tooOldLogEventEndIndex"] = too_old
        if expired:
            info["expiredLogEventEndIndex"] = expired
        return max(too_old, expired), stop, info

    def _keep(self, name: str, stream: Stream, events: list[InputLogEvent]) -> None:
        stream.puts += 1
        stream.accepted += len(events)
        if self._keep_events:
            now = self.now_ms
            stream.events += [
                StoredEvent(event.timestamp, event.message, now, name, self._events + i)
                for i, event in enumerate(events)
            ]
        self._events += len(events)


def arn_of(group: str) -> str:
    """Return a log group's ARN, without the trailing ``:*``."""
    return f"arn:aws:logs:eu-west-1:{_ACCOUNT}:log-group:{group}"


def _invalid(text: str) -> ServiceError:
    return ServiceError("InvalidParameterException", text)


def _violation(value: str, member: str, constraint: str) -> ServiceError:
    return _invalid(
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy "
        f"constraint: {constraint}"
    )


def _check_name(name: str, member: str, allowed: re.Pattern[str], shown: str) -> None:
    if not 1 <= len(name) <= 512:
        bound = "less than or equal to 512" if name else "greater than or equal to 1"
        raise _violation(name, member, f"Member must have length {bound}")
    if not allowed.fullmatch(name):
        raise _violation(
            name, member, f"Member must satisfy regular expression pattern: {shown}"
        )


def _check_members(events: list[InputLogEvent]) -> None:
    if not 1 <= len(events) <= 10_000:
        bound = (
            "less than or equal to 10000" if events else "greater than or equal to 1"
        )
        raise _violation("[]", "logEvents", f"Member must have length {bound}")
    for position, event in enumerate(events, start=1):
        if not event.message:
            raise _violation(
                "",
                f"logEvents.{position}.member.message",
                "Member must have length greater than or equal to 1",
            )
        if event.timestamp < 0:
            raise _violation(
                str(event.timestamp),
                f"logEvents.{position}.member.timestamp",
                "Member must have value greater than or equal to 0",
            )


def _check_sizes(events: list[InputLogEvent]) -> None:
    total = 0
    for event in events:
        text = event.message
        size = (len(text) if text.isascii() else len(text.encode())) + 26
        if size > _MAX_BYTES:
            raise _invalid(
                f"Log event too large: {size} bytes exceeds limit of {_MAX_BYTES}"
            )
        total += size
    if total > _MAX_BYTES:
        raise _invalid(f"Upload too large: {total} bytes exceeds limit of {_MAX_BYTES}")
