"""Jira: an issue for each alarm, in which nothing is markup."""

import json

from msgspec.structs import replace

from relay.model import AlarmState
from tests.notify.examples import EVIDENCE, bundle
from tests.notify.receivers.http_targets import SECRET, sender_at
from tests.support.webhook import Answer, running_webhook


async def test_an_alarm_makes_an_issue() -> None:
    """Labelled, so that all of one alarm group are found."""
    async with running_webhook() as hook, sender_at("jira", hook.origin) as sender:
        hook.answers.append(Answer(status=201))
        answer = await sender.send(bundle())

    fields = json.loads(hook.posted[0].body)["fields"]
    assert answer == "201"
    assert hook.posted[0].path == "/rest/api/2/issue"
    assert hook.posted[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert fields["project"] == {"key": "SEC"}
    assert fields["issuetype"] == {"name": "Task"}
    assert fields["summary"] == "ALARM (high): console-login-failures [alice]"
    assert fields["labels"][0] == "cloudtrail-relay"
    assert fields["labels"][1].startswith("relay-")
    assert "user alice" in fields["description"]


async def test_what_a_record_holds_is_no_markup() -> None:
    """It cannot close the fence that keeps Jira from reading it."""
    hostile = replace(EVIDENCE, principal="{noformat}[~admin] !http://evil/x.png!")
    async with running_webhook() as hook, sender_at("jira", hook.origin) as sender:
        await sender.send(bundle(evidence=(hostile,)))

    description = json.loads(hook.posted[0].body)["fields"]["description"]
    assert description.count("{noformat}") == 2
    assert description.startswith("{noformat}\n")
    assert description.endswith("\n{noformat}")


async def test_reminders_and_ends_make_no_issue() -> None:
    """Which transition closes one is the workflow's affair."""
    end = bundle(state=AlarmState.OK, evidence=())
    async with running_webhook() as hook, sender_at("jira", hook.origin) as sender:
        answers = [await sender.send(each) for each in (end, bundle(repeat=True))]

    assert answers == ["nothing to tell"] * 2
    assert hook.posted == []
