"""``relay match``: grep for log events."""

import os
import sys
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from relay.cli.event_files import STDIN, UnreadableError, find_files, read_events
from relay.patterns import Pattern, PatternError, compile_pattern

MATCHED: Final = 0
NONE_MATCHED: Final = 1
FAILED: Final = 2


def match(
    pattern: Annotated[str, typer.Argument(help="A CloudWatch Logs filter pattern.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="CloudTrail log files, JSON lines, plain text, any of it gzipped, or "
            "folders of these; '-' or nothing is standard input.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[
        bool, typer.Option("--count", "-c", help="Print only how many events match.")
    ] = False,
    extract: Annotated[
        bool,
        typer.Option("--extract", help="Print the values that each match extracts."),
    ] = False,
    with_filename: Annotated[
        bool,
        typer.Option("--with-filename", "-H", help="Print the file before each event."),
    ] = False,
) -> None:
    """Print the events that match a filter pattern, one a line.

    Exit status: 0 when an event matches, 1 when none does, 2 when the pattern is not
    valid or a file cannot be read.
    """
    try:
        compiled = compile_pattern(pattern)
    except PatternError as exc:
        typer.echo(f"relay match: {exc}", err=True)
        raise typer.Exit(FAILED) from exc
    paths = list(find_files(files or [STDIN]))
    search = _Search(
        compiled,
        is_counting=count,
        is_extracting=extract,
        shows_name=with_filename or (count and len(paths) > 1),
    )
    try:
        for path in paths:
            search.search(path)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python flushes once more at exit: into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(search.exit_code)


class _Search:
    """One run over all files: what to print, and whether anything matched or failed."""

    def __init__(
        self,
        pattern: Pattern,
        *,
        is_counting: bool,
        is_extracting: bool,
        shows_name: bool,
    ) -> None:
        self._pattern = pattern
        self._is_counting = is_counting
        self._is_extracting = is_extracting
        self._shows_name = shows_name
        self._has_matched = False
        self._has_failed = False

    @property
    def exit_code(self) -> int:
        """The exit status of what has been searched so far."""
        if self._has_failed:
            return FAILED
        return MATCHED if self._has_matched else NONE_MATCHED

    def search(self, path: Path) -> None:
        """Search one file; one that cannot be read is reported, and not the end."""
        name = "(standard input)" if path == STDIN else str(path)
        prefix = f"{name}:".encode() if self._shows_name else b""
        matches = 0
        try:
            for event in read_events(path):
                extracted = self._pattern.extract(event.decode(errors="replace"))
                if extracted is None:
                    continue
                matches += 1
                self._has_matched = True
                if not self._is_counting:
                    shown = (
                        msgspec.json.encode(extracted) if self._is_extracting else event
                    )
                    _print(prefix + shown)
        except UnreadableError as exc:
            self._has_failed = True
            typer.echo(f"relay match: {exc}", err=True)
        if self._is_counting:
            _print(prefix + str(matches).encode())


def _print(line: bytes) -> None:
    """Print a line as the bytes that it had in its file."""
    sys.stdout.buffer.write(line + b"\n")
