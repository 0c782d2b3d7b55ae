"""A record that is too large for a log event becomes valid JSON that fits."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.clock import parse_isoformat
from relay.logs.shrink import Shrinker
from relay.model import LogObject, Record
from relay.patterns import parse_selector
from relay.telemetry import Telemetry
from relay.trail.projection import Projection
from relay.trail.records import split_records

MOST_BYTES = 1_048_550
LARGE = "x" * 1_100_000
SOURCE = LogObject(
    bucket="trail-logs",
    key="AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/25/a.json.gz",
    etag="0123",
    last_modified=0.0,
    body=b"",
)
RECORD = {
    "eventVersion": "1.11",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice"},
    "eventTime": "2026-11-25T12:00:00Z",
    "eventID": "1b6ac18b-c56a-4a2e-96a4-1c9bbc9d12f8",
    "eventName": "PutRolePolicy",
}
READ = ("$.userIdentity.arn", "$.eventName")


class Case:
    """Shrinks one record as the rules with some selectors have it."""

    def __init__(self, text: bytes, *selectors: str) -> None:
        projection = Projection(map(parse_selector, selectors or READ))
        self.telemetry = Telemetry()
        shrinker = Shrinker(projection, self.telemetry)
        self.record = _record(text, projection)
        self.text = shrinker.shrink(SOURCE, self.record)
        self.found: dict[str, Any] = json.loads(self.text)
        self.note: dict[str, Any] = self.found["relayShrunk"]


def _record(text: bytes, projection: Projection) -> Record:
    (record,) = split_records(b"[%b]" % text, projection, max_records=10**6).records
    return record


def compact(value: object) -> bytes:
    """Return JSON as CloudTrail writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def test_a_large_member_is_replaced_and_the_whole_record_can_be_found() -> None:
    """The note names object, size, hash and what is omitted; all else is as it was."""
    record = RECORD | {"requestParameters": {"policyDocument": LARGE, "roleName": "r"}}
    text = compact(record)

    case = Case(text)

    assert case.note == {
        "bucket": SOURCE.bucket,
        "key": SOURCE.key,
        "etag": SOURCE.etag,
        "bytes": len(text),
        "sha256": sha256(text).hexdigest(),
        "omitted": ["$.requestParameters.policyDocument"],
    }
    document = compact(LARGE)
    assert case.found == record | {
        "requestParameters": {
            "policyDocument": {
                "relayOmitted": {
                    "bytes": len(document),
                    "sha256": sha256(document).hexdigest(),
                }
            },
            "roleName": "r",
        },
        "relayShrunk": case.note,
    }
    assert (
        case.telemetry.registry.get_sample_value("relay_log_events_shrunk_total") == 1
    )


def test_a_record_just_over_the_limit_loses_no_more_than_its_largest_member() -> None:
    """One byte too many costs one member; a second large one stays."""
    record = RECORD | {"a": "x" * 600_000, "b": ""}
    record["b"] = "y" * (MOST_BYTES + 1 - len(compact(record)))

    case = Case(compact(record))

    assert case.record.size_bytes == MOST_BYTES + 1
    assert case.note["omitted"] == ["$.a"]
    assert case.found["b"] == record["b"]


def test_what_rules_read_stays_while_anything_else_can_go() -> None:
    """A large field that a rule reads is kept, the larger ones beside it go."""
    record = RECORD | {"read": "r" * 900_000, "a": "x" * 200_000, "b": LARGE}

    case = Case(compact(record), "$.read", "$.eventName")

    assert case.note["omitted"] == ["$.b", "$.a"]
    assert case.found["read"] == record["read"]


@pytest.mark.parametrize("selector", ["$.read", "$.read.deep", "$.*"])
def test_a_field_that_a_rule_reads_goes_when_nothing_else_helps(selector: str) -> None:
    """Then that very field is named; time and id stay in any case."""
    record = RECORD | {"read": {"deep": LARGE, "other": 1}, "small": "s"}

    case = Case(compact(record), selector)

    assert case.note["omitted"] == ["$.read.deep"]
    assert {name: case.found[name] for name in (*RECORD, "small")} == RECORD | {
        "small": "s"
    }
    assert case.found["read"]["other"] == 1


def test_of_very_many_small_members_what_rules_read_is_left() -> None:
    """When members are too small to be replaced one by one, the unread ones go."""
    swarm = {f"member{number}": "value" for number in range(50_000)}

    case = Case(compact(RECORD | swarm))

    assert case.note["omitted"] == ["$.*"]
    assert case.found == {
        "userIdentity": {"arn": "arn:aws:iam::111122223333:user/alice"},
        "eventTime": RECORD["eventTime"],
        "eventID": RECORD["eventID"],
        "eventName": "PutRolePolicy",
        "relayShrunk": case.note,
    }


