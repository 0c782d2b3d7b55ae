"""Columns that fit the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from relay.match.columns import Column, Columns

COLUMNS = [
    Column(title="hits", least=4, most=4, is_number=True),
    Column(title="name", style="red", least=6, most=10),
    Column(title="file", least=5, most=30, needs=30, keeps_end=True),
]


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (12, "   3  some-…"),
        (14, "   3  some-na…"),
        (20, "   3  some-name"),
        (30, "   3  some-name   …s/x.json.gz"),
        (80, "   3  some-name   logs/x.json.gz"),
    ],
)
def test_columns_take_the_room_there_is(room: int, expected: str) -> None:
    """What is too long is cut; columns that need more room are left out."""
    row = Columns(COLUMNS, room).row(["3", "some-name", "logs/x.json.gz"])

    assert row.plain == expected


def test_heading_and_styles() -> None:
    """Titles are emphasized; cells have their column's style, or that of the row."""
    columns = Columns(COLUMNS, 20)

    assert columns.heading().plain == "hits  name"
    assert columns.heading().spans[0].style == "bold underline"
    assert columns.row(["1", "a", "b"]).spans[-1].style == "red"
    assert columns.row(["1", "a", "b"], style="dim").spans[-1].style == "dim"


@given(
    st.lists(
        st.text(st.characters(categories=["L", "N", "P"])), min_size=3, max_size=3
    ),
    st.integers(12, 60),
)
def test_no_row_is_wider_than_the_terminal(cells: list[str], room: int) -> None:
    """Also with characters that are two cells wide."""
    assert cell_len(Columns(COLUMNS, room).row(cells).plain) <= room
