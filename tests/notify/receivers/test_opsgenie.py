"""Opsgenie: alerts by alias, opened and closed."""

import json

from relay.model import AlarmState
from tests.notify.examples import bundle
from tests.notify.receivers.http_targets import SECRET, sender_at
from tests.support.webhook import Answer, running_webhook


async def test_an_alarm_opens_an_alert_and_its_end_closes_it() -> None:
    """By the same alias."""
    async with running_webhook() as hook, sender_at("opsgenie", hook.origin) as sender:
        hook.answers += [Answer(status=202)] * 2
        await sender.send(bundle())
        await sender.send(bundle(id="2f" * 32, state=AlarmState.OK, evidence=()))

    opened, closed = hook.posted
    alert = json.loads(opened.body)
    assert opened.path == "/v2/alerts"
    assert opened.headers["Authorization"] == f"GenieKey {SECRET}"
    assert alert["message"] == "ALARM (high): console-login-failures [alice]"
    assert alert["priority"] == "P2"
    assert alert["entity"] == "user alice"
    assert alert["details"]["what"] == "ConsoleLogin (signin)"
    assert closed.path == f"/v2/alerts/{alert['alias']}/close?identifierType=alias"
    assert "Threshold Crossed" in json.loads(closed.body)["note"]


async def test_it_keeps_to_the_limits() -> None:
    """130 characters of message, 15,000 of description, 8,000 of details."""
    long = bundle(
        alarm="a" * 255,
        description="d" * 3_000,
        reason="r" * 2_000,
        group={f"$.f{number}{'g' * 200}": "v" * 2_000 for number in range(40)},
    )
    async with (
        running_webhook() as hook,
        sender_at("opsgenie", hook.origin, tags=["security"]) as sender,
    ):
        await sender.send(long)

    alert = json.loads(hook.posted[0].body)
    assert len(alert["message"]) <= 130
    assert len(alert["description"]) <= 15_000
    assert len(alert["alias"]) <= 512
    assert sum(len(name) + len(text) for name, text in alert["details"].items()) < 8_000
    assert alert["tags"] == ["security"]
