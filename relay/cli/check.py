"""``relay check``: say everything that is wrong with the configuration, and where."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import anyio
import typer

from relay.clock import SystemClock
from relay.config.load import Report, examine
from relay.config.problems import Problem
from relay.errors import ConfigError
from relay.notify.content.proof import template_problems
from relay.notify.receivers.webhook_template import webhook_problems
from relay.self_watch.rules import built_in

INVALID: Final = 2
DEFAULT_CONFIG: Final = Path("/etc/relay/relay.yaml")


def check(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The configuration file.")
    ] = DEFAULT_CONFIG,
    secrets: Annotated[
        bool,
        typer.Option("--secrets", help="Read the secrets that AWS keeps as well."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object to standard output.")
    ] = False,
) -> None:
    """Check the configuration and every rule file that it names.

    Nothing is called, unless --secrets asks for it: of secretsmanager: and ssm:
    references only the form is checked.

    Exit status: 0 when it can be used, though there may be warnings; 2 when not.
    """
    found = _with_secrets(config) if secrets else examine(config)
    report = _with_templates(found, config)
    if as_json:
        typer.echo(json.dumps(_as_json(report)))
    else:
        _print(report)
    if report.loaded is None:
        raise typer.Exit(INVALID)


def _with_secrets(config: Path) -> Report:
    # Here, because the AWS SDK takes half a second that a check without it saves.
    from relay.aws.secret_sources import examine_with_secrets  # noqa: PLC0415

    try:
        return anyio.run(partial(examine_with_secrets, config, clock=SystemClock()))
    except ConfigError as error:
        # How AWS is called is no fault of one option.
        found = [
            Problem(file=str(config), line=None, location=(), message=each)
            for each in error.problems
        ]
        return Report(loaded=None, problems=found, warnings=())


def _with_templates(report: Report, config: Path) -> Report:
    """Return ``report`` with what is wrong with the templates that it found."""
    if report.loaded is None:
        return report
    problems = template_problems(report.loaded) or webhook_problems(
        report.loaded, file=str(config)
    )
    return replace(report, loaded=None, problems=problems) if problems else report


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
        "alarms": len(rules.all_alarms),
        "receivers": len(notify.receivers),
        "self_watch rules": len(built_in(report.loaded.config)[1]),
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
