"""Text from records is made harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.notify.plain import one_line, shorten, well_formed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alice", "alice"),
        ("a\r\nBcc: x@example.com", "a Bcc: x@example.com"),
        ("tab\there  and\u2028there", "tab here and there"),
        ("\x1b[31mred\x00", "\ufffd[31mred\ufffd"),
        ("exe\u202egpj", "exe\ufffdgpj"),
        ("\ud800", "\ufffd"),
        ("naïve 名前", "naïve 名前"),
    ],
)
def test_one_line_has_no_breaks_and_nothing_invisible(text: str, expected: str) -> None:
    """White space is one blank; what cannot be seen is U+FFFD."""
    assert one_line(text) == expected


@given(st.text(st.characters(codec=None)), st.integers(4, 50))
def test_one_line_is_always_printable_and_short(text: str, max_chars: int) -> None:
    """Whatever comes in."""
    line = one_line(text, max_chars)

    assert line.isprintable()
    assert len(line) <= max_chars


@given(st.text(st.characters(codec=None)))
def test_well_formed_text_can_be_encoded(text: str) -> None:
    """Lone surrogates are replaced, all else is kept."""
    result = well_formed(text)

    assert result.encode().decode() == result
    assert len(result) == len(text)


def test_a_long_text_ends_with_dots() -> None:
    """And has exactly the length that is allowed."""
    assert shorten("abcdefghij", 8) == "abcde..."
    assert shorten("abcdefgh", 8) == "abcdefgh"
