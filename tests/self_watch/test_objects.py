"""relay.self_watch.objects: what an object says by having come."""

from relay.model import (
    Datapoint,
    FileKind,
    LogFile,
    LogFileKey,
    LogObject,
    Message,
    Record,
)
from relay.self_watch.objects import object_datapoints
from relay.self_watch.rules import SelfWatchAlarms
from tests.self_watch.examples import alarms

STORED_AT, RECEIVED_AT = 1_000_000.0, 1_000_002.0
MESSAGE = Message(
    id="m",
    receipt_handle="r",
    body="",
    sent_at=1_000_001.0,
    received_at=RECEIVED_AT,
)
FOUND = LogObject(bucket="b", key="k", etag="e", last_modified=STORED_AT, body=b"")


def file(*times: float | None) -> LogFile:
    """Return a log file with records of these times."""
    return LogFile(
        key=LogFileKey(kind=FileKind.EVENTS, account="1", region="eu-west-1"),
        records=[
            Record(text=b"{}", size_bytes=2, time=time, event_id=None, fields=None)
            for time in times
        ],
        decompressed_bytes=2,
    )


def values(fed: SelfWatchAlarms, *times: float | None) -> dict[str, Datapoint]:
    """Return the datapoints by the name of their alarm."""
    datapoints = object_datapoints(fed, MESSAGE, FOUND, file(*times))
    return {each.alarm.name: each for each in datapoints}


def test_account_and_region_are_heard_of_when_it_was_stored() -> None:
    """A backlog that is read now says nothing of the trail now."""
    silent = values(alarms())["self-watch-silent"]

    assert (silent.group, silent.time) == (("1", "eu-west-1"), STORED_AT)


def test_late_is_by_the_newest_record() -> None:
    """Old records beside it are the ordinary case; one without a time says nothing."""
    found = values(alarms(), STORED_AT - 9_000, None, STORED_AT - 120)

    late = found["self-watch-cloudtrail-late"]
    assert (late.value, late.time, late.group) == (120.0, RECEIVED_AT, ())


def test_record_after_the_object_is_not_late() -> None:
    """Clocks of several machines meet: a delay is never negative."""
    found = values(alarms(), STORED_AT + 5)

    assert found["self-watch-cloudtrail-late"].value == 0.0


def test_object_without_records_is_not_late() -> None:
    """It only came."""
    assert set(values(alarms())) == {"self-watch-silent"}


def test_what_is_off_is_not_fed() -> None:
    """Nothing at all without self-watch."""
    assert set(values(alarms(disable=["silent"]), STORED_AT)) == {
        "self-watch-cloudtrail-late"
    }
    assert values(alarms(enabled=False), STORED_AT) == {}
