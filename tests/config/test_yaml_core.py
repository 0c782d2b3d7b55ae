"""Tests of plain scalars as YAML 1.2's core schema has them."""

import pytest
from yaml.nodes import MappingNode, Node, ScalarNode

from relay.config.yaml_core import CoreLoader, is_null, read_scalar


def node(text: str) -> Node:
    """Return the root node of ``text``."""
    root = CoreLoader(text).get_single_node()
    assert root is not None
    return root


def scalar(text: str) -> ScalarNode:
    """Return the node of the only value of a mapping."""
    root = node(text)
    assert isinstance(root, MappingNode)
    ((_, value),) = root.value
    assert isinstance(value, ScalarNode)
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30:45", "12:30:45"),
        ("2026-01-01", "2026-01-01"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-12", -12),
        ("0x1f", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("$.a.b", "$.a.b"),
    ],
)
def test_scalars_are_read_as_yaml_1_2(text: str, value: object) -> None:
    """Words such as "no" and times of day stay text."""
    found = read_scalar(scalar(f"a: {text}"))

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "expected"), [("~", True), ("null", True), ("''", False), ("[]", False)]
)
def test_null_is_told_from_an_empty_text(text: str, expected: bool) -> None:
    """Only what is written or left out as null is null."""
    assert is_null(node(text)) is expected


def test_a_scalar_that_is_not_of_its_tag_is_refused() -> None:
    """A wrong text and an unknown tag are told apart."""
    with pytest.raises(ValueError, match="invalid literal"):
        read_scalar(scalar("a: !!int x"))
    with pytest.raises(KeyError):
        read_scalar(scalar("a: !mine x"))
