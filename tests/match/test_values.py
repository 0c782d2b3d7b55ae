"""The values that an explanation shows."""

import json
from decimal import Decimal

import msgspec
import pytest

from relay.match.values import json_values, shown_values
from relay.patterns import MISSING

VALUES = [
    ("alice", '"alice"', "alice"),
    ('say "x"\\', '"say \\"x\\"\\\\"', 'say "x"\\'),
    ("\x1b[m\N{RIGHT-TO-LEFT OVERRIDE}", '"\\u001b[m\\u202e"', None),
    ("a" * 103, f'"{"a" * 100}" and 3 characters more', "a" * 103),
    (True, "true", True),
    (None, "null", None),
    (12, "12", 12),
    (1.5, "1.5", 1.5),
    (float("inf"), "Infinity", "Infinity"),
    (Decimal("1" * 5000), f"{'1' * 100} and 4900 characters more", None),
    (10**4400, f"1{'0' * 99} and 4301 characters more", None),
    ({"a": 1}, "an object of 1 members", {"a": 1}),
    ([1, 2], "an array of 2 elements", [1, 2]),
]


@pytest.mark.parametrize(("value", "shown", "_"), VALUES, ids=range(len(VALUES)))
def test_values_for_people(value: object, shown: str, _: object) -> None:
    """Texts are quoted and cut, objects and arrays only described."""
    assert shown_values((value,)) == shown


@pytest.mark.parametrize(("value", "shown", "as_json"), VALUES, ids=range(len(VALUES)))
def test_values_for_programs(value: object, shown: str, as_json: object) -> None:
    """JSON has the value; what JSON cannot hold is the text that people are shown."""
    expected = as_json if as_json is not None or value is None else value
    encoded = json.loads(msgspec.json.encode(json_values((value,))))

    assert encoded == [expected if not _is_huge(value) else shown]


def _is_huge(value: object) -> bool:
    return isinstance(value, Decimal) or (isinstance(value, int) and value > 10**4000)


def test_no_values() -> None:
    """A missing field is told from a wildcard that selects nothing."""
    assert shown_values(MISSING) == "nothing"
    assert shown_values(()) == "no element"
    assert json_values(MISSING) == []


def test_only_some_of_many_values() -> None:
    """Of what a wildcard selects, the first five are shown."""
    assert shown_values(tuple(range(7))) == "0, 1, 2, 3, 4 and 2 more"


def test_half_a_surrogate_pair_is_an_escape() -> None:
    """It can be encoded, as JSON that a program can read."""
    assert msgspec.json.encode(json_values(("\ud800",))) == rb'["\ud800"]'
