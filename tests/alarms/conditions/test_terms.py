"""Tests of values as numbers."""

from relay.alarms.conditions.terms import digest


def test_a_value_has_one_number() -> None:
    """The same in every process: it is saved."""
    assert digest("192.0.2.1") == 14444445668234438673
    assert digest("192.0.2.2") != digest("192.0.2.1")


def test_any_text_has_a_number() -> None:
    """A record's JSON may hold half of a surrogate pair."""
    assert 0 <= digest("\ud800") < 2**64
    assert 0 <= digest("") < 2**64
