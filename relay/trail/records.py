"""Split a log file into records: each one's own text, time, id, and projected fields.

One bad record hurts nobody else: what msgspec refuses of a file or of a record is read
again the slow way, and a record that nothing can read still travels, without fields.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec

from relay.clock import parse_isoformat
from relay.errors import Reason, RejectedError
from relay.model import Record, RecordText
from relay.trail.brackets import record_spans
from relay.trail.projection import REFUSED, Projection

_MAX_ID_LENGTH: Final = 128  # a GUID has 36; ids are kept, so a longer one is no id
_MAX_TIME_LENGTH: Final = 64
_UTF8_CHUNK_BYTES: Final = 2**20
_UNCOUNTED_BYTES: Final = 10
"""Bytes for each permitted record up to which a file is split without counting first.

At worst it makes a list of five times as many texts as are permitted, of 64 bytes each
as long as they are views of the file: less than the permitted records take up anyway.
"""
_VIEW_BYTES: Final = 80
"""What a view of one record and its place in a list take up; the text is its file's."""
_FIRST: Final = re.compile(rb"[ \t\r\n]*+(.)", re.DOTALL)


Take = Callable[[Sequence[Record]], None]

PART_RECORDS: Final = 256
"""Records whose fields are in memory together: some 400 KB, which fit the cache."""


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


def split_records(
    data: bytes, projection: Projection, *, max_records: int, take: Take | None = None
) -> Split:
    """Return the records of a decompressed log file.

    Takes ``{"Records": [...]}``, a bare list and a single object. With ``take`` the
    records are handed to it in parts, with their fields, and returned without: the
    fields of a whole file would take more memory than the file. Raises RejectedError:
    BAD_JSON, NOT_RECORDS or TOO_MANY_RECORDS.
    """
    _limit_count(data, max_records)
    pieces = _pieces(data)
    if len(pieces) > max_records:
        raise _too_many(max_records)
    repaired = 0
    if not (data.isascii() or _is_utf8(data)):
        pieces, repaired = _repaired(pieces)
    if take is None:
        read, slow = _read(pieces, projection)
        return Split(records=read, slow=slow, repaired=repaired)
    records: list[Record] = []
    slow = 0
    for start in range(0, len(pieces), PART_RECORDS):
        part, slow_here = _read(pieces[start : start + PART_RECORDS], projection)
        take(part)
        slow += slow_here
        records += [
            Record(each.text, each.size_bytes, each.time, each.event_id, None)
            for each in part
        ]
    return Split(records=records, slow=slow, repaired=repaired)


def _read(
    pieces: Iterable[RecordText], projection: Projection
) -> tuple[list[Record], int]:
    """Return the records of ``pieces``, and how many were read the slow way."""
    decode, read_identity = projection.decode, projection.read_identity
    records: list[Record] = []
    slow = 0
    for piece in pieces:
        try:
            fields = decode(piece)
        except REFUSED:
            fields = projection.decode_leniently(str(piece, "utf-8"))
            slow += 1
        time = event_id = None
        if fields is not None:
            time, event_id, other_time, other_id = read_identity(fields)
            if type(time) is not str:
                time = other_time
            if type(event_id) is not str:
                event_id = other_id
        size = memoryview(piece).nbytes
        records.append(Record(piece, size, _time(time), _id(event_id), fields))
    return records, slow


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
    if len(data) < _UNCOUNTED_BYTES * max_records:
        return
    most = data.count(b",") + 1
    # Where there are few commas, as between long records, a list of all that there can
    # be is less than twice the file: then it costs less to make it than to count.
    if most <= max_records or most * _VIEW_BYTES <= 2 * len(data):
        return
    for count, _ in enumerate(record_spans(data), start=1):
        if count > max_records:
            raise _too_many(max_records)


def _too_many(max_records: int) -> RejectedError:
    return RejectedError(
        f"more than {max_records} records", reason=Reason.TOO_MANY_RECORDS
    )


def _pieces(data: bytes) -> Sequence[RecordText]:
    """Return the text of each record."""
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


def _is_utf8(text: RecordText) -> bool:
    """Tell whether ``text`` is UTF-8, without making a string of all of it at once."""
    view = memoryview(text)
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        for start in range(0, view.nbytes, _UTF8_CHUNK_BYTES):
            decode(view[start : start + _UTF8_CHUNK_BYTES])
        decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _repaired(pieces: Iterable[RecordText]) -> tuple[list[RecordText], int]:
    """Return the pieces as UTF-8, and how many had to be repaired for that."""
    texts: list[RecordText] = []
    repaired = 0
    for piece in pieces:
        if _is_utf8(piece):
            texts.append(piece)
        else:
            texts.append(str(piece, "utf-8", "replace").encode())
            repaired += 1
    return texts, repaired


def _time(text: object) -> float | None:
    if type(text) is not str or len(text) > _MAX_TIME_LENGTH:
        return None
    return parse_event_time(text)


def _id(text: object) -> str | None:
    if type(text) is not str or len(text) > _MAX_ID_LENGTH:
        return None
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
