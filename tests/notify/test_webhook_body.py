"""The webhook's document is what its module documents."""

import json
from typing import Any

import pytest

from relay.model import AlarmState, Evidence
from relay.notify import webhook_body
from relay.notify.cloudwatch_message import render
from relay.notify.webhook_body import render_body
from tests.notify.examples import notification


def test_the_document_holds_all_that_is_known() -> None:
    """Members in the documented order, evidence in snake case, CloudWatch's message."""
    shown = notification(evidence=(Evidence(event_id="e", principal="alice"),))

    document = json.loads(render_body(shown))

    assert list(document.items()) == [
        ("version", "1"),
        ("id", "1f" * 32),
        ("status", "firing"),
        ("alarm", "console-login-failures"),
        ("state", "ALARM"),
        ("old_state", "OK"),
        ("time", "2026-09-14T11:18:44.401Z"),
        ("received_at", "2026-09-14T11:18:44.201Z"),
        ("reason", shown.reason),
        ("severity", "high"),
        ("description", "Someone is guessing passwords."),
        ("runbook_url", "https://wiki.example.com/cis-4-6"),
        ("labels", {"alarm": "console-login-failures", "severity": "high"}),
        ("group", {"$.userIdentity.userName": "alice"}),
        ("total", 3),
        ("evidence", [{"event_id": "e", "principal": "alice"}]),
        ("repeat", False),
        ("cloudwatch", json.loads(json.dumps(render(shown, action_arn=None)))),
    ]


def test_every_member_is_documented() -> None:
    """The module's docstring is the reference that receivers are written against."""
    document = json.loads(render_body(notification()))

    assert [name for name in document if name not in str(webhook_body.__doc__)] == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"state": AlarmState.OK}, "resolved"),
        ({"state": AlarmState.INSUFFICIENT_DATA}, "resolved"),
        ({"state": AlarmState.ALARM, "repeat": True}, "firing"),
    ],
)
def test_status_says_whether_it_fires(changes: dict[str, Any], status: str) -> None:
    """Everything but ALARM is resolved."""
    document = json.loads(render_body(notification(**changes)))

    assert document["status"] == status


def test_what_time_alone_caused_was_not_received() -> None:
    """``received_at`` is null then."""
    document = json.loads(render_body(notification(received_at=None)))

    assert document["received_at"] is None
