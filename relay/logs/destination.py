"""Decide where each record of a log file goes, and with which timestamp."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from relay.config.logs_section import LogRoute, Logs
from relay.logs.limits import (
    MAX_MESSAGE_BYTES,
    MAX_STREAM_NAME_CHARACTERS,
    STREAM_NAME_REFUSES,
)
from relay.model import Destination, LogEvent, LogFile, LogFileKey, Record

_FIELD = re.compile(r"\{(account|region|organization|kind)\}")
_REPLACE_REFUSED = str.maketrans(dict.fromkeys(STREAM_NAME_REFUSES, "_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlan:
    """One log file's events by destination, in file order; ``dropped`` by a route."""

    events: dict[Destination, list[LogEvent]]
    dropped: int


def plan(
    log_file: LogFile,
    routes: Callable[[Record], int | None],
    logs: Logs,
    *,
    delivery_time: float,
    arrival_time: float,
    shrink: Callable[[Record], bytes] | None = None,
) -> LogPlan:
    """Turn the records of ``log_file`` into log events, by destination.

    ``routes`` returns the index in ``logs.routes`` of the first route that a record
    matches, None for none. ``delivery_time`` is the object's LastModified,
    ``arrival_time`` when its message came; ``logs.timestamp`` chooses between them and
    the record's own time, for which the delivery time stands in where there is none.
    ``shrink`` returns a text that fits for a record that is too large for a log event;
    without it such a record stays as it is, and is rejected when it is written.
    """
    fixed_ms = (
        None
        if logs.timestamp == "event_time"
        else _milliseconds(
            arrival_time if logs.timestamp == "arrival" else delivery_time
        )
    )
    delivery_ms = _milliseconds(delivery_time)
    events: dict[Destination, list[LogEvent]] = {}
    dropped: list[LogEvent] = []
    by_route: dict[int | None, list[LogEvent]] = {}
    for record in log_file.records:
        index = routes(record) if logs.routes else None
        if index not in by_route:
            route = None if index is None else logs.routes[index]
            # Two routes may lead to one destination: they share its list.
            by_route[index] = (
                dropped
                if route is not None and route.drop
                else events.setdefault(_destination(route, log_file.key, logs), [])
            )
        timestamp_ms = fixed_ms
        if timestamp_ms is None:
            timestamp_ms = (
                delivery_ms if record.time is None else _milliseconds(record.time)
            )
        text, size_bytes = record.text, record.size_bytes
        if size_bytes > MAX_MESSAGE_BYTES and shrink and by_route[index] is not dropped:
            text = shrink(record)
            size_bytes = len(text)
        by_route[index].append(LogEvent(timestamp_ms, text, size_bytes))
    return LogPlan(events=events, dropped=len(dropped))


def stream_name(template: str, key: LogFileKey) -> str:
    """Fill ``template``'s {account}, {region}, {organization} and {kind} from ``key``.

    A value that is unknown is empty. What CloudWatch Logs refuses in a name becomes
    ``_``, and so does an empty name; a long one is cut at 512 characters.
    """
    values = {
        "account": key.account,
        "region": key.region,
        "organization": key.organization or "",
        "kind": key.kind.value,
    }
    name = _FIELD.sub(lambda field: values[field[1]], template)
    return name.translate(_REPLACE_REFUSED)[:MAX_STREAM_NAME_CHARACTERS] or "_"


def _destination(route: LogRoute | None, key: LogFileKey, logs: Logs) -> Destination:
    group, template = logs.group, logs.stream
    if route is not None:
        group, template = route.group or group, route.stream or template
    return Destination(group=group, stream=stream_name(template, key))


def _milliseconds(at: float) -> int:
    """Return ``at`` as PutLogEvents takes it; it takes no time before 1970."""
    return max(0, round(at * 1000))
