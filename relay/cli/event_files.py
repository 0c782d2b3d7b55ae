"""The events in files as users have them: CloudTrail's, JSON lines, plain text.

A file that is one JSON document holds the members of its ``Records``, the elements of
its array, or itself as the single event. Any other file holds an event on each line.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader, RawIOBase
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec
from isal import igzip, igzip_lib

STDIN: Final = Path("-")
_GZIP_MAGIC: Final = b"\x1f\x8b"
# isal's own annotation says that this is an instance.
_GzipError: Final = cast(type[Exception], igzip_lib.IsalError)
_JSON_SUFFIXES: Final = (".json", ".json.gz")


class UnreadableError(Exception):
    """A file's events cannot be read; the text names the file, and the line."""


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


def find_files(paths: list[Path]) -> Iterator[Path]:
    """Yield each file of ``paths``, and for a folder all files in it, in name order.

    A path that does not exist is yielded too: reading it says so.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, subfolders, names in os.walk(path):
            subfolders.sort()
            yield from (Path(folder, name) for name in sorted(names))


def read_events(path: Path) -> Iterator[bytes]:
    """Yield the text of each event in the file at ``path``, without line ends.

    ``-`` is standard input. Gzip is told by its first bytes, whatever the name. Raises
    UnreadableError when the file cannot be read, is broken gzip, or is named as JSON
    and is none.
    """
    try:
        if path == STDIN:
            stdin = BufferedReader(cast(RawIOBase, sys.stdin.buffer))
            yield from _read_stream(cast(BufferedReader, stdin), path)
            stdin.detach()  # it is not ours to close
            return
        with path.open("rb") as stream:
            yield from _read_stream(stream, path)
    except OSError as exc:
        raise UnreadableError(f"{path}: {exc.strerror or exc}") from exc
    except (EOFError, _GzipError) as exc:
        raise UnreadableError(f"{path}: broken gzip: {exc}") from exc


def _read_stream(stream: BufferedReader, path: Path) -> Iterator[bytes]:
    if not stream.peek(2).startswith(_GZIP_MAGIC):
        yield from _split(stream, path)
        return
    # isal ships no types for its file objects.
    unzip = cast(Callable[[BinaryIO], BinaryIO], igzip.open)
    with unzip(stream) as unzipped:
        yield from _split(unzipped, path)


def _split(lines: BinaryIO, path: Path) -> Iterator[bytes]:
    """Tell a document from lines while reading as little as possible."""
    skipped, first = _next_line(lines)
    if not first.lstrip().startswith((b"{", b"[")):
        yield from _one_a_line(chain([first], lines))
        return
    events = _parse_document(first)
    if events is None:
        document = skipped + first + lines.read()
        events = _parse_document(document)
        if events is None:
            _refuse_broken_document(document, path)
            events = _one_a_line(document.split(b"\n"))
        yield from events
        return
    _, second = _next_line(lines)
    yield from _one_a_line(chain([first, second], lines)) if second else events


def _next_line(lines: BinaryIO) -> tuple[bytes, bytes]:
    """Return the blank lines that come next, and the first one that is not blank."""
    blank = b""
    for line in lines:
        if line.strip():
            return blank, line
        blank += b"\n"
    return blank, b""


def _one_a_line(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line.rstrip(b"\r\n") for line in lines if line.strip())


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


def _refuse_broken_document(document: bytes, path: Path) -> None:
    """Raise UnreadableError when ``document`` was meant to be JSON, with the line."""
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
        line = document.count(b"\n", 0, end) + 1
        raise UnreadableError(f"{path}:{line}: not JSON: {reason}") from exc
