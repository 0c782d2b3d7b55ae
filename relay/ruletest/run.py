"""Runs ``relay test``: finds test files, plays and reports them, says how it ended."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.text import Text

from relay.clock import Clock, SystemClock
from relay.config.problems import Problem
from relay.ruletest.documents import as_json, as_junit
from relay.ruletest.play import play_file
from relay.ruletest.report import file_lines, summary
from relay.ruletest.results import FileVerdict

PASSED: Final = 0
FAILED: Final = 1
INVALID: Final = 2

_NAMES: Final = ("*.test.yaml", "*.test.yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How it is reported; as on the command line."""

    as_json: bool = False
    junit: Path | None = None
    verbose: bool = False


def run_tests(
    paths: Sequence[Path], options: Options, *, clock: Clock | None = None
) -> int:
    """Play all test files at ``paths``; return the exit status."""
    clock = clock or SystemClock()
    started = clock.monotonic()
    verdicts: list[FileVerdict] = []
    for path, problem in _test_files(paths):
        verdict = (
            play_file(path, clock)
            if problem is None
            else FileVerdict(file=str(path), problems=[problem])
        )
        verdicts.append(verdict)
        if not options.as_json:
            for line in file_lines(verdict, is_verbose=options.verbose):
                _print(line)
    if options.as_json:
        _print(Text(json.dumps(as_json(verdicts))))
    else:
        _print(summary(verdicts, clock.monotonic() - started))
    if options.junit is not None and not _write(options.junit, as_junit(verdicts)):
        return INVALID
    if any(each.problems for each in verdicts):
        return INVALID
    return PASSED if all(each.has_passed for each in verdicts) else FAILED


def _test_files(paths: Sequence[Path]) -> Iterator[tuple[Path, Problem | None]]:
    """Yield each test file once, or why there is none at a path."""
    seen: set[Path] = set()
    for path in paths:
        found = _in_folder(path) if path.is_dir() else [path]
        if not found:
            text = f"there is no test file ({' or '.join(_NAMES)}) in this folder"
            yield path, Problem(file=str(path), line=None, location=(), message=text)
        for file in found:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file, None


def _in_folder(folder: Path) -> Sequence[Path]:
    return sorted(file for name in _NAMES for file in folder.rglob(name))


def _write(path: Path, document: bytes) -> bool:
    try:
        path.write_bytes(document)
    except OSError as error:
        typer.echo(f"relay test: {path}: cannot be written: {error.strerror}", err=True)
        return False
    return True


def _print(line: Text) -> None:
    if sys.stdout.isatty():
        Console(file=sys.stdout, highlight=False).print(line, soft_wrap=True)
    else:
        sys.stdout.write(f"{line.plain}\n")
