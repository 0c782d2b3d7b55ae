"""``relay match``: grep for log events. What may stand on its command line."""

from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from relay.match.rules import RULE_SUFFIXES
from relay.match.run import Options, search_pattern, search_rules
from relay.match.search import FAILED

_CONTRADICTIONS: Final = {
    "--count": ("--explain", "--extract", "--raw"),
    "--explain": ("--invert-match", "--raw"),
    "--extract": ("--invert-match", "--raw"),
    "--json": ("--raw",),
    # Rule files say themselves which of their patterns use extensions.
    "--rules": (
        "--count",
        "--explain",
        "--extract",
        "--raw",
        "--with-filename",
        "--invert-match",
        "--extensions",
        "--max-count",
    ),
}


def match(  # noqa: PLR0913 - typer makes the options of the parameters
    pattern: Annotated[
        str | None,
        typer.Argument(
            help="A CloudWatch Logs filter pattern; not with --rules.",
            show_default=False,
        ),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="CloudTrail log files, JSON lines, plain text, any of it gzipped, or "
            "folders of these; '-' or nothing is standard input.",
            show_default=False,
        ),
    ] = None,
    rules: Annotated[
        list[Path] | None,
        typer.Option(
            "--rules",
            help="Instead of a pattern: all metric filters of a rule file, or of those "
            "in a folder; *.yaml and *.yml among FILES are rule files, too.",
            show_default=False,
        ),
    ] = None,
    count: Annotated[
        bool, typer.Option("--count", "-c", help="Print only how many events match.")
    ] = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Print of every event, matching or not, which condition held on which "
            "value.",
        ),
    ] = False,
    extract: Annotated[
        bool,
        typer.Option("--extract", help="Print the values that each match extracts."),
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print a JSON object for each event, on a line."),
    ] = False,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw", help="Print events as they are on a terminal, too: no table."
        ),
    ] = False,
    invert_match: Annotated[
        bool,
        typer.Option(
            "--invert-match", "-v", help="Choose the events that do not match."
        ),
    ] = False,
    max_count: Annotated[
        int | None,
        typer.Option(
            "--max-count",
            "-m",
            min=1,
            metavar="N",
            help="Stop after N events, over all files; with --explain, explain N.",
            show_default=False,
        ),
    ] = None,
    extensions: Annotated[
        bool,
        typer.Option(
            "--extensions",
            help="Allow what CloudWatch Logs does not know: IN, EXISTS, ~=, ...",
        ),
    ] = False,
    with_filename: Annotated[
        bool,
        typer.Option("--with-filename", "-H", help="Print the file before each event."),
    ] = False,
) -> None:
    """Print the events that match a filter pattern.

    One a line as they are in the file; on a terminal, a table.

    Exit status: 0 when an event matches, 1 when none does, 2 when the pattern
    or a rule file is not valid, or a file cannot be read.
    """
    _refuse_contradictions(
        {
            "--rules": bool(rules),
            "--count": count,
            "--explain": explain,
            "--extract": extract,
            "--json": as_json,
            "--raw": raw,
            "--invert-match": invert_match,
            "--max-count": max_count is not None,
            "--extensions": extensions,
            "--with-filename": with_filename,
        }
    )
    inputs = files or []
    if rules:
        words = inputs if pattern is None else [Path(pattern), *inputs]
        rules += [word for word in words if word.suffix in RULE_SUFFIXES]
        inputs = [word for word in words if word.suffix not in RULE_SUFFIXES]
        raise typer.Exit(search_rules(rules, inputs, as_json=as_json))
    if pattern is None:
        _refuse("there is neither a PATTERN nor --rules; see --help")
    options = Options(
        count=count,
        explain=explain,
        extract=extract,
        as_json=as_json,
        raw=raw,
        invert_match=invert_match,
        max_count=max_count,
        extensions=extensions,
        with_filename=with_filename,
    )
    raise typer.Exit(search_pattern(pattern, inputs, options))


def _refuse_contradictions(given: dict[str, bool]) -> None:
    """Refuse options that make no sense together."""
    for one, others in _CONTRADICTIONS.items():
        for other in others:
            if given[one] and given[other]:
                _refuse(f"{one} and {other} exclude each other")


def _refuse(reason: str) -> NoReturn:
    typer.echo(f"relay match: {reason}", err=True)
    raise typer.Exit(FAILED)
