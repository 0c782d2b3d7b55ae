"""Messages as strict JSON objects."""

import json
import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.patterns.message import parse_message

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(event=st.dictionaries(st.text(), json_values), is_ascii=st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_object_is_read(event: dict[str, object], is_ascii: bool) -> None:
    """Whatever Python writes as JSON is read back, lone surrogates included."""
    text = json.dumps(event, ensure_ascii=is_ascii)

    assert parse_message(text) == json.loads(text)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "text",
        "[]",
        '"{}"',
        "{} x",
        "{}{}",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1,}',
        '{"a": 01}',
        '{"a": "\t"}',
        '{"a": "\\x"}',
        "\ufeff{}",
        "\x0b{}",
        '{"a": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"b": 1e309, "a": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"a": "\\ud800", }',
    ],
    ids=lambda message: message[:20],
)
def test_anything_else_is_refused(message: str) -> None:
    """What is not exactly one JSON object, or nested too deeply, is none."""
    assert parse_message(message) is None


def test_numbers_out_of_range_are_infinite() -> None:
    """A number beyond a double does not make the message unreadable."""
    event = parse_message('{"a": 1e309, "b": -1e309, "c": 1e-999}')

    assert event == {"a": math.inf, "b": -math.inf, "c": 0.0}


@pytest.mark.parametrize("digits", [30, 3999, 5000])
def test_whole_numbers_are_exact(digits: int) -> None:
    """A whole number of any length keeps all its digits."""
    event = parse_message('{"n": 1' + "0" * digits + "}")

    assert event == {"n": 10**digits}


def test_very_long_whole_numbers_stay_decimal() -> None:
    """They are not turned into binary, which takes a time of its own."""
    event = parse_message('{"n": -' + "7" * 100_000 + "}")

    assert event == {"n": Decimal("-" + "7" * 100_000)}


def test_of_equal_keys_the_last_counts() -> None:
    """A key that is there twice has its last value, on the slow path as well."""
    assert parse_message('{"a": 1, "a": 2}') == {"a": 2}
    assert parse_message('{"b": 1e309, "a": 1, "a": 2}') == {"a": 2, "b": math.inf}
