"""``relay test``: unit tests of rules over time, in YAML."""

from pathlib import Path
from typing import Annotated

import typer

from relay.ruletest.run import Options, run_tests


def rule_test(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Rule test files, or folders of them (*.test.yaml, to the bottom).",
            show_default=False,
        ),
    ],
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object instead of the report."),
    ] = False,
    junit: Annotated[
        Path | None,
        typer.Option(
            "--junit",
            metavar="FILE",
            help="Write the results as JUnit XML as well.",
            show_default=False,
        ),
    ] = None,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Report of tests that passed what happened, too."
        ),
    ] = False,
) -> None:
    """Test rules: do these events raise these alarms, then and no sooner?

    Time is simulated; no daemon, no AWS account. docs/testing-rules.md has the format.

    Exit status: 0 when all tests pass, 1 when one fails, 2 when a file is not valid.
    """
    options = Options(as_json=as_json, junit=junit, verbose=verbose)
    raise typer.Exit(run_tests(files, options))
