"""Tests of the section ``quarantine``: one place, and none that feeds itself."""

import pytest

from relay.config.quarantine_section import Quarantine, QuarantineBucket
from tests.config.conftest import Examine, lines

QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/quarantine"


def loaded(examined: Examine, quarantine: str) -> Quarantine | None:
    """Return the section of a valid file."""
    report = examined(f"quarantine: {quarantine}\n")
    assert report.loaded is not None, lines(report)
    assert report.warnings == []
    return report.loaded.config.quarantine


def test_a_queue_is_a_place(examined: Examine) -> None:
    """Five receives are the default."""
    assert loaded(examined, f"{{queue_url: '{QUEUE_URL}'}}") == Quarantine(
        max_receives=5, queue_url=QUEUE_URL
    )


def test_a_bucket_is_a_place(examined: Examine) -> None:
    """With a prefix of its own."""
    assert loaded(examined, "{max_receives: 3, s3: {bucket: kept}}") == Quarantine(
        max_receives=3,
        s3=QuarantineBucket(bucket="kept", prefix="relay-quarantine/"),
    )


def test_none_is_the_default(examined: Examine) -> None:
    """Then the queue's redrive policy decides."""
    assert loaded(examined, "null") is None


@pytest.mark.parametrize(
    ("quarantine", "expected"),
    [
        ("{}", "names no place, or two; give one of queue_url and s3"),
        (
            f"{{queue_url: '{QUEUE_URL}', s3: {{bucket: kept}}}}",
            "names no place, or two; give one of queue_url and s3",
        ),
        ("{s3: {bucket: kept, prefix: 'a b'}}", "is no prefix of object keys"),
        ("{s3: {bucket: K}}", "is no bucket name"),
        ("{max_receives: 0, s3: {bucket: kept}}", "quarantine.max_receives"),
        ("{queue_url: 'q'}", "is no queue URL"),
        ("{table: x, s3: {bucket: kept}}", "quarantine.table"),
        (
            "{queue_url: https://sqs.eu-west-1.amazonaws.com/123456789012/relay}",
            "is source.queue_url as well; what goes there would come again at once",
        ),
    ],
)
def test_what_cannot_be_a_place_is_refused(
    examined: Examine, quarantine: str, expected: str
) -> None:
    """With the line, and what would be right."""
    (line,) = lines(examined(f"quarantine: {quarantine}\n"))

    assert line.startswith("relay.yaml:1: quarantine")
    assert expected in line


def test_a_bucket_that_may_announce_items_is_warned_of(examined: Examine) -> None:
    """An item that is announced as a log file would become an item itself."""
    report = examined("quarantine: {s3: {bucket: trail-logs}}\n")
    (warning,) = report.warnings

    assert report.loaded is not None
    assert str(warning) == (
        "relay.yaml:1: quarantine.s3.bucket: 'trail-logs' is one of source.buckets; if"
        " that announces new objects itself, it must leave out those below"
        " 'relay-quarantine/'"
    )
