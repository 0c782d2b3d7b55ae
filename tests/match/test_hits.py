"""The report on metric filters."""

import json

from rich.text import Text

from relay.config.rules import MetricFilter, MetricName
from relay.match.hits import print_json, print_lines, print_table
from relay.match.rules import Hits
from relay.patterns import compile_pattern


def hits(name: str, pattern: str, *times: float) -> Hits:
    """Return hits of a filter at ``times``."""
    one = Hits(
        MetricFilter(
            name=name,
            pattern=compile_pattern(pattern),
            metric=MetricName(namespace="n", name="m"),
            origin="r.yaml:3",
        )
    )
    for time in times:
        one.add(time)
    return one


HITS = [hits("logins", "{ $.a\n =  1 }", *[60.0] * 1234, 120.0), hits("none", "x")]


def test_lines_for_programs() -> None:
    """Fields between tabs, the pattern whole and on one line."""
    lines: list[Text] = []

    print_lines(lines.append, HITS)

    assert [line.plain for line in lines] == [
        "1235\t1970-01-01T00:01:00Z\t1970-01-01T00:02:00Z\tlogins\t{ $.a = 1 }",
        "0\t-\t-\tnone\tx",
    ]


def test_json_for_programs() -> None:
    """An object for each filter, with the place where it is defined."""
    lines: list[Text] = []

    print_json(lines.append, HITS)

    assert [json.loads(line.plain) for line in lines] == [
        {
            "filter": "logins",
            "origin": "r.yaml:3",
            "pattern": "{ $.a\n =  1 }",
            "hits": 1235,
            "first": "1970-01-01T00:01:00Z",
            "last": "1970-01-01T00:02:00Z",
        },
        {
            "filter": "none",
            "origin": "r.yaml:3",
            "pattern": "x",
            "hits": 0,
            "first": None,
            "last": None,
        },
    ]


def test_a_table_for_people() -> None:
    """Filters that found nothing are dim, names are whole."""
    lines: list[Text] = []

    print_table(lines.append, HITS, width=120)

    assert [line.plain.split() for line in lines] == [
        ["hits", "first", "event", "last", "event", "metric", "filter", "pattern"],
        [
            *["1,235", "1970-01-01T00:01:00Z", "1970-01-01T00:02:00Z", "logins"],
            *["{", "$.a", "=", "1", "}"],
        ],
        ["0", "-", "-", "none", "x"],
    ]
    assert {span.style for span in lines[2].spans} >= {"dim"}


def test_a_narrow_table() -> None:
    """The name is more important than the pattern and the last event."""
    lines: list[Text] = []

    print_table(lines.append, HITS, width=60)

    assert lines[1].plain.split() == ["1,235", "1970-01-01T00:01:00Z", "logins"]


def test_no_filters() -> None:
    """There is a heading, and no row."""
    lines: list[Text] = []

    print_table(lines.append, [], width=60)

    assert len(lines) == 1
