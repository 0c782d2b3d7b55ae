"""Text made harmless for a terminal."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.match.event_files import STDIN, Event, Unit
from relay.match.text import file_name, place, visible, visible_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain \N{GREEK SMALL LETTER ALPHA}", "plain \N{GREEK SMALL LETTER ALPHA}"),
        ("\x1b[2J\n", r"\u001b[2J\u000a"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b", r"a\u202eb"),
        ("\x9b1m", r"\u009b1m"),
        ("\U000e0041", r"\udb40\udc41"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_does_not_show_is_escaped(text: str, expected: str) -> None:
    """Escapes are those of JSON, so that they can be read back."""
    assert visible(text) == expected


@given(st.text())
def test_nothing_unprintable_remains(text: str) -> None:
    """Whatever the text, a terminal shows it and does nothing else."""
    assert visible(text).isprintable()


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.sampled_from([None, 1, "\t", "\r\n"]),
)
def test_json_stays_the_same(value: object, indent: int | str | None) -> None:
    """On one line, with another way of writing it, it says what it said."""
    document = json.dumps(value, ensure_ascii=False, indent=indent)

    assert json.loads(visible_json(document)) == value
    assert visible_json(document).isprintable()


def test_names_of_files() -> None:
    """Standard input has a name as in grep; bytes that are no UTF-8 are replaced."""
    assert file_name(STDIN) == "(standard input)"
    assert file_name(Path("a\udcff")) == "a\N{REPLACEMENT CHARACTER}"


def test_a_place() -> None:
    """The name is made harmless there as well."""
    assert place(Path("a\nb"), Event(b"", 7, Unit.LINE)) == r"a\u000ab line 7"
