"""relay.aws.timestamps: the SDK's reading of times, quicker where it matters."""

from datetime import UTC, datetime

import pytest
from botocore.utils import parse_timestamp

from relay.aws.timestamps import parse


@pytest.mark.parametrize(
    "value",
    [
        "Mon, 14 Sep 2026 05:42:40 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "2026-09-14T05:42:40Z",
        "2026-09-14T05:42:40.123+02:00",
        "20260914T054240Z",
        "1789364560",
        1_789_364_560,
        1_789_364_560.5,
    ],
)
def test_times_are_those_that_the_sdk_reads(value: object) -> None:
    """Whatever the form: the same instant, and it knows its time zone."""
    parsed = parse(value)

    assert parsed == parse_timestamp(value)
    assert parsed.utcoffset() is not None


def test_time_of_an_object_is_exact() -> None:
    """Last-Modified becomes the timestamp of log events."""
    parsed = parse("Mon, 14 Sep 2026 05:42:40 GMT")

    assert parsed == datetime(2026, 9, 14, 5, 42, 40, tzinfo=UTC)


@pytest.mark.parametrize("value", ["soon", "Mon, soon GMT", ""])
def test_what_is_no_time_is_refused(value: str) -> None:
    """As the SDK refuses it."""
    with pytest.raises(ValueError, match=r"."):
        parse(value)
