"""The report of ``relay match --rules``: a line for each metric filter."""

from collections.abc import Callable, Sequence

import msgspec
from rich.text import Text

from relay.clock import isoformat
from relay.match.columns import Column, Columns
from relay.match.rules import Hits
from relay.match.text import visible

Write = Callable[[Text], None]


def print_table(write: Write, hits: Sequence[Hits], *, width: int) -> None:
    """Print a table for people; filters without a hit are dim."""
    columns = Columns(_columns(hits), width)
    write(columns.heading())
    for each in hits:
        cells = [
            f"{each.count:,}",
            _time(each.first),
            _time(each.last),
            visible(each.filter.name),
            _pattern(each),
        ]
        write(columns.row(cells, style=None if each.count else "dim"))


def print_lines(write: Write, hits: Sequence[Hits]) -> None:
    """Print a line of fields between tabs for each filter: easy to sort and to cut."""
    for each in hits:
        fields = [str(each.count), _time(each.first), _time(each.last)]
        fields += [visible(each.filter.name), _pattern(each)]
        write(Text("\t".join(fields)))


def print_json(write: Write, hits: Sequence[Hits]) -> None:
    """Print a JSON object for each filter."""
    for each in hits:
        document = {
            "filter": each.filter.name,
            "origin": each.filter.origin,
            "pattern": each.filter.pattern.text,
            "hits": each.count,
            "first": None if each.first is None else isoformat(each.first),
            "last": None if each.last is None else isoformat(each.last),
        }
        write(Text(visible(msgspec.json.encode(document).decode())))


def _columns(hits: Sequence[Hits]) -> list[Column]:
    digits = max([4, *(len(f"{each.count:,}") for each in hits)])
    names = max([13, *(len(each.filter.name) for each in hits)])
    return [
        Column(title="hits", style="bold", least=digits, most=digits, is_number=True),
        Column(title="first event", style="cyan", least=20, most=20),
        Column(title="last event", style="cyan", least=20, most=20, needs=80),
        Column(title="metric filter", least=min(names, 40), most=names),
        Column(title="pattern", style="dim", least=20, most=200, needs=120),
    ]


def _time(at: float | None) -> str:
    return "-" if at is None else isoformat(at)


def _pattern(hits: Hits) -> str:
    """Return the pattern on one line."""
    return visible(" ".join(hits.filter.pattern.text.split()))
