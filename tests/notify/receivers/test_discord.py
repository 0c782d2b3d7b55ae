"""Discord: an embed that mentions nobody, within 4,096 characters."""

import json

from relay.notify.receivers.sizes import units
from tests.notify.examples import bundle
from tests.notify.receivers.http_targets import sender_at
from tests.support.webhook import Answer, running_webhook


async def test_it_posts_an_embed() -> None:
    """Coloured by the severity."""
    async with running_webhook() as hook, sender_at("discord", hook.origin) as sender:
        hook.answers.append(Answer(status=204))
        answer = await sender.send(bundle(group={"$.a": "@everyone"}))

    message = json.loads(hook.posted[0].body)
    (embed,) = message["embeds"]
    assert answer == "204"
    assert message["allowed_mentions"] == {"parse": []}
    assert embed["color"] == 0xCF222E
    assert "user alice" in embed["description"]
    assert "@everyone" not in embed["description"]


async def test_a_long_text_is_shortened() -> None:
    """By whole lines."""
    async with running_webhook() as hook, sender_at("discord", hook.origin) as sender:
        await sender.send(
            bundle(description="\n".join(["*" * 150] * 13), reason="r" * 1_000)
        )

    text = json.loads(hook.posted[0].body)["embeds"][0]["description"]
    assert 3_000 < units(text) <= 4_096
    assert text.splitlines()[-1].startswith("... ")
