"""The events in files as users have them: CloudTrail's, JSON lines, plain text.

A file that is one JSON document holds the members of its ``Records``, the elements of
its array, or itself as the single event. Any other file holds an event on each line.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedReader, BytesIO, RawIOBase
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec
from isal import igzip, igzip_lib

STDIN: Final = Path("-")
MAX_BYTES: Final = 1 << 30
"""How long a line or a JSON document may be: what the daemon takes by default, too."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
# isal's own annotation says that this is an instance.
_GzipError: Final = cast(type[Exception], igzip_lib.IsalError)
_JSON_SUFFIXES: Final = (".json", ".json.gz")


class UnreadableError(Exception):
    """A file's events cannot be read; the text names the file, and the line."""


class Unit(StrEnum):
    """What the events of a file are counted in."""

    RECORD = "record"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its text without line ends, and its place in the file, from 1."""

    text: bytes
    number: int
    unit: Unit


class _LogFile(msgspec.Struct):
    records: list[msgspec.Raw] = msgspec.field(name="Records")


_decode_log_file: Final = msgspec.json.Decoder(_LogFile).decode
_decode_array: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_raw: Final = msgspec.json.Decoder(msgspec.Raw).decode


_OFFSET: Final = re.compile(r"\(byte (\d+)\)")
_SURROGATE: Final = re.compile(
    rb"""
    \\ (?: u[dD][89abAB]..\\u[dD][c-fC-F]..   # a whole pair
       | (?P<half> u[dD][89a-fA-F].. )
       | .                                     # any other escape
       )
    """,
    re.VERBOSE | re.DOTALL,
)


def find_files(
    paths: Iterable[Path], on_error: Callable[[OSError], None]
) -> Iterator[Path]:
    """Yield each file of ``paths``, and for a folder all files in it, in name order.

    A path that does not exist is yielded too: reading it says so. A folder that cannot
    be listed is given to ``on_error``. Pipes and devices in folders are passed over.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, subfolders, names in os.walk(path, onerror=on_error):
            subfolders.sort()
            files = (Path(folder, name) for name in sorted(names))
            yield from (file for file in files if file.is_file() or not file.exists())


def read_events(path: Path, *, max_bytes: int = MAX_BYTES) -> Iterator[Event]:
    """Yield each event in the file at ``path``.

    ``-`` is standard input. Gzip is told by its first bytes, whatever the name. Lines
    are read one by one, a JSON document as a whole. Raises UnreadableError when the
    file cannot be read, is broken gzip, is named as JSON and is none, or holds a line
    or document of more than ``max_bytes``.
    """
    try:
        with _open(path) as stream:
            yield from _read_stream(stream, path, max_bytes)
    except OSError as exc:
        raise UnreadableError(f"{path}: {exc.strerror or exc}") from exc
    except (EOFError, _GzipError) as exc:
        raise UnreadableError(f"{path}: broken gzip: {exc}") from exc


@contextmanager
def _open(path: Path) -> Iterator[BufferedReader]:
    if path != STDIN:
        with path.open("rb") as stream:
            yield stream
        return
    # The unbuffered one, if there is one: it gives a slow writer's line when it comes.
    raw = getattr(cast(object, sys.stdin.buffer), "raw", sys.stdin.buffer)
    stdin = cast(BufferedReader, BufferedReader(cast(RawIOBase, raw)))
    try:
        yield stdin
    finally:
        stdin.detach()  # it is not ours to close


def _read_stream(stream: BufferedReader, path: Path, max_bytes: int) -> Iterator[Event]:
    if not stream.peek(2).startswith(_GZIP_MAGIC):
        yield from _Reader(stream, path, max_bytes).events()
        return
    # isal ships no types for its file objects.
    unzip = cast(Callable[[BinaryIO], BinaryIO], igzip.open)
    with unzip(stream) as unzipped:
        yield from _Reader(unzipped, path, max_bytes).events()


