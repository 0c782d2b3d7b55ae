"""ServiceNow: events that are cleared, incidents that are opened."""

import json

from relay.model import AlarmState
from tests.notify.examples import bundle
from tests.notify.receivers.http_targets import sender_at
from tests.support.webhook import running_webhook

END = bundle(id="2f" * 32, state=AlarmState.OK, evidence=())


async def test_an_event_is_raised_and_cleared() -> None:
    """By the same message key; severity 0 clears."""
    async with (
        running_webhook() as hook,
        sender_at("servicenow-event", hook.origin) as sender,
    ):
        await sender.send(bundle())
        await sender.send(END)

    raised, cleared = [json.loads(each.body)["records"][0] for each in hook.posted]
    assert hook.posted[0].path == "/api/global/em/jsonv2"
    assert raised["severity"] == "2"
    assert cleared["severity"] == "0"
    assert raised["message_key"] == cleared["message_key"]
    assert json.loads(raised["additional_info"])["who"] == "user alice"


async def test_an_incident_is_opened() -> None:
    """With the fields that the configuration adds."""
    async with (
        running_webhook() as hook,
        sender_at(
            "servicenow-incident", hook.origin, fields={"assignment_group": "soc"}
        ) as sender,
    ):
        await sender.send(bundle(alarm="a" * 255, description="d\n" * 1_000))

    incident = json.loads(hook.posted[0].body)
    assert hook.posted[0].path == "/api/now/table/incident"
    assert hook.posted[0].headers["Authorization"].startswith("Basic ")
    assert len(incident["short_description"]) <= 160
    assert len(incident["description"]) <= 4_000
    assert incident["urgency"] == "1"
    assert incident["assignment_group"] == "soc"
    assert incident["correlation_id"]


async def test_reminders_and_ends_open_no_incident() -> None:
    """And say so."""
    async with (
        running_webhook() as hook,
        sender_at("servicenow-incident", hook.origin) as sender,
    ):
        answers = [await sender.send(each) for each in (END, bundle(repeat=True))]

    assert answers == ["nothing to tell"] * 2
    assert hook.posted == []
