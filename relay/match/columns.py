"""Columns that are as wide as fits the terminal, one line a row, printed as they come.

A rich table must know all its rows before it prints the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

_GAP: Final = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of ``least`` to ``most`` cells, as there is room.

    It is left out of terminals narrower than ``needs``. What does not fit is cut at the
    end, or at the beginning if the column ``keeps_end``.
    """

    title: str
    style: str = ""
    least: int
    most: int
    needs: int = 0
    is_number: bool = False
    keeps_end: bool = False


class Columns:
    """Lays out rows of one cell for each of ``columns``."""

    def __init__(self, columns: Sequence[Column], room: int) -> None:
        """Fit ``columns`` into ``room`` cells."""
        self._shown = [
            number for number, column in enumerate(columns) if column.needs <= room
        ]
        self._columns = [columns[number] for number in self._shown]
        self._widths = _widths(self._columns, room)

    def heading(self) -> Text:
        """Return the row of titles."""
        titles = [column.title for column in self._columns]
        return self._row(titles, ["bold underline"] * len(titles))

    def row(self, cells: Sequence[str], style: str | None = None) -> Text:
        """Return a row; in the columns' own styles unless there is a ``style``."""
        styles = [column.style if style is None else style for column in self._columns]
        return self._row([cells[number] for number in self._shown], styles)

    def _row(self, cells: Sequence[str], styles: Sequence[str]) -> Text:
        row = Text(_GAP).join(
            Text(_fit(column, cell, width), style)
            for column, cell, width, style in zip(
                self._columns, cells, self._widths, styles, strict=True
            )
        )
        row.rstrip()
        return row


def _widths(columns: Sequence[Column], room: int) -> list[int]:
    """Return the width of each column: what is left over goes round."""
    widths = [column.least for column in columns]
    left = room - sum(widths) - len(_GAP) * (len(columns) - 1)
    left = min(left, sum(column.most - column.least for column in columns))
    positions = cycle(range(len(columns)))
    while left > 0:
        position = next(positions)
        if widths[position] < columns[position].most:
            widths[position] += 1
            left -= 1
    return widths


def _fit(column: Column, text: str, width: int) -> str:
    """Return ``text`` in exactly ``width`` cells, with dots where it was cut."""
    missing = width - cell_len(text)
    if missing >= 0:
        return " " * missing + text if column.is_number else text + " " * missing
    if not column.keeps_end:
        return set_cell_size(text, width - 1) + "…"
    end = text[-width:]
    while cell_len(end) >= width:
        end = end[1:]
    return "…" + end + " " * (width - 1 - cell_len(end))
