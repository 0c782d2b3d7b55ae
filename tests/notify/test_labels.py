"""Tests of the labels of a notification."""

import msgspec

from relay.notify.labels import labels_of
from tests.notify.examples import EVIDENCE, definition, transition


def test_labels_are_the_alarms_its_groups_and_its_records() -> None:
    """All that routes may ask for."""
    assert labels_of(transition(), definition()) == {
        "alarm": "console-login-failures",
        "severity": "high",
        "account": "111122223333",
        "region": "eu-west-1",
        "userIdentity_userName": "alice",
    }


def test_where_the_records_do_not_agree_there_is_no_label() -> None:
    """Each of the two by itself."""
    other = msgspec.structs.replace(EVIDENCE, region="us-east-1")

    labels = labels_of(transition(evidence=(EVIDENCE, other)), definition())

    assert labels["account"] == "111122223333"
    assert "region" not in labels


def test_records_without_a_place_give_no_label() -> None:
    """Nor does a transition that has no records."""
    nowhere = msgspec.structs.replace(EVIDENCE, account=None, region=None)

    for evidence in ((nowhere,), ()):
        labels = labels_of(transition(evidence=evidence), definition())
        assert "account" not in labels
        assert "region" not in labels


def test_the_definitions_own_labels_stand_above_all_others() -> None:
    """Its author knows better than a record."""
    alarm = definition(labels=(("alarm", "x"), ("account", "prod")))

    assert labels_of(transition(), alarm)["account"] == "prod"


def test_labels_can_always_be_stored() -> None:
    """JSON's escapes can hold lone surrogates; a store's encoding cannot."""
    hostile = transition(group=("\ud800",))

    labels_of(hostile, definition())["userIdentity_userName"].encode()
