"""Events of files as records."""

from pathlib import Path

import pytest

from relay.match.records import RecordReader, Summary, log_file_key
from relay.model import Record
from relay.patterns import parse_selector
from relay.trail.projection import Projection

PATH = Path("AWSLogs/123456789012/CloudTrail/eu-west-1/2026/01/01/x.json.gz")


def read(event: bytes) -> Record:
    """Read one event with a projection of one field."""
    return RecordReader(Projection([parse_selector("$.a")])).read(event)


@pytest.mark.parametrize(
    ("event", "time"),
    [
        (b'{"eventTime":"1970-01-01T00:01:00Z"}', 60.0),
        (b'{"timeWindow":{"windowEnd":"1970-01-01T00:02:00Z"}}', 120.0),
        (b'{"eventTime":"noon"}', None),
        (b'{"eventTime":3}', None),
        (b'{"eventTime":"1970-01-01T00:01:00Z","a":1e309}', 60.0),
        (b"[]", None),
    ],
)
def test_event_times(event: bytes, time: float | None) -> None:
    """Aggregated events have theirs elsewhere; some have none."""
    assert read(event).time == time


@pytest.mark.parametrize("event", [b"hello", b"[1]", b'"x"', b"{", b'{"a":1} x'])
def test_what_is_no_object_has_no_fields(event: bytes) -> None:
    """It is a record all the same, with its text."""
    record = read(event)

    assert record.fields is None
    assert record.message == event.decode()


def test_bytes_that_are_no_utf8() -> None:
    """They are replaced in the text, and hide no field."""
    record = read(b'{"eventTime":"1970-01-01T00:01:00Z","a":"\xff"}')

    assert "\N{REPLACEMENT CHARACTER}" in record.message
    assert record.time == 60.0


def test_a_summary_takes_account_and_region_from_the_path() -> None:
    """When the event itself does not say them."""
    evidence = Summary().of(b'{"eventName":"StopLogging"}', PATH)

    assert evidence is not None
    assert (evidence.account, evidence.region) == ("123456789012", "eu-west-1")
    assert evidence.event_name == "StopLogging"


@pytest.mark.parametrize("event", [b"hello", b'{"a":1}', b'{"eventName":{}}'])
def test_no_summary_of_what_is_no_cloudtrail_event(event: bytes) -> None:
    """CloudTrail's have a name."""
    assert Summary().of(event, PATH) is None


def test_a_path_that_says_nothing() -> None:
    """It leaves account and region empty."""
    key = log_file_key(Path("x.json"))

    assert (key.account, key.region) == ("", "")
