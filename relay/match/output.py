"""What ``relay match`` prints for other programs: events as they are, JSON, counts."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from relay.match.event_files import STDIN, Event
from relay.match.search import Found
from relay.match.text import file_name, visible_json
from relay.match.values import json_values
from relay.patterns import Explanation

Write = Callable[[bytes], object]

_decode_raw: Final = msgspec.json.Decoder(msgspec.Raw).decode
_encode: Final = msgspec.json.Encoder().encode


class RawOutput:
    """The bytes of each event as its file has them, or what the pattern extracts."""

    def __init__(
        self, write: Write, *, shows_name: bool, is_extracting: bool = False
    ) -> None:
        self._write = write
        self._shows_name = shows_name
        self._is_extracting = is_extracting

    def show(self, found: Found) -> None:
        """Print one line."""
        line = (
            visible_json(_encode(found.extracted).decode()).encode()
            if self._is_extracting
            else found.event.text
        )
        self._write(_prefix(found.path, self._shows_name) + line + b"\n")

    def end_file(self, path: Path, count: int) -> None:
        """Print nothing."""

    def end(self) -> None:
        """Print nothing."""


class CountOutput:
    """How many events of each file there are."""

    def __init__(self, write: Write, *, shows_name: bool, is_json: bool) -> None:
        self._write = write
        self._shows_name = shows_name
        self._is_json = is_json

    def show(self, found: Found) -> None:
        """Print nothing."""

    def end_file(self, path: Path, count: int) -> None:
        """Print the number of events that were shown."""
        if self._is_json:
            _write_json(self._write, {"file": file_name(path), "count": count})
            return
        self._write(_prefix(path, self._shows_name) + b"%d\n" % count)

    def end(self) -> None:
        """Print nothing."""


class JsonOutput:
    """A JSON object for each event, with its place and what the pattern says of it."""

    def __init__(self, write: Write, *, is_extracting: bool) -> None:
        self._write = write
        self._is_extracting = is_extracting

    def show(self, found: Found) -> None:
        """Print one object."""
        event = found.event
        shown: dict[str, Any] = {
            "file": file_name(found.path),
            event.unit.value: event.number,
            "event": _event(event),
        }
        if self._is_extracting:
            shown["extracted"] = found.extracted
        if found.explanation is not None:
            shown |= _explanation(found.explanation)
        _write_json(self._write, shown)

    def end_file(self, path: Path, count: int) -> None:
        """Print nothing."""

    def end(self) -> None:
        """Print nothing."""


def _prefix(path: Path, is_wanted: bool) -> bytes:
    if not is_wanted:
        return b""
    if path == STDIN:
        return file_name(path).encode() + b":"
    return os.fsencode(path) + b":"  # also when it is no UTF-8


def _event(event: Event) -> object:
    """Return a JSON event as it is, to the last digit, and any other one as a text."""
    text = event.text.decode(errors="replace")
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return _decode_raw(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _explanation(explanation: Explanation) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "matches": explanation.matches,
        "conditions": [
            {
                "condition": each.text,
                "position": each.position,
                "held": each.held,
                "seen": json_values(each.seen),
                **({"ignored": True} if each.is_ignored else {}),
            }
            for each in explanation.conditions
        ],
    }
    return shown | ({"reason": explanation.reason} if explanation.reason else {})


def _write_json(write: Write, document: dict[str, Any]) -> None:
    write(visible_json(_encode(document).decode()).encode() + b"\n")
