"""Telegram: HTML of at most 4,096 characters that is never cut, and when to wait."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest

from relay.errors import TransientError
from relay.notify.receivers.sizes import units
from tests.notify.examples import bundle
from tests.notify.receivers.http_targets import SECRET, sender_at
from tests.support.webhook import Answer, running_webhook


class Balance(HTMLParser):
    """Counts tags that were opened and not closed."""

    open_tags = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Count up."""
        self.open_tags += 1

    def handle_endtag(self, tag: str) -> None:
        """Count down."""
        self.open_tags -= 1


async def sent(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any member
    """Return the message that is posted for a bundle."""
    async with (
        running_webhook() as hook,
        sender_at("telegram", hook.origin, thread_id=7) as sender,
    ):
        await sender.send(bundle(**changes))
    assert hook.posted[0].path == f"/bot{SECRET}/sendMessage"
    message: dict[str, Any] = json.loads(hook.posted[0].body)
    return message


async def test_it_sends_html_to_the_chat() -> None:
    """Into its topic, without previews."""
    message = await sent()

    assert message["chat_id"] == "-100123"
    assert message["message_thread_id"] == 7
    assert message["parse_mode"] == "HTML"
    assert message["link_preview_options"] == {"is_disabled": True}
    assert "<code>user alice</code>" in message["text"]


async def test_a_long_text_is_never_cut_in_a_tag() -> None:
    """Telegram refuses a message with a tag that is not closed."""
    message = await sent(description="\n".join(["&" * 150] * 13))

    balance = Balance()
    balance.feed(message["text"])
    assert units(message["text"]) <= 4_096
    assert message["text"].splitlines()[-1].startswith("... ")
    assert balance.open_tags == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"ok": false, "error_code": 429, "parameters": {"retry_after": 5}}', 5.0),
        ('{"ok": false, "error_code": 429, "parameters": {"retry_after": "x"}}', None),
        ('{"ok": false, "error_code": 429}', None),
    ],
)
async def test_the_wish_to_wait_is_in_the_body(
    text: str, expected: float | None
) -> None:
    """Not in a header."""
    async with running_webhook() as hook, sender_at("telegram", hook.origin) as sender:
        hook.answers.append(Answer(status=429, text=text))
        with pytest.raises(TransientError) as caught:
            await sender.send(bundle())

    assert caught.value.retry_after_secs == expected
