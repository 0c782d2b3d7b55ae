"""Encode the body of PutLogEvents with msgspec, past botocore's own serializer.

botocore validates and copies every event into a dict and dumps that with ``json``; for
a batch of 1 MiB this is most of the call's CPU. Two of botocore's events let a client
do without: ``provide-client-params`` sees the call's arguments, where the events
are swapped for a placeholder, and ``before-call`` sees the request before it is signed,
where the body is put in, and gzipped if that is asked for. Length and signature are
computed after that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Protocol

import msgspec
from isal import igzip_lib

from relay.model import LogEvent

_BODY = "relay_put_log_events_body"
_PLACEHOLDER = [{"timestamp": 0, "message": "-"}]
"""Passes botocore's validation, if the client has it on, at no cost."""


_GZIP_LEVEL: Final = 1
"""Of isal's 0 to 3: records of real trails become a ninth, 1 MiB takes half a ms."""


@dataclass(frozen=True, slots=True)
class Gzipped:
    """Log events whose request body is to be gzipped."""

    events: Sequence[LogEvent]


@dataclass(frozen=True, slots=True)
class _Body:
    content: bytes
    is_gzip: bool


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
    # The texts become strings only now: each is read once more, and forgotten.
    wire = [
        _WireEvent(event.timestamp_ms, str(event.text, "utf-8")) for event in events
    ]
    return _encoder.encode(_PutLogEvents(group, stream, wire))


def install_fast_encoding(events: EventSystem) -> None:
    """Let the client that owns ``events`` (``client.meta.events``) take ``LogEvent``s.

    Afterwards ``put_log_events(logEvents=[LogEvent, ...])`` works and is fast, and so
    does ``logEvents=Gzipped([LogEvent, ...])``; a call with plain dicts is left alone.
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
    is_gzip = False
    if isinstance(events, Gzipped):
        is_gzip, events = True, events.events
    if not events or not isinstance(events[0], LogEvent):
        return None
    content = encode_put_log_events(
        params["logGroupName"], params["logStreamName"], events
    )
    if is_gzip:
        content = igzip_lib.compress(content, _GZIP_LEVEL, igzip_lib.COMP_GZIP)
    context[_BODY] = _Body(content, is_gzip)
    return {**params, "logEvents": _PLACEHOLDER}


def _replace_body(
    params: dict[str, Any],
    context: dict[str, Any],
    **_: Any,  # noqa: ANN401 - botocore passes more than is used
) -> None:
    body: _Body | None = context.pop(_BODY, None)
    if body is None:
        return
    # A file: bytes of this size aiohttp writes in one piece, and warns of it.
    params["body"] = BytesIO(body.content)
    if body.is_gzip:
        params["headers"]["Content-Encoding"] = "gzip"
