"""Tests of the records that tests' events become."""

import json
from typing import Any

import pytest

from relay.config.rule_test_schema import DEFAULT_START, Defaults, EventEntry
from relay.ruletest.records import NoMemberError, Occurrence, occurrences

NO_DEFAULTS = Defaults()


def happening(
    *events: dict[str, Any], defaults: Defaults = NO_DEFAULTS
) -> list[Occurrence]:
    """Return the occurrences of events as files have them."""
    entries = [EventEntry.model_validate(each) for each in events]
    return occurrences(entries, defaults, test="t", start=DEFAULT_START)


def record(event: dict[str, Any], defaults: Defaults = NO_DEFAULTS) -> dict[str, Any]:
    """Return the one record of ``event``."""
    (only,) = happening(event, defaults=defaults)
    document: dict[str, Any] = json.loads(only.record)
    return document


def test_an_empty_event_is_a_whole_record() -> None:
    """What CloudTrail always writes is there, and nothing failed."""
    found = record({})

    assert found["eventName"] == "DescribeInstances"
    assert found["eventTime"] == "2026-01-05T12:00:00Z"
    assert found["recipientAccountId"] == "111122223333"
    assert found["readOnly"] is True
    assert found["requestParameters"] is None
    assert "errorCode" not in found
    assert len(found["eventID"]) == 36


def test_members_are_merged_deeply() -> None:
    """What an event says of a mapping leaves the rest of it; lists are replaced."""
    defaults = Defaults(record={"requestParameters": {"a": 1, "list": [1, 2]}})

    found = record(
        {"record": {"requestParameters": {"b": {"c": 2}, "list": [3]}}}, defaults
    )

    assert found["requestParameters"] == {"a": 1, "list": [3], "b": {"c": 2}}
    assert defaults.record == {"requestParameters": {"a": 1, "list": [1, 2]}}


def test_null_and_what_is_no_mapping_replace_a_mapping() -> None:
    """A record without an identity, and one with a text for it, can be tested."""
    assert record({"record": {"userIdentity": None}})["userIdentity"] is None
    assert record({"record": {"userIdentity": "x"}})["userIdentity"] == "x"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("GetObject", True), ("DeleteTrail", False), (None, False)],
)
def test_whether_a_call_reads_only_follows_from_its_name(
    name: str | None, expected: bool
) -> None:
    """As far as a name can tell."""
    assert record({"record": {"eventName": name}})["readOnly"] is expected


def test_account_and_region_in_short() -> None:
    """They stand everywhere that a record names them, and on the log file."""
    event = {"account": "444455556666", "region": "eu-west-1"}

    found = record(event)
    (occurrence,) = happening(event)

    assert found["recipientAccountId"] == "444455556666"
    assert found["userIdentity"]["accountId"] == "444455556666"
    assert found["awsRegion"] == "eu-west-1"
    assert (occurrence.account, occurrence.region) == ("444455556666", "eu-west-1")


def test_an_events_own_words_go_before_defaults() -> None:
    """The record itself first, then its account, then what lies under all of them."""
    defaults = Defaults(
        account="222233334444", record={"recipientAccountId": "333344445555"}
    )

    assert record({}, defaults)["recipientAccountId"] == "333344445555"
    assert (
        record({"account": "444455556666"}, defaults)["recipientAccountId"]
        == "444455556666"
    )
    assert (
        record(
            {"account": "444455556666", "record": {"recipientAccountId": "x"}},
            defaults,
        )["recipientAccountId"]
        == "x"
    )


def test_a_log_file_has_an_account_whatever_the_record_says() -> None:
    """Its key cannot hold just anything."""
    (odd,) = happening({"record": {"recipientAccountId": 1, "awsRegion": "E/U"}})

    assert (odd.account, odd.region) == ("111122223333", "us-east-1")


def test_repetitions_are_numbered_and_apart() -> None:
    """Each has its own time, its own id and its own place in the record's texts."""
    first, second = happening(
        {
            "at": 10.0,
            "repeat": {"times": 2, "every": 20.0},
            "record": {"sourceIPAddress": "10.0.0.{n}", "list": ["{n}", {"a": "{n}"}]},
        }
    )

    assert (first.reference, second.reference) == ("$1.1", "$1.2")
    assert (first.number, second.number) == (1, 1)
    assert second.arrives_at - first.arrives_at == 20
    assert first.event_id != second.event_id
    assert json.loads(second.record)["sourceIPAddress"] == "10.0.0.2"
    assert json.loads(second.record)["list"] == ["2", {"a": "2"}]
    assert json.loads(second.record)["eventTime"] == "2026-01-05T12:00:30Z"


def test_an_event_that_happens_once_keeps_braces() -> None:
    """Only repetitions are numbered."""
    assert record({"record": {"userAgent": "{n}"}})["userAgent"] == "{n}"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"arrives": 300.0}, [300.0, 300.0]),
        ({"delay": 300.0}, [300.0, 360.0]),
        ({}, [0.0, 60.0]),
    ],
    ids=["all at once", "each late", "at once"],
)
def test_when_repetitions_arrive(event: dict[str, Any], expected: list[float]) -> None:
    """In one log file, each after a delay, or as they happen."""
    found = happening(event | {"repeat": {"times": 2, "every": 60.0}})

    assert [each.arrives_at - DEFAULT_START for each in found] == expected


def test_ids_are_the_same_in_every_run() -> None:
    """So are reports. An id of its own may be written, in short or in the record."""
    assert happening({}, {}) == happening({}, {})
    assert len({each.event_id for each in happening({}, {})}) == 2
    assert record({"id": "mine"})["eventID"] == "mine"
    assert record({"record": {"eventID": "yours"}})["eventID"] == "yours"
    assert happening({"record": {"eventID": None}})[0].event_id is None


def test_a_name_that_is_no_text_is_none() -> None:
    """A report has to call it something."""
    assert happening({"record": {"eventName": 7}})[0].name == ""


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("$.a.b", {"c": [1, 2]}),
        ("$.a.c[0]", {"b": 1, "c": [2]}),
        ("$.a['c']", {"b": 1}),
    ],
)
def test_members_can_be_removed(selector: str, expected: object) -> None:
    """Of mappings and of lists."""
    event = {"record": {"a": {"b": 1, "c": [1, 2]}}, "remove": [selector]}

    assert record(event)["a"] == expected


@pytest.mark.parametrize("selector", ["$.b", "$.a.b.c", "$.a.c[2]", "$.a[0]"])
def test_what_is_not_there_cannot_be_removed(selector: str) -> None:
    """It would be a slip, and the test about something else."""
    event = {
        "record": {"a": {"b": 1, "c": [1, 2]}},
        "remove": ["$.userAgent", selector],
    }

    with pytest.raises(NoMemberError) as caught:
        happening({}, event)

    assert (caught.value.event, caught.value.position) == (1, 1)
