"""Encode the body of PutLogEvents with msgspec, past botocore's own serializer.

botocore validates and copies every event into a dict and dumps that with ``json``; for
a batch of 1 MiB this is most of the call's CPU. Two of botocore's events let a client
do without: ``provide-client-params`` sees the call's arguments, where the events
are swapped for a placeholder, and ``before-call`` sees the request before it is signed,
where the body is put in. Length and signature are computed after that.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, Protocol

import msgspec

from relay.model import LogEvent

_BODY = "relay_put_log_events_body"
_PLACEHOLDER = [{"timestamp": 0, "message": "-"}]
"""Passes botocore's validation, if the client has it on, at no cost."""


class _WireEvent(msgspec.Struct, gc=False):
    timestamp: int
    message: str


class _PutLogEvents(msgspec.Struct):
    log_group_name: str = msgspec.field(name="logGroupName")
    log_stream_name: str = msgspec.field(name="logStreamName")
    log_events: list[_WireEvent] = msgspec.field(name="logEvents")


_encoder = msgspec.json.Encoder()


class EventSystem(Protocol):
    """The part of botocore's hierarchical emitter that is used here."""

    def register(
        self, event_name: str, handler: object, unique_id: str | None = None
    ) -> None:
        """Call ``handler`` on ``event_name``; the same id registers only once."""
        ...


def encode_put_log_events(group: str, stream: str, events: Sequence[LogEvent]) -> bytes:
    """Return the JSON body of one PutLogEvents call."""
    wire = [_WireEvent(event.timestamp_ms, event.message) for event in events]
    return _encoder.encode(_PutLogEvents(group, stream, wire))


def install_fast_encoding(events: EventSystem) -> None:
    """Let the client that owns ``events`` (``client.meta.events``) take ``LogEvent``s.

    Afterwards ``put_log_events(logEvents=[LogEvent, ...])`` works and is fast; a call
    with plain dicts is left alone.
    """
    for name, handler in (
        ("provide-client-params.logs.PutLogEvents", _swap_events),
        ("before-call.logs.PutLogEvents", _replace_body),
    ):
        events.register(name, handler, unique_id=f"relay-{name}")


def _swap_events(
    params: Mapping[str, Any],
    context: dict[str, Any],
    **_: Any,  # noqa: ANN401 - botocore passes more than is used
) -> dict[str, Any] | None:
    events = params.get("logEvents")
    if not events or not isinstance(events[0], LogEvent):
        return None
    context[_BODY] = encode_put_log_events(
        params["logGroupName"], params["logStreamName"], events
    )
    return {**params, "logEvents": _PLACEHOLDER}


def _replace_body(
    params: dict[str, Any],
    context: dict[str, Any],
    **_: Any,  # noqa: ANN401 - botocore passes more than is used
) -> None:
    body = context.pop(_BODY, None)
    if body is not None:
        # A file: bytes of this size aiohttp writes in one piece, and warns of it.
        params["body"] = BytesIO(body)