class _Reader:
    """Tells a document from lines while reading as little as possible."""

    def __init__(self, stream: BinaryIO, path: Path, max_bytes: int) -> None:
        self._stream = stream
        self._path = path
        self._max_bytes = max_bytes

    def events(self) -> Iterator[Event]:
        lines = iter(self._line, b"")
        number, first = _next_line(lines, 1)
        first = first.removeprefix(_BYTE_ORDER_MARK)
        if not first.lstrip().startswith((b"{", b"[")):
            return _one_a_line(chain([first], lines), number)
        records = _parse_document(first)
        if records is None:
            return self._document(first, number)
        next_number, second = _next_line(lines, number + 1)
        if not second:
            return _records(records)
        rest = _one_a_line(chain([second], lines), next_number)
        return chain(_one_a_line([first], number), rest)

    def _document(self, first: bytes, number: int) -> Iterator[Event]:
        """Return the events of the line ``first``, at ``number``, and all behind it."""
        rest = self._stream.read(self._max_bytes + 1 - len(first))
        document = self._limited(first + rest)
        records = _parse_document(document)
        if records is not None:
            return _records(records)
        _refuse_broken_document(document, self._path, number)
        return _one_a_line(BytesIO(document), number)

    def _line(self) -> bytes:
        return self._limited(self._stream.readline(self._max_bytes + 1))

    def _limited(self, data: bytes) -> bytes:
        if len(data) > self._max_bytes:
            limit = f"{self._max_bytes} bytes"
            raise UnreadableError(
                f"{self._path}: a line or document is longer than {limit}"
            )
        return data


def _next_line(lines: Iterator[bytes], number: int) -> tuple[int, bytes]:
    """Return the first line that is not blank, if any; ``number`` is the next one's."""
    for line in lines:
        if line.strip():
            return number, line
        number += 1
    return number, b""


def _one_a_line(lines: Iterable[bytes], number: int) -> Iterator[Event]:
    for line_number, line in enumerate(lines, start=number):
        if line.strip():
            yield Event(line.rstrip(b"\r\n"), line_number, Unit.LINE)


def _records(texts: Iterable[bytes]) -> Iterator[Event]:
    for number, text in enumerate(texts, start=1):
        yield Event(text, number, Unit.RECORD)


def _parse_document(document: bytes) -> Iterable[bytes] | None:
    """Return the events of a JSON document, one line each; None when it is not JSON."""
    try:
        try:
            events = _members(document)
        except msgspec.DecodeError:
            # One half of a surrogate pair must not hide a file's other events.
            events = _members(_SURROGATE.sub(_mend, document))
    except (msgspec.DecodeError, RecursionError):
        return None
    # A line end can only stand between tokens: a string may not hold one.
    return (b"".join(map(bytes.strip, bytes(raw).splitlines())) for raw in events)


def _members(document: bytes) -> list[msgspec.Raw]:
    try:
        return _decode_log_file(document).records
    except msgspec.ValidationError:  # JSON so far, but of another shape
        pass
    try:
        return _decode_array(document)
    except msgspec.ValidationError:
        return [_decode_raw(document)]


def _mend(escape: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if escape.group("half") else escape.group()


def _refuse_broken_document(document: bytes, path: Path, number: int) -> None:
    """Raise UnreadableError when ``document`` was meant to be JSON, with the line.

    The document begins on the line ``number``.
    """
    looks_like_log_file = document.lstrip().startswith(b'{"Records"')
    if not looks_like_log_file and not path.name.endswith(_JSON_SUFFIXES):
        return
    try:
        _decode_raw(document)
    except RecursionError as exc:
        raise UnreadableError(f"{path}: JSON nested too deeply") from exc
    except msgspec.DecodeError as exc:
        reason = str(exc)
        offset = _OFFSET.search(reason)
        end = int(offset.group(1)) if offset else len(document)
        line = number + document.count(b"\n", 0, end)
        raise UnreadableError(f"{path}:{line}: not JSON: {reason}") from exc
