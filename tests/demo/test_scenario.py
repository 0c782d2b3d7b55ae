"""The script of the demo: what is delivered is believable, and the same every time."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.clock import parse_isoformat
from relay.demo.incident import GUESSES, INTRUDER_IP, VICTIM
from relay.demo.records import Json
from relay.demo.scenario import ACCOUNTS, REGIONS, SLOT_SECS, Scenario, build

NOW = 1_777_300_000.0


def records_of(scenario: Scenario) -> list[Json]:
    """Return all records of all files."""
    return [record for file in scenario.files for record in file.records]


def named(scenario: Scenario, name: str) -> list[Json]:
    """Return the records of one eventName that the intruder caused."""
    return [
        record
        for record in records_of(scenario)
        if record["eventName"] == name and record["sourceIPAddress"] == INTRUDER_IP
    ]


def test_same_seed_same_story() -> None:
    """A seed and a time stand for one scenario, to the last byte."""
    first, second = (build(seed=5, now=NOW) for _ in range(2))

    assert first == second


def test_other_seed_other_story() -> None:
    """Another seed gives other events."""
    first, second = (records_of(build(seed=seed, now=NOW)) for seed in (5, 6))

    assert {r["eventID"] for r in first}.isdisjoint(r["eventID"] for r in second)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_every_record_is_one_of_its_file(seed: int) -> None:
    """Ids are unique; account, region and time fit the file; 0.8 to 2 KB each."""
    scenario = build(seed=seed, now=NOW)

    ids = [record["eventID"] for record in records_of(scenario)]
    assert len(set(ids)) == len(ids)
    for file in scenario.files:
        for record in file.records:
            assert record["recipientAccountId"] == file.place.account
            assert record["awsRegion"] == file.place.region
            age_secs = file.delivered_at - parse_isoformat(str(record["eventTime"]))
            assert 0 <= age_secs <= SLOT_SECS + 1
            assert 800 <= len(msgspec.json.encode(record)) <= 2_000


def test_background_covers_every_account_and_region() -> None:
    """Every account works in every region."""
    scenario = build(seed=1, now=NOW)

    places = {(file.place.account, file.place.region) for file in scenario.files}
    assert places == {(account, region) for account in ACCOUNTS for region in REGIONS}


def test_ordinary_records_look_ordinary() -> None:
    """No ordinary record failed, came from root, or signed in without MFA."""
    ordinary = [
        record
        for record in records_of(build(seed=1, now=NOW))
        if record["sourceIPAddress"] != INTRUDER_IP
    ]

    assert len(ordinary) > 800
    for record in ordinary:
        assert "errorCode" not in record
        assert "errorMessage" not in record
        identity = record["userIdentity"]
        assert isinstance(identity, dict)
        assert identity["type"] != "Root"
        extra = record.get("additionalEventData", {"MFAUsed": "Yes"})
        assert isinstance(extra, dict)
        assert extra["MFAUsed"] == "Yes"


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("ConsoleLogin", GUESSES + 1),
        ("DescribeTrails", 1),
        ("AuthorizeSecurityGroupIngress", 1),
        ("StopLogging", 1),
    ],
)
def test_incident_is_all_there(name: str, count: int) -> None:
    """Each deed of the intruder's is recorded."""
    scenario = build(seed=1, now=NOW)

    assert len(named(scenario, name)) == count


def test_failed_logins_are_of_one_user() -> None:
    """The failed sign-ins name one user, so that a rule grouped by user sees them."""
    failures = [
        record
        for record in named(build(seed=1, now=NOW), "ConsoleLogin")
        if record.get("errorMessage") == "Failed authentication"
    ]

    users = [
        identity["userName"]
        for record in failures
        if isinstance(identity := record["userIdentity"], dict)
    ]
    assert users == [VICTIM] * GUESSES


def test_some_notices_name_several_files_and_some_come_twice() -> None:
    """The story contains what at-least-once delivery and CloudTrail's form allow."""
    steps = build(seed=1, now=NOW).steps

    assert any(len(notice) > 1 for step in steps for notice in step.notices)
    assert any(step.announced_twice for step in steps)