def test_of_a_swarm_a_large_field_that_is_read_goes_as_well() -> None:
    """Both are told."""
    swarm = {f"member{number}": "value" for number in range(50_000)}

    case = Case(compact(RECORD | swarm | {"read": LARGE}), "$.read")

    assert case.note["omitted"] == ["$.*", "$.read"]
    assert case.found["eventID"] == RECORD["eventID"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(compact(LARGE), id="a string"),
        pytest.param(compact([LARGE, 1]), id="a list"),
        pytest.param(compact({"eventID": LARGE}), id="an object, all of it an id"),
        pytest.param(b'{"a":%b}' % (b"[" * 600_000 + b"]" * 600_000), id="too deep"),
        pytest.param(
            b'{"' + b"k" * 1_100_000 + b'":1,"eventID":"%b"}' % (b"i" * 1_100_000),
            id="a large name and id",
        ),
    ],
)
def test_what_is_no_object_that_can_be_shrunk_becomes_one(text: bytes) -> None:
    """A small object stands in: where the whole is, and how it begins."""
    case = Case(text)

    assert list(case.found) == ["relayShrunk"]
    assert case.note == {
        "bucket": SOURCE.bucket,
        "key": SOURCE.key,
        "etag": SOURCE.etag,
        "bytes": len(text),
        "sha256": sha256(text).hexdigest(),
        "omitted": ["$.*"],
        "beginning": text[:8192].decode(),
    }


def test_a_stand_in_has_the_id_and_the_time_that_were_read() -> None:
    """What is known of a record that cannot be taken apart is not lost."""
    record = Record(
        b"not JSON, and ends in the middle of \xc3\xa9"[:-1] + b"x" * 2_000_000,
        2_000_038,
        parse_isoformat("2026-11-25T12:00:00Z"),
        "an-id",
        None,
    )
    shrinker = Shrinker(Projection(()), Telemetry())

    found = json.loads(shrinker.shrink(SOURCE, record))

    assert list(found) == ["eventID", "eventTime", "relayShrunk"]
    assert (found["eventID"], found["eventTime"]) == ("an-id", "2026-11-25T12:00:00Z")


def test_a_beginning_is_cut_between_characters() -> None:
    """The text may be cut in the middle of a character; that is left out."""
    text = compact(["x" + "é" * 1_000_000])

    case = Case(text)

    assert case.note["beginning"] == '["x' + "é" * 4_094


def test_halves_of_surrogate_pairs_do_no_harm() -> None:
    """What msgspec cannot take apart, and nothing can write again, gets a stand-in."""
    text = b'{"eventName":"\\ud800","a":"' + LARGE.encode() + b'"}'

    case = Case(text, "$.eventName")

    assert case.note["beginning"].startswith('{"eventName":"\\ud800"')


def test_a_note_that_the_record_has_already_is_replaced() -> None:
    """Nobody can forge it: only ours is in the log event."""
    record = RECORD | {"relayShrunk": {"bucket": "forged"}, "a": LARGE}

    case = Case(compact(record))

    assert case.note["bucket"] == SOURCE.bucket
    assert case.text.count(b"relayShrunk") == 1


def test_hostile_names_cannot_make_the_note_too_large() -> None:
    """Names of what is omitted are cut, so that the whole always fits."""
    record = {
        "\x01" * 300 + str(number): {"\x02" * 300: "x" * 40_000} for number in range(28)
    }

    case = Case(compact(record))

    assert len(case.text) <= MOST_BYTES


def test_the_longest_key_of_an_object_leaves_room() -> None:
    """S3's keys have up to 1 024 bytes, which may all need escapes."""
    source = replace(SOURCE, key="\x01" * 1_024)
    record = compact(RECORD | {"a": LARGE, "read": "r" * 1_000_000})
    projection = Projection([parse_selector("$.read")])

    text = Shrinker(projection, Telemetry()).shrink(source, _record(record, projection))

    assert len(text) <= MOST_BYTES
    assert json.loads(text)["relayShrunk"]["omitted"] == ["$.a"]


_NAMES = st.sampled_from(["eventID", "eventTime", "a", "b", "userIdentity", "arn"])
_TEXTS = st.sampled_from(["", "é", "x" * 1_000, "y" * 400_000, LARGE])
_VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), _TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_NAMES, _VALUES, max_size=5))
def test_whatever_the_record_it_fits_and_says_where_the_whole_is(
    record: dict[str, object],
) -> None:
    """The result is an object within the limit, with the identity of the record."""
    case = Case(compact(record | {"large": LARGE}))

    assert len(case.text) <= MOST_BYTES
    assert (case.note["bucket"], case.note["key"]) == (SOURCE.bucket, SOURCE.key)
    if case.record.event_id is not None:
        assert case.found["eventID"] == case.record.event_id
