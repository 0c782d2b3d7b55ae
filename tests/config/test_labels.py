"""Tests of the names of labels."""

import pytest

from relay.config.labels import group_label, label_names
from tests.notify.examples import definition


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("$.userIdentity.userName", "userIdentity_userName"),
        ("$.a[0].b", "a_0_b"),
        ("$.a-b", "a_b"),
        ("$.1st", "_1st"),
    ],
)
def test_a_selector_becomes_a_label(selector: str, expected: str) -> None:
    """One that matchers take without quotes."""
    assert group_label(selector) == expected


def test_an_alarm_has_all_of_these_labels() -> None:
    """Its own, those of its groups, and those of the records."""
    assert label_names(definition()) == {
        "alarm",
        "severity",
        "account",
        "region",
        "userIdentity_userName",
    }
