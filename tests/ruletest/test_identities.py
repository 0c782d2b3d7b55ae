"""Tests of the identities that tests' records have."""

import pytest

from relay.ruletest.identities import default_identity

ACCOUNT = "111122223333"
SINCE = "2026-01-05T12:00:00Z"


@pytest.mark.parametrize(
    ("given", "arn"),
    [
        ({}, "arn:aws:iam::111122223333:user/alice"),
        ({"userName": "bob"}, "arn:aws:iam::111122223333:user/bob"),
        ({"accountId": "444455556666"}, "arn:aws:iam::444455556666:user/alice"),
        ({"type": "Root"}, "arn:aws:iam::111122223333:root"),
        (
            {"type": "AssumedRole"},
            "arn:aws:sts::111122223333:assumed-role/app/session",
        ),
        (
            {"type": "FederatedUser"},
            "arn:aws:sts::111122223333:federated-user/alice",
        ),
        ({"type": "AWSService"}, None),
        ({"type": "AWSAccount"}, None),
    ],
)
def test_the_arn_follows_from_what_is_said(
    given: dict[str, object], arn: str | None
) -> None:
    """Type, account and name fit together; two have none."""
    identity = default_identity(given, ACCOUNT, since=SINCE)

    assert identity.get("arn") == arn
    assert identity["type"] == given.get("type", "IAMUser")


def test_each_user_has_ids_of_their_own() -> None:
    """The same in every run, another for another user."""
    alice, again, bob = (
        default_identity({"userName": name}, ACCOUNT, since=SINCE)
        for name in ("alice", "alice", "bob")
    )

    assert alice == again
    assert alice["principalId"] != bob["principalId"]
    assert str(alice["accessKeyId"]).startswith("AKIA")


def test_a_name_that_is_no_text_is_passed_over() -> None:
    """It stays in the record; what follows from it cannot."""
    identity = default_identity({"userName": None, "type": 3}, ACCOUNT, since=SINCE)

    assert identity["userName"] == "alice"
