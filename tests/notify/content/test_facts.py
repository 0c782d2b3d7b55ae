"""The evidence in a few words."""

from typing import Any

import msgspec
import pytest

from relay.model import Evidence
from relay.notify.content.facts import duration, facts_of
from tests.notify.examples import EVIDENCE, notification


def other(**changes: Any) -> Evidence:  # noqa: ANN401 - any member
    """Return the example's evidence with other members."""
    return msgspec.structs.replace(EVIDENCE, **changes)


def test_one_record_tells_all() -> None:
    """Who, what, where, from where, when, how it ended, how many."""
    facts = facts_of(notification(), {"111122223333": "prod"})

    assert (facts.who, facts.what) == ("user alice", "ConsoleLogin (signin)")
    assert facts.where == "prod (111122223333), eu-west-1"
    assert facts.source == "203.0.113.7, Mozilla/5.0"
    assert facts.when == "2026-09-14 11:13:02 UTC, raised 5 min 42 s later"
    assert facts.result == "failed: AuthFailure: Failed authentication"
    assert facts.count == "3 events"
    assert facts.rows[0].url.startswith("https://eu-west-1.console.aws.amazon.com/")
    assert facts.rows[0].summary == (
        "ConsoleLogin (signin) · user alice · prod (111122223333), eu-west-1"
        " · from 203.0.113.7 · Mozilla/5.0 · failed: AuthFailure: Failed authentication"
    )


def test_several_records_are_told_together() -> None:
    """Each different value once, up to three; kinds are counted."""
    evidence = tuple(
        other(principal=name, account="1", source_ip=f"10.0.0.{number}")
        for number, name in enumerate(["a", "b", "a", "c", "d"])
    )
    facts = facts_of(notification(evidence=evidence, total=1_200), {})

    assert facts.who == "user a; user b; user c and 1 more"
    assert facts.count == (
        "1,200 events; among the newest 5: 4 principals, 5 addresses"
    )


@pytest.mark.parametrize(
    ("evidence", "total", "count"),
    [
        ((), 0, ""),
        ((EVIDENCE,), 0, "1 event"),
        ((EVIDENCE, EVIDENCE), 2, "2 events"),
        ((EVIDENCE, other(account="2")), 2, "2 events; 2 accounts"),
    ],
)
def test_counts(evidence: tuple[Evidence, ...], total: int, count: str) -> None:
    """Only what is more than one is counted."""
    assert facts_of(notification(evidence=evidence, total=total), {}).count == count


def test_results_that_differ_are_counted() -> None:
    """The most frequent first."""
    good = other(error_code=None, error_message=None)
    facts = facts_of(notification(evidence=(EVIDENCE, good, good)), {})

    assert facts.result == "2 succeeded; 1 failed: AuthFailure: Failed authentication"


def test_nothing_is_said_without_evidence() -> None:
    """Nor of a record of which nothing is known."""
    empty = facts_of(notification(evidence=()), {})
    bare = facts_of(notification(evidence=(Evidence(),), total=1), {})

    assert (empty.who, empty.when, empty.result, empty.rows) == ("", "", "", ())
    assert (bare.who, bare.what, bare.where, bare.source) == ("", "", "", "")
    assert bare.when == "at an unknown time"
    assert (bare.rows[0].stored, bare.rows[0].url) == ("", "")


@pytest.mark.parametrize(
    ("changes", "when"),
    [
        ({"repeat": True}, "2026-09-14 11:13:02 UTC"),
        ({"evidence": (other(event_time="2026-09-14T11:30:00Z"),)}, None),
        ({"evidence": (other(event_time="soon"),)}, "soon"),
    ],
    ids=["reminder", "ahead", "no time"],
)
def test_a_delay_is_told_only_where_it_is_one(
    changes: dict[str, Any], when: str | None
) -> None:
    """A reminder is late on purpose; a clock may run ahead."""
    facts = facts_of(notification(**changes), {})

    assert facts.when == (when or "2026-09-14 11:30:00 UTC")


@pytest.mark.parametrize(
    ("secs", "text"),
    [
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (342, "5 min 42 s"),
        (3_600, "1 h"),
        (5_400, "1 h 30 min"),
    ],
)
def test_durations(secs: float, text: str) -> None:
    """As people say them."""
    assert duration(secs) == text
