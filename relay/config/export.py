"""The JSON Schemas of relay.yaml, rule files and rule tests, for editors (2020-12).

They describe what a file may look like; ``relay check`` knows more, such as which names
belong together.
"""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaValue

from relay.config.rule_schema import RuleFile
from relay.config.rule_test_schema import RuleTestFile
from relay.config.scalars import DURATION_PATTERN, SIZE_PATTERN
from relay.config.schema import Config
from relay.config.units import format_duration, format_size

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REFERENCE = {"type": "string", "pattern": r"\$\{"}
"""What may stand for any value of relay.yaml that is no list or mapping."""
_FORMATS = {DURATION_PATTERN: format_duration, SIZE_PATTERN: format_size}


def config_schema() -> JsonSchemaValue:
    """Return the JSON Schema of relay.yaml."""
    schema = _schema(Config, "relay.yaml")
    return {key: _with_references(value) for key, value in schema.items()}


def rules_schema() -> JsonSchemaValue:
    """Return the JSON Schema of a rule file."""
    return _schema(RuleFile, "A rule file of relay")


def tests_schema() -> JsonSchemaValue:
    """Return the JSON Schema of a rule test file."""
    return _schema(RuleTestFile, "A rule test file of relay")


def _schema(model: type[BaseModel], title: str) -> JsonSchemaValue:
    schema = _readable(model.model_json_schema(by_alias=True))
    return {"$schema": DIALECT, "title": title, **schema}


def _readable(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Drop what pydantic adds for machines, and write defaults as people do."""
    if isinstance(node, list):
        return [_readable(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: value
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and isinstance(value, dict | list))
    }
    pattern = kept.get("pattern")
    write = _FORMATS.get(pattern) if isinstance(pattern, str) else None
    if write is not None:
        for bound in ("minimum", "maximum"):
            kept.pop(bound, None)
        if "default" in kept:
            kept["default"] = write(kept["default"])
    return {key: _readable(value) for key, value in kept.items()}


def _with_references(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Allow ``${NAME}`` wherever a number, a switch or one of several words stands."""
    if isinstance(node, list):
        return [_with_references(each) for each in node]
    if not isinstance(node, dict):
        return node
    is_narrow = node.get("type") in ("integer", "number", "boolean")
    if not (is_narrow or "enum" in node or "pattern" in node):
        return {key: _with_references(value) for key, value in node.items()}
    outer = {key: node[key] for key in ("description", "default") if key in node}
    inner = {key: value for key, value in node.items() if key not in outer}
    return {**outer, "anyOf": [inner, _REFERENCE]}
