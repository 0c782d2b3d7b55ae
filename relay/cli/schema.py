"""``relay schema``: the JSON Schemas of relay.yaml and of rule files, for editors."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from relay.config.export import config_schema, rules_schema


class SchemaName(StrEnum):
    """Which kind of file the schema describes."""

    CONFIG = "config"
    RULES = "rules"


def schema(
    name: Annotated[
        SchemaName, typer.Argument(help="relay.yaml's schema, or a rule file's.")
    ] = SchemaName.CONFIG,
) -> None:
    """Print the JSON Schema (2020-12) of relay.yaml or of rule files.

    An editor with a YAML language server completes and checks with it, given a first
    line such as "# yaml-language-server: $schema=relay.schema.json".
    """
    document = rules_schema() if name is SchemaName.RULES else config_schema()
    typer.echo(json.dumps(document, indent=2))
