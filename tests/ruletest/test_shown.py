"""Tests of how reports call things."""

from relay.ruletest.records import Occurrence
from relay.ruletest.shown import References, named, shown_values, values_of


def occurrence(reference: str, event_id: str | None) -> Occurrence:
    """Return an event that is called ``reference``."""
    return Occurrence(
        number=1,
        reference=reference,
        arrives_at=0.0,
        event_id=event_id,
        name="",
        account="",
        region="",
        record=b"",
    )


def test_groups_are_shown_on_one_line() -> None:
    """What stands in a record cannot break it."""
    assert (
        shown_values({"$.a": "x\n\x1b[1m", "$.b": "y"}) == "{$.a: x \ufffd[1m, $.b: y}"
    )
    assert shown_values({}) == ""
    assert named("alarm", "") == "alarm"
    assert named("alarm", "{$.a: x}") == "alarm {$.a: x}"


def test_an_alarm_that_is_gone_has_no_selectors() -> None:
    """Its groups are not shown."""
    assert values_of(None, ("x",)) == {}


def test_events_are_called_by_their_place_in_the_file() -> None:
    """The first of those with one id; an event that is none of the test's by its id."""
    references = References(
        [occurrence("$1", "b"), occurrence("$2", "a"), occurrence("$3", "a")]
    )

    assert references.of(["z", "a", "b", "a"]) == ["$1", "$2", "z"]
