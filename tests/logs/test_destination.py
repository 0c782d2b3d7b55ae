"""Each record goes to its route's group and stream, with the configured timestamp."""

import pytest

from relay.config.logs_section import LogRoute, Logs
from relay.logs.destination import plan, stream_name
from relay.model import Destination, FileKind, LogFile, LogFileKey, Record

KEY = LogFileKey(kind=FileKind.EVENTS, account="111122223333", region="eu-west-1")
ANY = "{ $.eventName = * }"
DELIVERED, ARRIVED = 1_700_000_000.25, 1_700_000_060.5


def _record(message: str, time: float | None = None) -> Record:
    text = message.encode()
    return Record(text, len(text), time, None, None)


def _file(*records: Record) -> LogFile:
    return LogFile(key=KEY, records=list(records), decompressed_bytes=0)


def _by_prefix(record: Record) -> int | None:
    """Route by the message's first character: a digit is the route's index."""
    return int(record.message[0]) if record.message[0].isdecimal() else None


def test_without_routes_all_goes_to_the_default() -> None:
    """Every record becomes a log event of the default destination, in file order."""
    found = plan(
        _file(_record("a"), _record("é")),
        lambda record: pytest.fail("no routes, nothing to ask"),
        Logs(group="/g"),
        delivery_time=DELIVERED,
        arrival_time=ARRIVED,
    )

    (events,) = found.events.values()
    assert [
        Destination(group="/g", stream="111122223333_CloudTrail_eu-west-1")
    ] == list(found.events)
    assert [(e.message, e.size_bytes) for e in events] == [("a", 1), ("é", 2)]
    assert found.dropped == 0


def test_routes_choose_group_and_stream() -> None:
    """A route overrides what it names, and drops what it says to drop."""
    logs = Logs(
        group="/g",
        stream="default",
        routes=(
            LogRoute(match=ANY, group="/data"),
            LogRoute(match=ANY, drop=True),
            LogRoute(match=ANY, stream="{kind}"),
        ),
    )

    found = plan(
        _file(*map(_record, ["0a", "1a", "2a", "x", "0b", "1b"])),
        _by_prefix,
        logs,
        delivery_time=DELIVERED,
        arrival_time=ARRIVED,
    )

    assert {
        (to.group, to.stream): [event.message for event in events]
        for to, events in found.events.items()
    } == {
        ("/data", "default"): ["0a", "0b"],
        ("/g", "events"): ["2a"],
        ("/g", "default"): ["x"],
    }
    assert found.dropped == 2


def test_routes_to_one_destination_keep_file_order() -> None:
    """Two routes that lead to the same place share one list."""
    logs = Logs(
        group="/g", stream="s", routes=(LogRoute(match=ANY, group="/g", stream="s"),)
    )

    found = plan(
        _file(*map(_record, ["a", "0", "b"])),
        _by_prefix,
        logs,
        delivery_time=DELIVERED,
        arrival_time=ARRIVED,
    )

    (events,) = found.events.values()
    assert [event.message for event in events] == ["a", "0", "b"]


def test_a_record_that_is_too_large_is_shrunk() -> None:
    """It becomes the text that ``shrink`` makes of it; what just fits is left alone,
    and so is what is dropped."""
    logs = Logs(group="/g", routes=(LogRoute(match=ANY, drop=True),))
    fits, too_large = "m" * 1_048_550, "m" * 1_048_551
    shrunk: list[Record] = []

    def shrink(record: Record) -> bytes:
        shrunk.append(record)
        return b"small"

    found = plan(
        _file(*map(_record, [fits, too_large, "0" + too_large])),
        _by_prefix,
        logs,
        delivery_time=DELIVERED,
        arrival_time=ARRIVED,
        shrink=shrink,
    )

    (events,) = found.events.values()
    assert [(event.text, event.size_bytes) for event in events] == [
        (fits.encode(), 1_048_550),
        (b"small", 5),
    ]
    assert [record.message for record in shrunk] == [too_large]
    assert found.dropped == 1


def test_without_shrink_a_large_record_stays_as_it_is() -> None:
    """Then the writer has to reject it."""
    found = plan(
        _file(_record("m" * 1_048_551)),
        _by_prefix,
        Logs(group="/g"),
        delivery_time=DELIVERED,
        arrival_time=ARRIVED,
    )

    (events,) = found.events.values()
    assert [event.size_bytes for event in events] == [1_048_551]


def test_a_file_without_records_has_no_events() -> None:
    """No record, no destination."""
    found = plan(
        _file(), _by_prefix, Logs(group="/g"), delivery_time=1.0, arrival_time=1.0
    )

    assert found.events == {}


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("delivery", [1_700_000_000_250] * 3),
        ("arrival", [1_700_000_060_500] * 3),
        ("event_time", [1_699_999_999_000, 1_700_000_000_250, 0]),
    ],
)
def test_timestamps(timestamp: str, expected: list[int]) -> None:
    """logs.timestamp chooses the time; a missing event time is the delivery time, and
    one before 1970 is 1970."""
    logs = Logs.model_validate({"group": "/g", "timestamp": timestamp})

    found = plan(
        _file(_record("a", 1_699_999_999.0), _record("b"), _record("c", -5.0)),
        _by_prefix,
        logs,
        delivery_time=DELIVERED,
        arrival_time=ARRIVED,
    )

    (events,) = found.events.values()
    assert expected == [event.timestamp_ms for event in events]


@pytest.mark.parametrize(
    ("template", "organization", "expected"),
    [
        ("{account}_CloudTrail_{region}", None, "1_CloudTrail_eu"),
        ("{organization}_{account}", "o-exampleorgid", "o-exampleorgid_1"),
        ("{organization}", None, "_"),
        ("{kind}:{kind}*", None, "insight_insight_"),
        ("{account.__class__}{}", None, "{account.__class__}{}"),
        ("x" * 600, None, "x" * 512),
    ],
)
def test_stream_names(template: str, organization: str | None, expected: str) -> None:
    """Fields are filled in, what CloudWatch Logs refuses is replaced, length is cut."""
    key = LogFileKey(
        kind=FileKind.INSIGHT, account="1", region="eu", organization=organization
    )

    assert expected == stream_name(template, key)


def test_values_are_not_templates() -> None:
    """A field's value is taken literally, whatever it looks like."""
    hostile = LogFileKey(kind=FileKind.EVENTS, account="{region}", region="a:b*")

    assert stream_name("{account}/{region}", hostile) == "{region}/a_b_"
