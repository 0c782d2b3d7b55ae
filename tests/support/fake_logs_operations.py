"""The fake's operations: arguments as AWS's JSON in, its answers out; paging."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from tests.support.fake_logs_store import (
    LogsStore,
    PutRequest,
    ServiceError,
    StoredEvent,
    arn_of,
)

_MAX_PAGE = 10_000
_PAGED = frozenset({"limit", "nextToken"})
_PERIOD = frozenset({"startTime", "endTime"})
_GROUP = frozenset({"logGroupName"})
_STREAM = frozenset({"logGroupName", "logStreamName"})

_put_decoder = msgspec.json.Decoder(PutRequest)


@dataclass(frozen=True, slots=True)
class _Operation:
    run: Callable[[dict[str, Any]], dict[str, object]]
    required: frozenset[str]
    optional: frozenset[str] = frozenset()


class Operations:
    """All operations but PutLogEvents, by their AWS names."""

    def __init__(self, store: LogsStore) -> None:
        self.store = store
        self._operations = {
            "CreateLogGroup": _Operation(
                self._create_group, _GROUP, frozenset({"tags", "kmsKeyId"})
            ),
            "CreateLogStream": _Operation(self._create_stream, _STREAM),
            "PutRetentionPolicy": _Operation(
                self._put_retention, _GROUP | {"retentionInDays"}
            ),
            "ListTagsForResource": _Operation(
                self._list_tags, frozenset({"resourceArn"})
            ),
            "DescribeLogGroups": _Operation(
                self._describe_groups, frozenset(), _PAGED | {"logGroupNamePrefix"}
            ),
            "DescribeLogStreams": _Operation(
                self._describe_streams, _GROUP, _PAGED | {"logStreamNamePrefix"}
            ),
            "GetLogEvents": _Operation(
                self._get_events, _STREAM, _PAGED | _PERIOD | {"startFromHead"}
            ),
            "FilterLogEvents": _Operation(
                self._filter_events,
                _GROUP,
                _PAGED | _PERIOD | {"logStreamNames", "logStreamNamePrefix"},
            ),
        }

    def perform(self, name: str, given: dict[str, Any]) -> dict[str, object]:
        """Carry out one operation; raises ServiceError, also for what is not known."""
        operation = self._operations.get(name)
        if operation is None:
            raise ServiceError("UnknownOperationException", name)
        missing = operation.required - set(given)
        unknown = set(given) - operation.required - operation.optional
        if missing or unknown:
            raise ServiceError(
                "InvalidParameterException",
                f"members missing: {sorted(missing)}; not known: {sorted(unknown)}",
            )
        return operation.run(given)

    def _create_group(self, given: dict[str, Any]) -> dict[str, object]:
        self.store.create_group(
            given["logGroupName"], given.get("tags", {}), given.get("kmsKeyId")
        )
        return {}

    def _create_stream(self, given: dict[str, Any]) -> dict[str, object]:
        self.store.create_stream(given["logGroupName"], given["logStreamName"])
        return {}

    def _put_retention(self, given: dict[str, Any]) -> dict[str, object]:
        self.store.put_retention(given["logGroupName"], given["retentionInDays"])
        return {}

    def _list_tags(self, given: dict[str, Any]) -> dict[str, object]:
        for name, group in self.store.groups.items():
            if arn_of(name) == given["resourceArn"]:
                return {"tags": group.tags}
        raise ServiceError(
            "ResourceNotFoundException", "The specified resource does not exist."
        )

    def _describe_groups(self, given: dict[str, Any]) -> dict[str, object]:
        prefix = given.get("logGroupNamePrefix", "")
        names = sorted(n for n in self.store.groups if n.startswith(prefix))
        page, token = _page(names, given, default=50)
        groups = [self.store.describe_group(name) for name in page]
        return {"logGroups": groups, **({"nextToken": token} if token else {})}

    def _describe_streams(self, given: dict[str, Any]) -> dict[str, object]:
        group = self.store.group(given["logGroupName"])
        prefix = given.get("logStreamNamePrefix", "")
        names = sorted(name for name in group.streams if name.startswith(prefix))
        page, token = _page(names, given, default=50)
        streams = [
            {
                "logStreamName": name,
                "creationTime": group.streams[name].created_ms,
                "arn": f"{arn_of(given['logGroupName'])}:log-stream:{name}",
                "storedBytes": 0,
            }
            for name in page
        ]
        return {"logStreams": streams, **({"nextToken": token} if token else {})}

    def _get_events(self, given: dict[str, Any]) -> dict[str, object]:
        name = given["logStreamName"]
        self.store.stream(given["logGroupName"], name)
        found = _between(self.store.events(given["logGroupName"], [name], None), given)
        limit = given.get("limit", _MAX_PAGE)
        token = given.get("nextToken")
        if token is None:
            start = 0 if given.get("startFromHead") else max(0, len(found) - limit)
        else:
            start = _offset(token[2:])
            if token.startswith("b/"):
                start, limit = max(0, start - limit), min(limit, start)
        page = found[start : start + limit]
        return {
            "events": [_output(event) for event in page],
            "nextForwardToken": f"f/{start + len(page)}",
            "nextBackwardToken": f"b/{start}",
        }

    def _filter_events(self, given: dict[str, Any]) -> dict[str, object]:
        found = self.store.events(
            given["logGroupName"],
            given.get("logStreamNames"),
            given.get("logStreamNamePrefix"),
        )
        page, token = _page(_between(found, given), given, default=_MAX_PAGE)
        events = [
            _output(event)
            | {"logStreamName": event.stream, "eventId": f"{event.number:056d}"}
            for event in page
        ]
        answer: dict[str, object] = {"events": events, "searchedLogStreams": []}
        return answer | ({"nextToken": token} if token else {})


def decode(operation: str, body: bytes) -> PutRequest | dict[str, Any]:
    """Return the arguments in ``body``; raises ServiceError when it is not JSON."""
    try:
        if operation == "PutLogEvents":
            return _put_decoder.decode(body)
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ServiceError("SerializationException", str(error)) from error


def _know_only(given: dict[str, Any], *members: str) -> None:
    unknown = set(given) - set(members)
    if unknown:
        raise ServiceError(
            "InvalidParameterException", f"the fake does not know {sorted(unknown)}"
        )


def _page(
    items: list[Any], given: dict[str, Any], *, default: int
) -> tuple[list[Any], str | None]:
    start = _offset(given.get("nextToken", "0"))
    stop = start + given.get("limit", default)
    return items[start:stop], str(stop) if stop < len(items) else None


def _offset(token: str) -> int:
    if not token.isdecimal():
        raise ServiceError(
            "InvalidParameterException", "The specified nextToken is invalid."
        )
    return int(token)


def _between(events: list[StoredEvent], given: dict[str, Any]) -> list[StoredEvent]:
    start, end = given.get("startTime", 0), given.get("endTime", sys.maxsize)
    return [event for event in events if start <= event.timestamp < end]


def _output(event: StoredEvent) -> dict[str, object]:
    return {
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingestion_time,
    }
