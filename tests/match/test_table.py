"""The table that people see at a terminal."""

from pathlib import Path

from rich.text import Text

from relay.match.event_files import Event, Unit
from relay.match.search import Found
from relay.match.table import TableOutput

EVENT = (
    b'{"eventTime":"2026-01-02T03:04:05Z","eventName":"StopLogging",'
    b'"userIdentity":{"userName":"al\\u001b[31mice"},"sourceIPAddress":"192.0.2.1",'
    b'"errorCode":"AccessDenied","recipientAccountId":"123456789012",'
    b'"awsRegion":"eu-west-1"}'
)
HEADING = "time                  event"


def rows(*events: bytes, width: int = 200, shows_name: bool = False) -> list[str]:
    """Return the lines that a table of ``events`` has."""
    lines: list[Text] = []
    table = TableOutput(lines.append, width=width, shows_name=shows_name)
    for number, event in enumerate(events, start=1):
        table.show(
            Found(
                path=Path("logs/x.json"),
                event=Event(event, number, Unit.RECORD),
                extracted={},
            )
        )
    table.end_file(Path("logs/x.json"), len(events))
    table.end()
    return [line.plain for line in lines]


def test_a_row_says_who_did_what_from_where() -> None:
    """And with which error, in which account and region, and where it is written."""
    heading, row = rows(EVENT)

    assert heading.split() == [
        *["time", "event", "principal", "source", "error"],
        *["account", "region", "file"],
    ]
    assert row.split() == [
        "2026-01-02T03:04:05Z",
        "StopLogging",
        r"al\u001b[31mice",
        "192.0.2.1",
        "AccessDenied",
        "123456789012",
        "eu-west-1",
        "x.json:1",
    ]


def test_what_an_event_does_not_say() -> None:
    """A dash stands in for it; no error is no word at all."""
    _, row = rows(b'{"eventName":"X"}', width=100)

    assert row.split() == ["-", "X", "-", "-"]


def test_the_error_message_where_there_is_no_code() -> None:
    """Failed sign-ins have only that."""
    _, row = rows(b'{"eventName":"ConsoleLogin","errorMessage":"Failed"}', width=100)

    assert row.split() == ["-", "ConsoleLogin", "-", "-", "Failed"]


def test_one_heading_for_all_rows() -> None:
    """It comes with the first row."""
    heading, *others = rows(EVENT, EVENT)

    assert heading.startswith(HEADING)
    assert len(others) == 2


def test_a_narrow_terminal_shows_the_most_important() -> None:
    """Nothing is wrapped."""
    heading, row = rows(EVENT, width=60)

    assert heading.split() == ["time", "event", "principal"]
    assert len(row) <= 60


def test_other_events_are_shown_as_text() -> None:
    """All of it, harmless, and with its place when there are several files."""
    assert rows(b"a\t\x1b[2Jb") == [r"a       \u001b[2Jb"]
    assert rows(b'{"a":1}', shows_name=True) == ['logs/x.json:1: {"a":1}']
