"""PagerDuty: triggers and resolves of one alert, within its limits."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from relay.errors import RejectedError, TransientError
from relay.model import AlarmState, Bundle
from relay.notify.receivers.pagerduty import MAX_EVENT_BYTES
from tests.notify.examples import EVIDENCE, bundle, notification
from tests.notify.receivers.http_targets import SECRET, sender_at
from tests.support.webhook import Answer, running_webhook


async def sent(what: Bundle) -> list[dict[str, Any]]:
    """Return the events that are posted for ``what``; none is too large."""
    async with running_webhook() as hook, sender_at("pagerduty", hook.origin) as sender:
        await sender.send(what)
    assert {each.path for each in hook.posted} == {"/v2/enqueue"}
    assert max(len(each.body) for each in hook.posted) <= MAX_EVENT_BYTES
    return [json.loads(each.body) for each in hook.posted]


async def test_an_alarm_triggers() -> None:
    """With who, what and where; links and details for whoever looks closer."""
    (event,) = await sent(bundle())

    assert event["routing_key"] == SECRET
    assert event["event_action"] == "trigger"
    assert event["payload"]["severity"] == "error"
    assert event["payload"]["timestamp"] == "2026-09-14T11:18:44Z"
    assert event["payload"]["summary"].startswith(
        "ALARM (high): console-login-failures [alice]: user alice"
    )
    assert event["payload"]["source"] == "111122223333, eu-west-1"
    assert event["payload"]["custom_details"]["who"] == "user alice"
    assert {"href": "https://wiki.example.com/cis-4-6", "text": "Runbook"} in event[
        "links"
    ]


async def test_the_end_resolves_what_was_triggered() -> None:
    """By the same key."""
    (trigger,) = await sent(bundle())
    (resolve,) = await sent(bundle(id="2f" * 32, state=AlarmState.OK, evidence=()))

    assert resolve["event_action"] == "resolve"
    assert resolve["dedup_key"] == trigger["dedup_key"]
    assert len(resolve["dedup_key"]) <= 255


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("critical", "critical"),
        ("high", "error"),
        ("medium", "warning"),
        ("low", "warning"),
        ("info", "info"),
        ("purple", "warning"),
        (None, "warning"),
    ],
)
async def test_severities_are_pagerdutys(severity: str | None, expected: str) -> None:
    """It refuses any other word."""
    (event,) = await sent(bundle(severity=severity))

    assert event["payload"]["severity"] == expected


async def test_a_large_event_is_made_smaller() -> None:
    """Older records are left out; the JSON stays whole."""
    many = tuple(replace(EVIDENCE, error_message="x" * 400) for _ in range(2_000))

    (event,) = await sent(bundle(evidence=many, total=2_000))

    shown = len(event["payload"]["custom_details"]["records"])
    assert 100 < shown < 2_000
    assert len(event["payload"]["summary"]) <= 1_024


async def test_suppressed_ones_are_told() -> None:
    """What a limit left out."""
    (event,) = await sent(replace(bundle(), suppressed=7))

    assert event["payload"]["custom_details"]["suppressed"] == 7


async def test_what_was_accepted_is_not_sent_again() -> None:
    """Of several events the ones that failed are tried once more."""
    second = notification(id="2f" * 32, alarm="second")
    two = replace(bundle(), notifications=(notification(), second))
    async with running_webhook() as hook, sender_at("pagerduty", hook.origin) as sender:
        hook.answers += [Answer(status=202), Answer(status=429)]
        with pytest.raises(TransientError):
            await sender.send(two)
        await sender.send(two)

    keys = [each.headers["Idempotency-Key"] for each in hook.posted]
    assert keys == ["1f" * 32, "2f" * 32, "2f" * 32]


async def test_one_that_is_refused_holds_up_no_other() -> None:
    """The others go first; then it is told."""
    second = notification(id="2f" * 32, alarm="second")
    two = replace(bundle(), notifications=(notification(), second))
    async with running_webhook() as hook, sender_at("pagerduty", hook.origin) as sender:
        hook.answers += [Answer(status=400, text="invalid event"), Answer(status=202)]
        with pytest.raises(RejectedError, match="invalid event"):
            await sender.send(two)

    assert len(hook.posted) == 2


async def test_what_was_accepted_is_remembered_of_so_many_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Beyond that an event may come twice: PagerDuty knows it by its key."""
    monkeypatch.setattr("relay.notify.receivers.http._MAX_REMEMBERED", 0)
    second = notification(id="2f" * 32, alarm="second")
    two = replace(bundle(), notifications=(notification(), second))
    async with running_webhook() as hook, sender_at("pagerduty", hook.origin) as sender:
        hook.answers += [Answer(status=202), Answer(status=429)]
        with pytest.raises(TransientError):
            await sender.send(two)
        await sender.send(two)

    keys = [each.headers["Idempotency-Key"] for each in hook.posted]
    assert keys == ["1f" * 32, "2f" * 32] * 2
