"""Split a log file into records: each one's own text, time, id, and projected fields.

One bad record hurts nobody else: what msgspec refuses of a file or of a record is read
again the slow way, and a record that nothing can read still travels, without fields.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec

from relay.clock import parse_isoformat
from relay.errors import Reason, RejectedError
from relay.model import Record
from relay.trail.brackets import record_spans
from relay.trail.projection import (
    AGGREGATED_ID,
    AGGREGATED_TIME,
    EVENT_ID,
    EVENT_TIME,
    REFUSED,
    Projection,
)

_MAX_ID_LENGTH: Final = 128  # a GUID has 36; ids are kept, so a longer one is no id
_MAX_TIME_LENGTH: Final = 64
_UNCOUNTED_BYTES: Final = 10
"""Bytes for each permitted record up to which a file is split without counting first.

At worst it makes a list of five times as many texts as are permitted, of 64 bytes each
as long as they are views of the file: less than the permitted records take up anyway.
"""
_FIRST: Final = re.compile(rb"[ \t\r\n]*+(.)", re.DOTALL)


class _Wrapped(msgspec.Struct):
    """``{"Records": [...]}``; without ``Records`` it is a record itself."""

    records: list[msgspec.Raw] | None = msgspec.field(name="Records", default=None)


_decode_wrapped = msgspec.json.Decoder(_Wrapped).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The records of one file in file order, and how many were out of the ordinary.

    ``slow`` of them had to be read the slow way; those that nothing could read have
    None for ``fields``, time and id. In ``repaired`` of them bytes that are no UTF-8
    were replaced with U+FFFD.
    """

    records: list[Record]
    slow: int = 0
    repaired: int = 0


def split_records(data: bytes, projection: Projection, *, max_records: int) -> Split:
    """Return the records of a decompressed log file.

    Takes ``{"Records": [...]}``, a bare list and a single object. Raises RejectedError:
    BAD_JSON, NOT_RECORDS or TOO_MANY_RECORDS.
    """
    _limit_count(data, max_records)
    pieces = _pieces(data)
    if len(pieces) > max_records:
        raise _too_many(max_records)
    time_of, id_of = _time_reader(projection), _id_reader(projection)
    decode = projection.decode
    records: list[Record] = []
    slow = repaired = 0
    for piece in pieces:
        try:
            message = str(piece, "utf-8")
        except UnicodeDecodeError:
            message = str(piece, "utf-8", "replace")
            repaired += 1
        try:
            fields = decode(piece)
        except REFUSED:
            fields = projection.decode_leniently(message)
            slow += 1
        size = len(message) if message.isascii() else len(message.encode())
        records.append(Record(message, size, time_of(fields), id_of(fields), fields))
    return Split(records=records, slow=slow, repaired=repaired)


@lru_cache(maxsize=4096)
def parse_event_time(text: str) -> float | None:
    """Return the epoch seconds of an ISO 8601 time, None when ``text`` is none.

    Remembers the latest: a file's records share few times.
    """
    try:
        return parse_isoformat(text)
    except (ValueError, OverflowError):
        return None


def _limit_count(data: bytes, max_records: int) -> None:
    """Raise TOO_MANY_RECORDS before a list of all records takes up memory."""
    # A record has at least one byte, and a comma behind all but the last.
    if len(data) < _UNCOUNTED_BYTES * max_records or data.count(b",") < max_records:
        return
    for count, _ in enumerate(record_spans(data), start=1):
        if count > max_records:
            raise _too_many(max_records)


def _too_many(max_records: int) -> RejectedError:
    return RejectedError(
        f"more than {max_records} records", reason=Reason.TOO_MANY_RECORDS
    )


def _pieces(data: bytes) -> Sequence[bytes]:
    """Return the bytes of each record."""
    first = _FIRST.match(data)
    opening = first[1] if first else b""
    try:
        if opening == b"[":
            return _decode_list(data)
        if opening == b"{":
            records = _decode_wrapped(data).records
            return [data.strip()] if records is None else records
        found = type(msgspec.json.decode(data)).__name__
    except REFUSED as exc:
        if opening in {b"{", b"["}:
            return [data[start:end] for start, end in record_spans(data)]
        raise RejectedError(f"not JSON: {exc}", reason=Reason.BAD_JSON) from exc
    raise RejectedError(
        f"neither an object nor a list but {found}", reason=Reason.NOT_RECORDS
    )


def _time_reader(projection: Projection) -> Callable[[object | None], float | None]:
    get_time = projection.getter(EVENT_TIME)
    get_aggregated_time = projection.getter(AGGREGATED_TIME)

    def time_of(fields: object | None) -> float | None:
        if fields is None:
            return None
        text = get_time(fields)
        if type(text) is not str:
            text = get_aggregated_time(fields)
        if type(text) is not str or len(text) > _MAX_TIME_LENGTH:
            return None
        return parse_event_time(text)

    return time_of


def _id_reader(projection: Projection) -> Callable[[object | None], str | None]:
    get_id = projection.getter(EVENT_ID)
    get_aggregated_id = projection.getter(AGGREGATED_ID)

    def id_of(fields: object | None) -> str | None:
        if fields is None:
            return None
        text = get_id(fields)
        if type(text) is not str:
            text = get_aggregated_id(fields)
        if type(text) is not str or len(text) > _MAX_ID_LENGTH:
            return None
        return text if text.isascii() else text.encode("utf-8", "replace").decode()

    return id_of
