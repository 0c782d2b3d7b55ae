"""Runs ``relay match``: chooses the output, searches, and says how it ended."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.text import Text

from relay.clock import SystemClock
from relay.errors import ConfigError
from relay.match.event_files import STDIN, find_files
from relay.match.explain import DEFAULT_LIMIT, ExplainOutput
from relay.match.hits import print_json, print_lines, print_table
from relay.match.output import CountOutput, JsonOutput, RawOutput
from relay.match.progress import SearchProgress
from relay.match.rules import RuleSearch, read_rules
from relay.match.search import FAILED, Output, Search, Selection
from relay.match.stdout import Stdout, open_console
from relay.match.table import TableOutput
from relay.match.text import visible
from relay.patterns import Pattern, PatternError, compile_pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How events are chosen and printed; as on the command line."""

    count: bool = False
    explain: bool = False
    extract: bool = False
    as_json: bool = False
    raw: bool = False
    invert_match: bool = False
    max_count: int | None = None
    extensions: bool = False
    with_filename: bool = False


def search_pattern(text: str, inputs: Sequence[Path], options: Options) -> int:
    """Search ``inputs`` for events that match a pattern; return the exit status."""
    try:
        pattern = compile_pattern(text, extensions=options.extensions)
    except PatternError as exc:
        reason, *excerpt = str(exc).split("\n")
        _report("\n".join([visible(reason), *excerpt]))
        return FAILED
    paths, unreadable = _find(inputs)
    with SearchProgress(open_console(sys.stderr), SystemClock()) as progress:
        stdout = Stdout(progress)
        search = Search(
            pattern,
            Selection(
                is_inverted=options.invert_match,
                is_explaining=options.explain,
                max_count=_max_count(options),
            ),
            _output(pattern, options, stdout, is_one=len(paths) == 1),
            progress,
            _report,
        )
        with stdout.until_reader_leaves():
            for reason in unreadable:
                search.fail(reason)
            search.run(paths)
    return search.exit_code


def search_rules(
    rule_paths: Sequence[Path], inputs: Sequence[Path], *, as_json: bool
) -> int:
    """Search ``inputs`` for what metric filters match; return the exit status."""
    try:
        rules = read_rules(rule_paths)
    except ConfigError as exc:
        for problem in exc.problems:
            typer.echo(problem, err=True)
        return FAILED
    paths, unreadable = _find(inputs)
    with SearchProgress(open_console(sys.stderr), SystemClock()) as progress:
        stdout = Stdout(progress)
        search = RuleSearch(rules, progress, _report)
        with stdout.until_reader_leaves():
            for reason in unreadable:
                search.fail(reason)
            search.run(paths)
            _print_hits(search, stdout, files=len(paths), as_json=as_json)
    return search.exit_code


def _find(inputs: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Return the files to search, and which folders cannot be."""
    unreadable: list[str] = []
    paths = find_files(
        inputs or [STDIN],
        lambda error: unreadable.append(f"{error.filename}: {error.strerror}"),
    )
    return list(paths), unreadable


def _output(
    pattern: Pattern, options: Options, stdout: Stdout, *, is_one: bool
) -> Output:
    shows_name = options.with_filename or not is_one
    if options.count:
        return CountOutput(stdout.write, shows_name=shows_name, is_json=options.as_json)
    if options.as_json:
        return JsonOutput(stdout.write, is_extracting=options.extract)
    if options.explain:
        limit = options.max_count or DEFAULT_LIMIT
        return ExplainOutput(stdout.print, pattern, limit=limit)
    if stdout.is_terminal and not (options.extract or options.raw):
        return TableOutput(stdout.print, width=stdout.width, shows_name=shows_name)
    return RawOutput(
        stdout.write,
        shows_name=options.with_filename,
        is_extracting=options.extract,
    )


def _max_count(options: Options) -> int | None:
    """Return after how many events to stop; a summary for people is of all events."""
    is_summed_up = options.explain and not options.as_json
    return None if is_summed_up else options.max_count


def _print_hits(
    search: RuleSearch, stdout: Stdout, *, files: int, as_json: bool
) -> None:
    if as_json:
        print_json(stdout.print, search.hits)
    elif stdout.is_terminal:
        print_table(stdout.print, search.hits, width=stdout.width)
        stdout.print(Text(f"{search.events:,} events in {files:,} files", "dim"))
    else:
        print_lines(stdout.print, search.hits)


def _report(reason: str) -> None:
    typer.echo(f"relay match: {reason}", err=True)
