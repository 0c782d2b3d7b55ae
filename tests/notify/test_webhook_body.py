"""The webhook's document is what its module documents."""

import json
from typing import Any

import pytest

from relay.model import AlarmState, Bundle, Evidence
from relay.notify import webhook_body
from relay.notify.cloudwatch_message import render
from relay.notify.webhook_body import render_body
from tests.notify.examples import EVIDENCE, bundle, notification


def several(count: int = 3, **changes: Any) -> Bundle:  # noqa: ANN401 - any member
    """Return a bundle of ``count`` notifications, oldest first."""
    return Bundle(
        id="the whole",
        receiver="security",
        notifications=tuple(
            notification(id=f"n{number}", alarm=f"a{number}", **changes)
            for number in range(count)
        ),
        group_labels={"account": "111122223333"},
        suppressed=7,
    )


def test_the_document_holds_all_that_is_known() -> None:
    """Members in the documented order, evidence in snake case, CloudWatch's message."""
    wanted = bundle(evidence=(Evidence(event_id="e", principal="alice"),))
    shown = wanted.newest

    document = json.loads(render_body(wanted))

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
        ("runbook", None),
        ("labels", {"alarm": "console-login-failures", "severity": "high"}),
        ("group", {"$.userIdentity.userName": "alice"}),
        ("total", 3),
        ("evidence", [{"event_id": "e", "principal": "alice"}]),
        ("repeat", False),
        ("cloudwatch", json.loads(json.dumps(render(shown, action_arn=None)))),
        ("suppressed", 0),
    ]


def test_every_member_is_documented() -> None:
    """The module's docstring is the reference that receivers are written against."""
    document = json.loads(render_body(several()))

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
    document = json.loads(render_body(bundle(**changes)))

    assert document["status"] == status


def test_what_time_alone_caused_was_not_received() -> None:
    """``received_at`` is null then."""
    document = json.loads(render_body(bundle(received_at=None)))

    assert document["received_at"] is None


def test_several_are_one_document_of_the_newest() -> None:
    """And a list of all, newest first; the id is the whole's."""
    document = json.loads(render_body(several()))

    assert (document["id"], document["alarm"]) == ("the whole", "a2")
    assert [each["id"] for each in document["notifications"]] == ["n2", "n1", "n0"]
    assert [each["alarm"] for each in document["notifications"]] == ["a2", "a1", "a0"]
    assert document["group_labels"] == {"account": "111122223333"}
    assert (document["count"], document["suppressed"]) == (3, 7)
    assert document["notifications"][0]["evidence"][0]["principal"] == "alice"


@pytest.mark.parametrize(
    ("count", "evidence", "max_bytes", "listed", "kept"),
    [
        (3, 1, 20_000, 3, True),
        (20, 5, 24_000, 20, False),
        (3, 30, 20_000, 3, False),
        (500, 5, 256 * 1024, 250, False),
        (1, 1_000, 30_000, 0, False),
    ],
    ids=[
        "fits",
        "only the newest's evidence",
        "no evidence",
        "not all",
        "a single one",
    ],
)
def test_a_document_that_is_too_large_says_less(
    count: int, evidence: int, max_bytes: int, listed: int, kept: bool
) -> None:
    """Evidence goes first, then the oldest; it always is whole JSON."""
    wanted = several(count, evidence=(EVIDENCE,) * evidence)

    body = render_body(wanted, max_bytes=max_bytes)

    document = json.loads(body)
    assert len(body) <= max_bytes
    assert len(document.get("notifications", ())) >= listed
    assert document.get("count", 1) == count
    shown = document.get("notifications", ())
    assert any(each["evidence"] for each in shown) is kept
    assert document["alarm"] == f"a{count - 1}"
