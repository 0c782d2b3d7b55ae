"""Tests of ``relay schema``."""

import json

import pytest
import typer
from typer.testing import CliRunner

from relay.cli.schema import schema
from relay.config.export import config_schema, rules_schema
from relay.config.export import tests_schema as rule_tests_schema


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], config_schema()),
        (["config"], config_schema()),
        (["rules"], rules_schema()),
        (["tests"], rule_tests_schema()),
    ],
)
def test_the_schema_is_printed_as_json(words: list[str], expected: object) -> None:
    """relay.yaml's without a word, or the one that is asked for."""
    app = typer.Typer()
    app.command()(schema)

    result = CliRunner().invoke(app, words)

    assert result.exit_code == 0
    assert json.loads(result.stdout) == expected


def test_an_unknown_schema_is_wrong_usage() -> None:
    """There are three."""
    app = typer.Typer()
    app.command()(schema)

    assert CliRunner().invoke(app, ["alarms"]).exit_code == 2
