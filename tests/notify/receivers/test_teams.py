"""Teams: a card of at most 28 KB, and a connector's odd way to say no."""

import json

import pytest

from relay.config.template_files import TemplateFile
from relay.errors import Reason, TransientError
from relay.model import AlarmState
from relay.notify.content.render import Templates
from tests.notify.examples import bundle
from tests.notify.receivers.http_targets import sender_at, sender_of
from tests.support.webhook import Answer, running_webhook


@pytest.mark.parametrize(
    ("state", "style"), [(AlarmState.ALARM, "attention"), (AlarmState.OK, "good")]
)
async def test_it_posts_a_card(state: AlarmState, style: str) -> None:
    """In the form that workflows take, coloured by the state."""
    async with running_webhook() as hook, sender_at("teams", hook.origin) as sender:
        hook.answers.append(Answer(status=202))
        answer = await sender.send(bundle(state=state))

    message = json.loads(hook.posted[0].body)
    (attachment,) = message["attachments"]
    (container,) = attachment["content"]["body"]
    assert answer == "202"
    assert message["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert container["style"] == style
    assert "user alice" in container["items"][0]["text"]


async def test_a_large_card_is_made_smaller() -> None:
    """By whole lines, until the encoded message fits."""
    line = "line of text " + "\N{LATIN SMALL LETTER E WITH ACUTE}" * 6
    text = f"{{% for n in range(999) %}}{line}{line}\n{{% endfor %}}"
    file = TemplateFile(name="long.teams.j2", file="long.teams.j2", text=text)
    async with running_webhook() as hook:
        section = {"teams": [{"url": hook.origin, "template": "long"}]}
        async with sender_of(section, templates=Templates([file])) as sender:
            await sender.send(bundle())

    body = hook.posted[0].body
    shown = json.loads(body)["attachments"][0]["content"]["body"][0]["items"][0]["text"]
    assert 25_000 < len(body) <= 28_000
    assert shown.endswith("more lines")


async def test_a_200_may_mean_429() -> None:
    """A connector that is throttled says so in the text only."""
    text = "Microsoft Teams endpoint returned HTTP error 429 with ContextId ..."
    async with running_webhook() as hook, sender_at("teams", hook.origin) as sender:
        hook.answers.append(Answer(status=200, text=text))
        with pytest.raises(TransientError) as caught:
            await sender.send(bundle())

    assert caught.value.reason is Reason.THROTTLED
