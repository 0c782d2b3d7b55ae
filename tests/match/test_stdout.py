"""Printing on terminals and into pipes."""

import errno
import io
import json
import os
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from relay.match.progress import SearchProgress
from relay.match.run import Options, search_pattern, search_rules
from relay.match.stdout import Stdout, open_console
from tests.support.clock import FakeClock

EVENT = '{"eventName":"StopLogging"}'


class Stream(io.TextIOWrapper):
    """A standard stream that may be a terminal, and keeps what is written."""

    def __init__(self, *, is_terminal: bool, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def written(self) -> str:
        """What has been written, and flushed."""
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


def open_terminal(monkeypatch: pytest.MonkeyPatch) -> Stream:
    """Make standard output a terminal of 100 cells, from now on."""
    for name, value in {"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": ""}.items():
        monkeypatch.setenv(name, value)
    stream = Stream(is_terminal=True)
    monkeypatch.setattr(sys, "stdout", stream)
    return stream


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with one event."""
    path = tmp_path / "x.json"
    path.write_text(EVENT)
    return path


def progress(*, output: io.StringIO | None = None) -> SearchProgress:
    """Return a bar that is shown at once, if there is an ``output``."""
    console = Console(file=output, force_terminal=output is not None, _environ={})
    clock = FakeClock()
    bar = SearchProgress(console, clock)
    if output is not None:
        clock.advance(1)
        files = bar.over_files([1, 2])
        next(files), next(files)
    return bar


def test_a_terminal_gets_each_line_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes and coloured lines, without waiting for a full buffer."""
    terminal = open_terminal(monkeypatch)
    stdout = Stdout(progress())

    stdout.write(b"one\n")
    stdout.print(Text("two", "red"))

    assert (stdout.is_terminal, stdout.width) == (True, 100)
    assert terminal.written.startswith("one\n\x1b[")
    assert "two" in terminal.written


@pytest.mark.parametrize("how", ["write", "print"])
def test_the_bar_makes_room(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """It is erased before anything is printed."""
    open_terminal(monkeypatch)
    bar = io.StringIO()
    stdout = Stdout(progress(output=bar))
    assert not bar.getvalue().endswith("\x1b[2K")

    if how == "write":
        stdout.write(b"x\n")
    else:
        stdout.print(Text("x"))

    assert bar.getvalue().endswith("\x1b[2K")


def test_a_pipe_gets_plain_lines_in_any_encoding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the encoding lacks is escaped; FORCE_COLOR makes no terminal of a pipe."""
    stream = Stream(is_terminal=False, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("FORCE_COLOR", "1")
    stdout = Stdout(progress())

    with stdout.until_reader_leaves():
        stdout.print(Text("caf\N{LATIN SMALL LETTER E WITH ACUTE}", "red"))

    assert stream.written == "caf\\xe9\n"


def test_a_reader_that_left_ends_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quietly; and nothing that is still to be written fails any more."""
    reading, writing = os.pipe()
    os.close(reading)
    stream = io.TextIOWrapper(io.BufferedWriter(io.FileIO(writing, "w")))
    monkeypatch.setattr(sys, "stdout", stream)
    stdout = Stdout(progress())
    is_reached = False

    with stdout.until_reader_leaves():
        stdout.print(Text("x" * 100_000))
        stdout.write(b"x" * 100_000)
        is_reached = True

    assert not is_reached
    stream.close()


def test_a_stream_of_another_kind_will_do() -> None:
    """Whoever embeds the command may have replaced the standard streams."""
    assert not open_console(io.StringIO()).is_terminal


def test_a_table_at_a_terminal(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """That is what people see if they ask for nothing else."""
    terminal = open_terminal(monkeypatch)
    assert search_pattern("StopLogging", [file], Options()) == 0

    assert "principal" in terminal.written
    assert EVENT not in terminal.written


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(raw=True), f"{EVENT}\n"),
        (Options(extract=True), "{}\n"),
        (Options(count=True), "1\n"),
    ],
)
def test_no_table_when_asked(
    monkeypatch: pytest.MonkeyPatch, file: Path, options: Options, expected: str
) -> None:
    """Events as they are, values and counts are the same everywhere."""
    terminal = open_terminal(monkeypatch)
    assert search_pattern("StopLogging", [file], options) == 0

    assert terminal.written == expected


def test_rules_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    """A table, and how much was searched."""
    terminal = open_terminal(monkeypatch)
    rules = tmp_path / "r.yaml"
    rules.write_text("metric_filters: [{name: stops, pattern: StopLogging}]")

    assert search_rules([rules], [file], as_json=False) == 0
    assert "stops" in terminal.written
    assert "1 events in 1 files" in terminal.written


def test_an_unlistable_folder_fails_the_search(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It is reported; for rules as well."""

    def refuse(folder: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", folder)

    # No permission keeps the superuser out, whom tests may run as.
    monkeypatch.setattr(os, "scandir", refuse)
    rules = tmp_path / "r.yaml"
    rules.write_text("metric_filters: [{name: stops, pattern: StopLogging}]")

    assert search_pattern("x", [tmp_path], Options()) == 2
    assert search_rules([rules], [tmp_path], as_json=True) == 2
    assert capsys.readouterr().err.count("Permission denied") == 2


def test_json_at_a_terminal(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """The same object as in a pipe."""
    terminal = open_terminal(monkeypatch)
    search_pattern("StopLogging", [file], Options(as_json=True))

    assert json.loads(terminal.written)["event"] == json.loads(EVENT)
