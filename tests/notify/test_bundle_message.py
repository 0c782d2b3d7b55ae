"""Several notifications as one CloudWatch message."""

import json
from typing import Any

import pytest

from relay.model import AlarmState, Bundle
from relay.notify import bundle_message
from relay.notify.bundle_message import render_bundle
from relay.notify.cloudwatch_message import render_json
from tests.notify.examples import EVIDENCE, bundle, notification

TOPIC = "arn:aws:sns:eu-west-1:111122223333:security"


def several(count: int = 3, **changes: Any) -> Bundle:  # noqa: ANN401 - any member
    """Return a bundle of ``count`` notifications, oldest first."""
    members = [notification(alarm=f"a{number}", **changes) for number in range(count)]
    return Bundle(
        id="b", receiver="security", notifications=tuple(members), suppressed=7
    )


def test_one_is_what_cloudwatch_publishes() -> None:
    """To the byte: nothing is added."""
    assert render_bundle(bundle(), action_arn=TOPIC) == render_json(
        notification(), action_arn=TOPIC
    )


def test_one_and_suppressed_ones_says_so() -> None:
    """A limit left others out."""
    message = json.loads(render_bundle(several(1), action_arn=None))

    assert (message["AlarmName"], message["Suppressed"]) == ("a0", 7)


def test_several_are_the_newest_and_a_list() -> None:
    """What reads CloudWatch's messages reads the newest; the list has all."""
    message = json.loads(render_bundle(several(), action_arn=TOPIC))

    newest = json.loads(render_json(notification(alarm="a2"), action_arn=TOPIC))
    assert list(message.items())[: len(newest)] == list(newest.items())
    assert [each["AlarmName"] for each in message["GroupedAlarms"]] == [
        "a2",
        "a1",
        "a0",
    ]
    assert (message["GroupedAlarmsTotal"], message["Suppressed"]) == (3, 7)
    assert message["GroupedAlarms"][0] == {
        "AlarmName": "a2",
        "NewStateValue": "ALARM",
        "OldStateValue": "OK",
        "StateChangeTime": "2026-09-14T11:18:44.401+0000",
        "NewStateReason": notification().reason,
        "Group": {"$.userIdentity.userName": "alice"},
        "Labels": {"alarm": "console-login-failures", "severity": "high"},
        "Total": 3,
        "Evidence": newest["Evidence"]["Events"][0],
    }


def test_one_without_evidence_is_listed_without() -> None:
    """As when it is over."""
    message = json.loads(
        render_bundle(several(state=AlarmState.OK, evidence=()), action_arn=None)
    )

    assert [each["Evidence"] for each in message["GroupedAlarms"]] == [None] * 3


def test_every_member_is_documented() -> None:
    """The module's docstring is the reference that consumers are written against."""
    message = json.loads(render_bundle(several(), action_arn=None))
    known = json.loads(render_json(notification(), action_arn=None))

    added = [*(message.keys() - known.keys()), *message["GroupedAlarms"][0]]
    assert [name for name in added if name not in str(bundle_message.__doc__)] == []


@pytest.mark.parametrize(
    ("count", "evidence", "max_bytes", "listed", "newest_events"),
    [
        (3, 1, 20_000, 3, 1),
        (20, 5, 15_000, 20, 5),
        (2_000, 5, 252 * 1024, 300, 5),
        (3, 1_000, 20_000, 3, 10),
    ],
    ids=["fits", "evidence of the others goes", "not all are listed", "much evidence"],
)
def test_a_message_that_is_too_large_says_less(
    count: int, evidence: int, max_bytes: int, listed: int, newest_events: int
) -> None:
    """The evidence of the grouped first; it always is whole JSON within the limit."""
    wanted = several(count, evidence=(EVIDENCE,) * evidence)

    text = render_bundle(wanted, action_arn=TOPIC, max_bytes=max_bytes)

    message = json.loads(text)
    assert len(text.encode()) <= max_bytes
    assert len(message["GroupedAlarms"]) >= listed
    assert message["GroupedAlarmsTotal"] == count
    assert message["AlarmName"] == f"a{count - 1}"
    assert len(message["Evidence"]["Events"]) >= newest_events
