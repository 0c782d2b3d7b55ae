"""Where the records of a log file begin and end, told from its brackets alone.

The slow way to split a file, for the few that msgspec refuses as a whole because of
what *one* record holds: half of a surrogate pair, thousands of nested arrays, a
malformed number. Only brackets and strings are looked at; whether each record is sound
JSON is for its own decoding to say. Nothing recurses, and no regular expression
backtracks.
"""

import re
from collections.abc import Generator, Iterator
from typing import Final

from relay.errors import Reason, RejectedError

Span = tuple[int, int]
"""Offsets of a JSON value's first byte and of the byte behind its last."""

_SPACE: Final = re.compile(rb"[ \t\r\n]*+")
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR: Final = re.compile(rb"[-+.0-9A-Za-z]++")
_TO_BRACKET: Final = re.compile(
    rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+([{}\[\]])', re.DOTALL
)

_MAX_BRACKETS: Final = 2**24
"""In one file. A gigabyte of real records has some ten million, and more than these
would keep a thread busy for longer than a quarter of a minute."""
_SHALLOW_LEVELS: Final = 8


def _shallow(levels: int) -> bytes:
    """Return an expression for what stands between the brackets of a container."""
    inner = rb"|[{\[]" + _shallow(levels - 1) + rb"[}\]]" if levels else b""
    return rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+"' + inner + rb")*+"


_CONTAINER: Final = re.compile(
    rb"[{\[]" + _shallow(_SHALLOW_LEVELS) + rb"[}\]]", re.DOTALL
)
"""An object or list that is nested as little as real records are: found in one go."""


def record_spans(data: bytes) -> Iterator[Span]:
    """Yield where each record of ``data`` is, whichever of the three forms it has.

    They are a list, ``{"Records": [...]}``, and an object without ``Records`` (or with
    null there), which is one record. ``data`` begins with a bracket. Raises
    RejectedError, maybe after some spans: BAD_JSON when the brackets do not add up,
    NOT_RECORDS when ``Records`` holds something else, TOO_MANY_RECORDS when there are
    more brackets than any real file has.
    """
    if data.count(b"[") + data.count(b"{") > _MAX_BRACKETS:
        raise RejectedError(
            f"more than {_MAX_BRACKETS} objects and lists",
            reason=Reason.TOO_MANY_RECORDS,
        )
    start = _skip_space(data, 0)
    if data[start : start + 1] == b"[":
        end = yield from _elements(data, start)
        _expect_end(data, end)
        return
    end, records = _find_records(data, start)
    _expect_end(data, end)
    if records is None:
        yield start, end
    else:
        yield from _elements(data, records)


def _find_records(data: bytes, start: int) -> tuple[int, int | None]:
    """Return the end of the object at ``start``, and where its ``Records`` list begins.

    The latter is None when there is none. As everywhere, the last of two members with
    the same name counts.
    """
    records = None
    end = _skip_space(data, start + 1)
    while data[end : end + 1] != b"}":
        name = _STRING.match(data, end)
        if name is None:
            raise _bad_json(f"a member's name is missing at byte {end}")
        colon = _skip_space(data, name.end())
        if data[colon : colon + 1] != b":":
            raise _bad_json(f"':' is missing at byte {colon}")
        value = _skip_space(data, colon + 1)
        if name[0] == b'"Records"':
            records = _list_start(data, value)
        end = _next_item(data, _value_end(data, value), closing=b"}")
    return end + 1, records


def _list_start(data: bytes, value: int) -> int | None:
    """Return ``value`` when a list begins there, None for null."""
    if data[value : value + 1] == b"[":
        return value
    if data[value : value + 4] == b"null":
        return None
    raise RejectedError("Records is no list", reason=Reason.NOT_RECORDS)


def _elements(data: bytes, start: int) -> Generator[Span, None, int]:
    """Yield the elements of the list at ``start``; return where it ends."""
    position = _skip_space(data, start + 1)
    while data[position : position + 1] != b"]":
        end = _value_end(data, position)
        yield position, end
        position = _next_item(data, end, closing=b"]")
    return position + 1


def _next_item(data: bytes, end: int, *, closing: bytes) -> int:
    """Return where the next item begins, or ``closing``, behind the one before."""
    position = _skip_space(data, end)
    found = data[position : position + 1]
    if found == closing:
        return position
    if found != b",":
        raise _bad_json(f"',' or {closing.decode()!r} is missing at byte {position}")
    following = _skip_space(data, position + 1)
    if data[following : following + 1] == closing:
        raise _bad_json(f"a value is missing at byte {following}")
    return following


def _value_end(data: bytes, start: int) -> int:
    """Return where the value at ``start`` ends."""
    if data[start : start + 1] in {b"{", b"["}:
        return _container_end(data, start)
    scalar = _STRING.match(data, start) or _SCALAR.match(data, start)
    if scalar is None:
        raise _bad_json(f"a value is missing at byte {start}")
    return scalar.end()


def _container_end(data: bytes, start: int) -> int:
    """Return where the object or list at ``start`` ends."""
    shallow = _CONTAINER.match(data, start)
    if shallow is not None:
        return shallow.end()
    depth, end = 1, start + 1
    while depth:
        bracket = _TO_BRACKET.match(data, end)
        if bracket is None:
            raise _bad_json(f"nothing closes what is opened at byte {start}")
        depth += 1 if bracket[1] in b"{[" else -1
        end = bracket.end()
    return end


def _skip_space(data: bytes, position: int) -> int:
    found = _SPACE.match(data, position)
    return found.end() if found else position


def _expect_end(data: bytes, end: int) -> None:
    position = _skip_space(data, end)
    if position != len(data):
        raise _bad_json(f"something follows the end at byte {position}")


def _bad_json(what: str) -> RejectedError:
    return RejectedError(f"not JSON: {what}", reason=Reason.BAD_JSON)
