"""``relay check``: say everything that is wrong with the configuration, and where."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from relay.config.load import Report, examine
from relay.config.problems import Problem

INVALID: Final = 2
DEFAULT_CONFIG: Final = Path("/etc/relay/relay.yaml")


def check(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The configuration file.")
    ] = DEFAULT_CONFIG,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object to standard output.")
    ] = False,
) -> None:
    """Check the configuration and every rule file that it names.

    Exit status: 0 when it can be used, though there may be warnings; 2 when not.
    """
    report = examine(config)
    if as_json:
        typer.echo(json.dumps(_as_json(report)))
    else:
        _print(report)
    if report.loaded is None:
        raise typer.Exit(INVALID)


def _print(report: Report) -> None:
    for problem in report.problems:
        typer.echo(str(problem), err=True)
    for warning in report.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if report.loaded is not None:
        parts = (f"{count} {noun}" for noun, count in _counts(report).items())
        typer.echo(f"ok: {', '.join(parts)}")


def _counts(report: Report) -> dict[str, int]:
    if report.loaded is None:
        return {}
    rules, notify = report.loaded.rules, report.loaded.config.notify
    return {
        "metric filters": len(rules.filters),
        "alarms": len(rules.alarms),
        "receivers": len(notify.receivers),
    }


def _as_json(report: Report) -> dict[str, object]:
    return {
        "ok": report.loaded is not None,
        "problems": [_problem(problem) for problem in report.problems],
        "warnings": [_problem(warning) for warning in report.warnings],
        **{noun.replace(" ", "_"): count for noun, count in _counts(report).items()},
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "option": problem.option,
        "message": problem.message,
    }
