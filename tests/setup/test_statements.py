"""Tests of policy documents: merged by Sid, nobody else's touched."""

from typing import Any

import pytest

from relay.setup.statements import (
    EMPTY,
    meaning,
    merge,
    old_form,
    parse,
    present,
    statements_of,
    without,
)

OURS: dict[str, Any] = {
    "Sid": "RelayWrite",
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::logs/AWSLogs/111122223333/*",
}
THEIRS: dict[str, Any] = {
    "Sid": "Theirs",
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["s3:b", "s3:a"],
    "Resource": "*",
}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def test_no_text_is_an_empty_policy() -> None:
    """A bucket without a policy is as one whose policy says nothing."""
    assert parse(None) == parse("") == EMPTY
    assert parse('{"Statement": []}') == {"Statement": []}


def test_a_single_statement_needs_no_list() -> None:
    """As AWS allows it."""
    assert statements_of({"Statement": OURS}) == [OURS]


def test_others_stay_where_they_are() -> None:
    """Ours is replaced in its place, or added at the end; no other changes."""
    old = OURS | {"Action": "s3:*"}

    assert merge(policy(THEIRS), [OURS]) == policy(THEIRS, OURS)
    assert merge(policy(old, THEIRS), [OURS]) == policy(OURS, THEIRS)
    assert merge({"Id": "x", "Statement": THEIRS}, [OURS]) == {
        "Id": "x",
        "Statement": [THEIRS, OURS],
    }


def test_a_statement_without_a_sid_is_others() -> None:
    """It is kept by every change."""
    nameless = {key: value for key, value in OURS.items() if key != "Sid"}

    assert merge(policy(nameless), [OURS]) == policy(nameless, OURS)
    assert without(policy(nameless, OURS), {"RelayWrite"}) == policy(nameless)


@pytest.mark.parametrize(
    ("there", "is_held"),
    [
        (OURS, True),
        (OURS | {"Sid": "AWSCloudTrailWrite20150319"}, True),
        (OURS | {"Action": ["s3:PutObject"]}, True),
        (OURS | {"Action": "s3:*"}, False),
        (OURS | {"Sid": "Other", "Action": "s3:*"}, None),
        (THEIRS, None),
    ],
    ids=["ours", "same by others", "other form", "changed", "wider of others", "none"],
)
def test_present_is_what_says_the_same(
    there: dict[str, Any], is_held: bool | None
) -> None:
    """A statement of others with the same meaning counts; a wider one does not."""
    held = present(policy(there), [OURS])

    expected = None if is_held is None else is_held
    found = held["RelayWrite"] == meaning(OURS) if held else None
    assert found is expected


def test_order_and_sid_mean_nothing() -> None:
    """Lists are compared as sets, as IAM does."""
    assert meaning(THEIRS) == meaning(THEIRS | {"Sid": "x", "Action": ["s3:a", "s3:b"]})


@pytest.mark.parametrize(
    ("principal", "sids"),
    [
        ({"AWS": ["arn:aws:iam::859597730677:root"]}, ["RelayWrite"]),
        ({"AWS": "859597730677"}, ["RelayWrite"]),
        ({"AWS": "arn:aws:iam::111122223333:root"}, []),
        ({"Service": "cloudtrail.amazonaws.com"}, []),
        ("*", []),
    ],
    ids=["arns", "bare id", "another account", "service", "anybody"],
)
def test_old_form_is_recognised(principal: object, sids: list[str]) -> None:
    """Account principals of CloudTrail's own accounts are the form of 2014."""
    assert old_form(policy(OURS | {"Principal": principal})) == sids
