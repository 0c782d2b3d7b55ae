"""Make a record that is too large for a log event fit into one, as valid JSON.

The largest members of the record are replaced, the largest first, each by

    {"relayOmitted": {"bytes": 1200345, "sha256": "..."}}

(both of the member's JSON as it was), and the record gets one member more:

    "relayShrunk": {"bucket": "...", "key": "...", "etag": "...",
                    "bytes": 1203112, "sha256": "...",
                    "omitted": ["$.requestParameters.policyDocument"]}

It says in which object the whole record is, the size and the SHA-256 of its text there,
and by selectors what was replaced. What the record's time and id are read from stays,
and so do all fields that some rule or route reads. Only when that leaves no way to make
it fit, fields that rules read are replaced as well. A record of very many small members
is left with what is read of it: then "omitted" begins with "$.*". What cannot be read
as a JSON object becomes a small one, with the beginning of its text:

    {"eventID": "...", "eventTime": "...", "relayShrunk": {..., "beginning": "..."}}
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import msgspec

from relay.clock import isoformat
from relay.logs.limits import MAX_MESSAGE_BYTES
from relay.logs.members import Kept, kept_by, shrink_object
from relay.model import LogObject, Record, RecordText
from relay.patterns import MISSING
from relay.telemetry import Telemetry
from relay.trail.projection import Projection

_NOTE: Final = "relayShrunk"
_OMITTED_BYTES: Final = 40 * 1024
"""Room for the selectors in the note: 32 of 200 characters, were all of it escapes."""
_BEGINNING_BYTES: Final = 8 * 1024
_ALL_OTHERS: Final = "$.*"
_UNWRITABLE: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)

_encode = msgspec.json.encode


class Shrinker:
    """Shrinks records that one projection decoded; may be used by several threads."""

    def __init__(self, projection: Projection, telemetry: Telemetry) -> None:
        self._read = kept_by(projection.type)
        self._identity = kept_by(Projection(()).type) or {}
        self._telemetry = telemetry

    def shrink(self, source: LogObject, record: Record) -> bytes:
        """Return what stands for ``record``, of ``source``, in a log event.

        It has at most MAX_MESSAGE_BYTES. Its time and memory are a few times what
        decoding the record took: this is work for a thread.
        """
        self._telemetry.log_events_shrunk.inc()
        note = _note(source, record)
        room_bytes = MAX_MESSAGE_BYTES - len(_encode(note)) - _OMITTED_BYTES
        for text, kept, lacking in self._attempts(record):
            found = shrink_object(text, kept, most_bytes=room_bytes)
            if found is not None:
                members, omitted = found
                return _encode(
                    {**members, _NOTE: note | {"omitted": lacking + omitted}}
                )
        return _stand_in(record, note)

    def _attempts(self, record: Record) -> Iterator[tuple[RecordText, Kept, list[str]]]:
        """Yield what to shrink, what of it to keep, what it lacks; the best first."""
        if self._read is not None:
            yield record.text, self._read, []
        yield record.text, self._identity, []
        if isinstance(record.fields, msgspec.Struct):
            try:
                text = _encode(_read_members(record.fields))
            except _UNWRITABLE:
                return
            yield text, self._identity, [_ALL_OTHERS]


def _note(source: LogObject, record: Record) -> dict[str, object]:
    return {
        "bucket": source.bucket,
        "key": source.key,
        "etag": source.etag,
        "bytes": record.size_bytes,
        "sha256": sha256(record.text).hexdigest(),
    }


def _read_members(fields: object) -> object:
    """Return what a projection decoded as it was in the record: what rules read."""
    if not isinstance(fields, msgspec.Struct):
        return fields
    found = {
        each.encode_name: getattr(fields, each.name)
        for each in msgspec.structs.fields(fields)
    }
    read = {
        name: _read_members(value)
        for name, value in found.items()
        if value is not MISSING
    }
    # Of an object without any of its members nothing was read.
    return {name: value for name, value in read.items() if value != {}}


def _stand_in(record: Record, note: dict[str, object]) -> bytes:
    beginning = bytes(memoryview(record.text)[:_BEGINNING_BYTES])
    identity: dict[str, object] = {}
    if record.event_id is not None:
        identity["eventID"] = record.event_id
    if record.time is not None:
        identity["eventTime"] = isoformat(record.time)
    # A character may be cut in two at the end.
    return _encode(
        identity
        | {
            _NOTE: note
            | {"omitted": [_ALL_OTHERS], "beginning": beginning.decode(errors="ignore")}
        }
    )
