"""``relay schema``: the JSON Schemas of all files that people write, for editors."""

import json
from enum import StrEnum
from typing import Annotated, Final

import typer

from relay.config.export import config_schema, rules_schema, tests_schema


class SchemaName(StrEnum):
    """Which kind of file the schema describes."""

    CONFIG = "config"
    RULES = "rules"
    TESTS = "tests"


_SCHEMAS: Final = {
    SchemaName.CONFIG: config_schema,
    SchemaName.RULES: rules_schema,
    SchemaName.TESTS: tests_schema,
}


def schema(
    name: Annotated[
        SchemaName,
        typer.Argument(
            help="relay.yaml's schema, a rule file's or a rule test file's."
        ),
    ] = SchemaName.CONFIG,
) -> None:
    """Print the JSON Schema (2020-12) of one kind of file.

    An editor with a YAML language server completes and checks with it, given a first
    line such as "# yaml-language-server: $schema=relay.schema.json".
    """
    typer.echo(json.dumps(_SCHEMAS[name](), indent=2))
