"""Messages get as large as their target takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.notify.receivers.sizes import largest, pieces, units, whole_lines

TEXTS = st.text(alphabet="ab \n\N{FIRE}", max_size=60)


def test_units_are_those_of_utf_16() -> None:
    """As JavaScript counts, and so most chat services."""
    assert units("a\N{LATIN SMALL LETTER E WITH ACUTE}\N{FIRE}") == 4


def test_whole_lines_are_left_out() -> None:
    """And how many is told."""
    text = "first\nsecond\nthird\n" + "x" * 50

    assert (
        whole_lines(text, 40, otherwise="-") == "first\nsecond\nthird\n... 1 more line"
    )
    assert whole_lines(text, 30, otherwise="-") == "first\nsecond\n... 2 more lines"
    assert whole_lines("x" * 50, 30, otherwise="title") == "title"


@given(TEXTS, st.integers(20, 60))
def test_whole_lines_never_exceed(text: str, room: int) -> None:
    """Whatever the text is."""
    assert units(whole_lines(text, room, otherwise="-")) <= room


@given(TEXTS, st.integers(5, 60))
def test_pieces_never_exceed_and_are_never_empty(text: str, room: int) -> None:
    """Slack refuses an empty section."""
    found = pieces(text, room, otherwise="-")

    assert found
    assert all(piece.strip() and units(piece) <= room for piece in found)


def test_pieces_keep_every_line_that_fits() -> None:
    """In order; one that fits nowhere is left out."""
    assert pieces("aaaa\nbbbb\ncccc", 9, otherwise="-") == ["aaaa\nbbbb", "cccc"]
    assert pieces("aaaa\n" + "b" * 10, 9, otherwise="-") == ["aaaa"]
    assert pieces("b" * 10, 9, otherwise="-") == ["-"]


@pytest.mark.parametrize(("room", "expected"), [(100, 50), (31, 31), (1, 1), (0, 0)])
def test_the_largest_that_fits_is_found(room: int, expected: int) -> None:
    """And the smallest where none does."""
    assert len(largest(lambda n: b"x" * n, most=50, max_bytes=room)) == expected
