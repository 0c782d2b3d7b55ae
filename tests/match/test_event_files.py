"""Finding and reading the files that hold events."""

import gzip
import os
import shutil
import sys
from collections.abc import Iterator
from io import BufferedReader, FileIO, TextIOWrapper
from pathlib import Path

import pytest

from relay.match.event_files import (
    STDIN,
    Event,
    Unit,
    UnreadableError,
    find_files,
    read_events,
)


def refuse(error: OSError) -> None:
    """Take no unlistable folder for granted."""
    raise AssertionError(error)


def placed(path: Path) -> list[tuple[str, int, Unit]]:
    """Return text and place of all events in a file."""
    return [(each.text.decode(), each.number, each.unit) for each in read_events(path)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"Records":[{"a":1},\n {"a":2}]}', [('{"a":1}', 1), ('{"a":2}', 2)]),
        ('\n\n[{"a":1}]', [('{"a":1}', 1)]),
        ('\ufeff{"a":1}', [('{"a":1}', 1)]),
        ("\ufeff[1,\n2]", [("1", 1), ("2", 2)]),
        ("", []),
        ("\n \n", []),
    ],
)
def test_records_are_counted_from_one(
    tmp_path: Path, content: str, expected: list[tuple[str, int]]
) -> None:
    """Blank lines and a byte order mark do not count."""
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")

    assert placed(path) == [(text, number, Unit.RECORD) for text, number in expected]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a\n\nb\r\n", [("a", 1), ("b", 3)]),
        ("\n\na", [("a", 3)]),
        ("\ufeffa\n", [("a", 1)]),
        ('\n{"a":1}\n\n{"a":2}\n', [('{"a":1}', 2), ('{"a":2}', 4)]),
        ("\n{ a\n\nb\n", [("{ a", 2), ("b", 4)]),
        ("a\rb\n", [("a\rb", 1)]),
    ],
)
def test_lines_have_the_numbers_that_editors_show(
    tmp_path: Path, content: str, expected: list[tuple[str, int]]
) -> None:
    """Blank lines are no events, but they count."""
    path = tmp_path / "x.txt"
    path.write_bytes(content.encode())

    assert placed(path) == [(text, number, Unit.LINE) for text, number in expected]


@pytest.mark.parametrize("content", ["x" * 101, "{\n" + "x" * 99, "a\n" + "b" * 101])
@pytest.mark.parametrize("is_zipped", [False, True])
def test_nothing_is_too_long_for_the_memory(
    tmp_path: Path, content: str, is_zipped: bool
) -> None:
    """A line or document beyond the limit is given up, gzipped or not."""
    path = tmp_path / "x"
    data = content.encode()
    path.write_bytes(gzip.compress(data) if is_zipped else data)

    with pytest.raises(UnreadableError, match=r"longer than 100 bytes"):
        list(read_events(path, max_bytes=100))


def test_a_line_as_long_as_allowed(tmp_path: Path) -> None:
    """The limit itself is allowed, its line end included."""
    path = tmp_path / "x"
    path.write_text("x" * 99 + "\n" + "y" * 100)

    assert len(list(read_events(path, max_bytes=100))) == 2


def test_standard_input_gives_a_line_when_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slow writer's lines are not held back until a buffer is full."""
    reading, writing = os.pipe()
    stdin = TextIOWrapper(BufferedReader(FileIO(reading)))
    monkeypatch.setattr(sys, "stdin", stdin)
    os.write(writing, b"first\n")

    events = read_events(STDIN)

    assert next(events) == Event(b"first", 1, Unit.LINE)
    os.close(writing)
    assert list(events) == []
    assert not stdin.buffer.closed
    stdin.close()


def test_pipes_in_folders_are_passed_over(tmp_path: Path) -> None:
    """Nobody writes into them: reading would never end. Broken links are shown."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").touch()

    found = list(find_files([tmp_path], refuse))

    assert found == [tmp_path / "file", tmp_path / "link"]


def test_an_unlistable_folder_is_told(tmp_path: Path) -> None:
    """The others are searched."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").touch()
    errors: list[OSError] = []
    files: Iterator[Path] = find_files([tmp_path], errors.append)

    assert next(files) == tmp_path / "a" / "x"
    shutil.rmtree(tmp_path / "b")
    assert list(files) == []
    assert [error.filename for error in errors] == [str(tmp_path / "b")]


def test_a_broken_document_is_told_with_its_line(tmp_path: Path) -> None:
    """As an editor counts them, blank lines in front included."""
    path = tmp_path / "x.json"
    path.write_text('\n\n{"Records":\n[{"a":1},\n')

    with pytest.raises(UnreadableError, match=r"x\.json:5: not JSON"):
        list(read_events(path))
