"""Tests of the exported JSON Schemas."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from relay.config.export import (
    DIALECT,
    config_schema,
    rules_schema,
)
from relay.config.export import tests_schema as rule_tests_schema

BASE: dict[str, dict[str, object]] = {
    "source": {"queue_url": "http://localhost/1/q", "buckets": ["abc"]},
    "logs": {"group": "/x"},
}


def values(node: object) -> Iterator[dict[str, Any]]:
    """Yield every mapping of a schema."""
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from values(each)
    elif isinstance(node, list):
        for each in node:
            yield from values(each)


@pytest.mark.parametrize(
    "schema",
    [config_schema(), rules_schema(), rule_tests_schema()],
    ids=["config", "rules", "tests"],
)
def test_a_schema_is_valid_itself(schema: dict[str, Any]) -> None:
    """It says which dialect it is, and keeps to it."""
    Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == DIALECT
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"source": BASE["source"] | {"visibility_timeout": "90s", "pollers": 3}},
        {"source": BASE["source"] | {"visibility_timeout": "${T}", "pollers": "${P}"}},
        {
            "logs": {
                "group": "/x",
                "create": {"group": "${CREATE}"},
                "timestamp": "${T}",
            }
        },
        {"aws": {"assume_role": "arn:aws:iam::123456789012:role/x"}},
    ],
)
def test_good_files_pass(extra: dict[str, Any]) -> None:
    """References are allowed wherever a single value stands."""
    assert Draft202012Validator(config_schema()).is_valid(BASE | extra)


@pytest.mark.parametrize(
    "extra",
    [
        {"awz": {}},
        {"source": {"buckets": ["abc"]}},
        {"source": BASE["source"] | {"visibility_timeout": 90}},
        {"source": BASE["source"] | {"visibility_timeout": "5 minutes"}},
        {"source": BASE["source"] | {"limits": {"object": "5M"}}},
        {"logs": {"group": "/x", "timestamp": "now"}},
    ],
)
def test_bad_files_do_not(extra: dict[str, Any]) -> None:
    """What an editor can know, it is told."""
    assert not Draft202012Validator(config_schema()).is_valid(BASE | extra)


def test_defaults_are_written_as_people_do() -> None:
    """Durations and sizes have their units."""
    definitions = config_schema()["$defs"]

    assert definitions["Source"]["properties"]["visibility_timeout"]["default"] == "5m"
    assert definitions["MaxInFlight"]["properties"]["bytes"]["default"] == "256MiB"
    assert (
        rules_schema()["$defs"]["ShortAlarm"]["properties"]["period"]["default"] == "5m"
    )


@pytest.mark.parametrize(
    "schema",
    [config_schema(), rules_schema(), rule_tests_schema()],
    ids=["config", "rules", "tests"],
)
def test_every_definition_is_described(schema: dict[str, Any]) -> None:
    """Editors show the text beside the key."""
    for name, definition in schema["$defs"].items():
        assert "enum" in definition or definition["description"], name


def test_rule_files_take_no_references() -> None:
    """Nothing in a rule file comes from the environment."""
    assert not [
        node for node in values(rules_schema()) if node.get("pattern") == r"\$\{"
    ]
