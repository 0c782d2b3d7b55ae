"""The plain text says who, what, where and when, and cannot be faked."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model import AlarmState, Evidence
from relay.notify.text import body, title
from tests.notify.examples import EVIDENCE, notification

DATA = Path(__file__).parent / "data"


def test_a_firing_alarm_is_the_golden_text() -> None:
    """Line for line."""
    assert body(notification()) == (DATA / "text_firing.txt").read_text()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"group": {}, "severity": None}, "ALARM: console-login-failures"),
        (
            {"state": AlarmState.OK, "group": {}},
            "OK (high): console-login-failures",
        ),
        (
            {"repeat": True},
            "Reminder: ALARM (high): console-login-failures [alice]",
        ),
        (
            {"group": {"$.a": "x\r\nBcc: evil@example.com"}, "severity": None},
            "ALARM: console-login-failures [x Bcc: evil@example.com]",
        ),
    ],
    ids=["bare", "resolved", "reminder", "hostile group"],
)
def test_title_is_one_line(changes: dict[str, Any], expected: str) -> None:
    """State, severity, alarm, group."""
    assert title(notification(**changes)) == expected


@pytest.mark.parametrize(
    ("evidence", "total", "heading"),
    [
        ((EVIDENCE,), 1, "The record:"),
        ((EVIDENCE, EVIDENCE), 2, "The 2 records, newest first:"),
        ((EVIDENCE, EVIDENCE), 9, "The newest 2 of 9 records:"),
        ((EVIDENCE,), 0, "The record:"),
    ],
)
def test_heading_counts_the_records(
    evidence: tuple[Evidence, ...], total: int, heading: str
) -> None:
    """How many are shown, and of how many."""
    lines = body(notification(evidence=evidence, total=total)).splitlines()

    assert heading in lines


def test_nothing_is_said_of_what_is_not_known() -> None:
    """No evidence, no description, no runbook: only the facts are left."""
    shown = notification(
        evidence=(), description=None, runbook_url=None, group={}, severity=None
    )

    lines = body(shown).splitlines()

    assert [line.split(":")[0] for line in lines if line] == [
        "ALARM",
        "State",
        "Reason",
        "Metric",
        "Relay in",
    ]


def test_an_unknown_time_and_half_known_pairs_are_said_plainly() -> None:
    """A record without eventTime, with a name but no source."""
    text = body(notification(evidence=(Evidence(event_name="X", bucket="b"),)))

    assert "* at an unknown time\n  what    X\n  object  b\n" in text
    assert "Console:" not in text


def test_a_description_keeps_its_lines() -> None:
    """It is the operator's own text."""
    assert "\n\nfirst\nsecond\n\n" in body(notification(description="first\nsecond"))


HOSTILE = st.text(
    st.characters(codec=None) | st.sampled_from("\r\n\u2028\x1b\u202e*"), max_size=80
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_value_of_a_record_adds_a_line(agent: str, name: str, group: str) -> None:
    """Whatever a record holds, the text has as many lines, and all can be seen."""
    harmless = Evidence(user_agent="a", event_name="n", event_time="t")
    hostile = Evidence(user_agent=agent or "a", event_name=name or "n", event_time="t")
    expected = body(notification(evidence=(harmless,), group={"$.x": "g"}))

    text = body(notification(evidence=(hostile,), group={"$.x": group}))

    visible = [line for line in text.split("\n") if line.strip()]
    assert all(line.isprintable() for line in visible)
    assert len(text.split("\n")) <= len(expected.split("\n"))
