"""A row for each event, for people at a terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.text import Text

from relay.match.columns import Column, Columns
from relay.match.event_files import Event
from relay.match.records import Summary
from relay.match.search import Found
from relay.match.text import file_name, visible
from relay.model import Evidence

_COLUMNS: Final = (
    Column(title="time", style="cyan", least=20, most=20),
    Column(title="event", style="bold", least=18, most=36),
    Column(title="principal", style="green", least=10, most=40, needs=52),
    Column(title="source", least=15, most=26, needs=69),
    Column(title="error", style="red", least=8, most=36, needs=79),
    Column(title="account", style="magenta", least=12, most=12, needs=108),
    Column(title="region", style="magenta", least=9, most=14, needs=120),
    Column(title="file", style="dim", least=14, most=99, needs=136, keeps_end=True),
)
"""A narrow terminal leaves the last ones out, for the sake of the others."""


class TableOutput:
    """Prints rows as events are found; their columns are as wide as fits the terminal.

    Events that are none of CloudTrail's are printed as text.
    """

    def __init__(
        self, write: Callable[[Text], None], *, width: int, shows_name: bool
    ) -> None:
        """Print lines of ``width`` cells by ``write``."""
        self._write = write
        self._shows_name = shows_name
        self._summary = Summary()
        self._has_heading = False
        self._columns = Columns(_COLUMNS, width)

    def show(self, found: Found) -> None:
        """Print the row of one event; a heading before the first."""
        evidence = self._summary.of(found.event.text, found.path)
        if evidence is None:
            self._write(self._text(found))
            return
        if not self._has_heading:
            self._has_heading = True
            self._write(self._columns.heading())
        cells = _cells(evidence, found.path, found.event)
        self._write(self._columns.row(cells))

    def end_file(self, path: Path, count: int) -> None:
        """Print nothing."""

    def end(self) -> None:
        """Print nothing."""

    def _text(self, found: Found) -> Text:
        message = found.event.text.decode(errors="replace").expandtabs()
        prefix = f"{visible(file_name(found.path))}:{found.event.number}: "
        return Text(prefix if self._shows_name else "", "dim").append(
            visible(message), "default"
        )


def _cells(evidence: Evidence, path: Path, event: Event) -> list[str]:
    return [
        visible(text or "-")
        for text in (
            evidence.event_time,
            evidence.event_name,
            evidence.principal,
            evidence.source_ip,
            evidence.error_code or evidence.error_message or " ",
            evidence.account,
            evidence.region,
            f"{file_name(Path(path.name))}:{event.number}",
        )
    ]
