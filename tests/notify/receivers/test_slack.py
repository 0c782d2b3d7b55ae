"""Slack: blocks, limits, what its errors mean, and threads."""

import json
from typing import Any

import pytest

from relay.config.template_files import TemplateFile
from relay.errors import Reason, RejectedError, TransientError
from relay.model import AlarmState
from relay.notify.content.render import Templates
from relay.notify.receivers.slack import MAX_SECTIONS, slack_message
from relay.notify.receivers.slack_threads import Threads
from tests.notify.examples import bundle
from tests.notify.receivers.http_targets import SECRET, sender_at, sender_of
from tests.support.webhook import Answer, Webhook, running_webhook

STAMP = "1700000000.000100"
POSTED = json.dumps({"ok": True, "ts": STAMP, "message": {"text": "x" * 5_000}})
FIRST = "1f" * 32


def bodies(hook: Webhook) -> list[dict[str, Any]]:
    """Return what was posted."""
    return [json.loads(each.body) for each in hook.posted]


async def failure(error: str) -> Exception:
    """Return what the bot's sender makes of ``error``."""
    async with running_webhook() as hook, sender_at("slack-bot", hook.origin) as sender:
        hook.answers.append(Answer(text=json.dumps({"ok": False, "error": error})))
        with pytest.raises((TransientError, RejectedError)) as caught:
            await sender.send(bundle())
    return caught.value


async def test_the_bot_posts_blocks_to_its_channel() -> None:
    """With the title as the text that phones show, and no previews of links."""
    async with running_webhook() as hook, sender_at("slack-bot", hook.origin) as sender:
        hook.answers.append(Answer(text=POSTED))
        answer = await sender.send(bundle())

    (body,) = bodies(hook)
    assert answer == STAMP
    assert hook.posted[0].path == "/api/chat.postMessage"
    assert hook.posted[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert body["channel"] == "C01"
    assert body["text"] == "ALARM (high): console-login-failures [alice]"
    assert "user alice" in body["blocks"][0]["text"]["text"]
    assert body["unfurl_links"] is False
    assert "thread_ts" not in body


async def test_what_follows_goes_beneath_the_first_message() -> None:
    """Reminders and the end, by the id of what opened the alarm."""
    async with running_webhook() as hook, sender_at("slack-bot", hook.origin) as sender:
        hook.answers += [Answer(text=POSTED)] * 3
        await sender.send(bundle(opened_by=FIRST))
        await sender.send(bundle(id="2f" * 32, opened_by=FIRST, state=AlarmState.OK))
        await sender.send(bundle(id="3f" * 32, opened_by="3f" * 32))

    stamps = [each.get("thread_ts") for each in bodies(hook)]
    assert stamps == [None, STAMP, None]


async def test_threads_outlive_a_reload() -> None:
    """The next sender goes on where the last one was."""
    threads = Threads()
    async with running_webhook() as hook:
        hook.answers += [Answer(text=POSTED)] * 2
        target = {"token": SECRET, "channel": "C01", "api_url": hook.origin}
        for _ in range(2):
            async with sender_of({"slack": [target]}, threads=threads) as sender:
                await sender.send(bundle(opened_by=FIRST))

    assert [each.get("thread_ts") for each in bodies(hook)] == [None, STAMP]


async def test_a_thread_that_is_gone_is_given_up() -> None:
    """Somebody deleted the message: the next attempt is one of its own."""
    async with running_webhook() as hook, sender_at("slack-bot", hook.origin) as sender:
        gone = json.dumps({"ok": False, "error": "thread_not_found"})
        hook.answers += [Answer(text=POSTED), Answer(text=gone), Answer(text=POSTED)]
        await sender.send(bundle(opened_by=FIRST))
        end = bundle(id="2f" * 32, opened_by=FIRST, state=AlarmState.OK)
        with pytest.raises(TransientError):
            await sender.send(end)
        await sender.send(end)

    stamps = [each.get("thread_ts") for each in bodies(hook)]
    assert stamps == [None, STAMP, None]


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        ("ratelimited", TransientError, Reason.THROTTLED),
        ("service_unavailable", TransientError, Reason.UNAVAILABLE),
        ("channel_not_found", RejectedError, Reason.NOT_FOUND),
        ("is_archived", RejectedError, Reason.NOT_FOUND),
        ("invalid_auth", RejectedError, Reason.ACCESS_DENIED),
        ("invalid_blocks", RejectedError, Reason.REFUSED),
    ],
)
async def test_errors_of_a_200_are_told_apart(
    error: str, kind: type[Exception], reason: Reason
) -> None:
    """Slack answers 200 to almost everything."""
    found = await failure(error)

    assert isinstance(found, kind)
    assert getattr(found, "reason", None) is reason
    assert str(found).endswith(f": {error}")


async def test_an_answer_that_is_not_slacks_may_pass() -> None:
    """A proxy's page; nobody knows whether the message was posted."""
    async with running_webhook() as hook, sender_at("slack-bot", hook.origin) as sender:
        hook.answers.append(Answer(text="<html>Log in to the network</html>"))
        with pytest.raises(TransientError) as caught:
            await sender.send(bundle())

    assert "Log in to the network" in str(caught.value)


def test_a_long_message_is_split_and_shortened() -> None:
    """Into sections of 3,000 characters of whole lines, and not without end."""
    long = bundle(description="\n".join(["&" * 150] * 13))

    message = slack_message(long, Templates(), "default")

    blocks = message["blocks"]
    assert isinstance(blocks, list)
    assert 1 < len(blocks) <= MAX_SECTIONS + 1
    assert all(0 < len(each["text"]["text"]) <= 3_000 for each in blocks)


def test_what_has_no_room_is_told() -> None:
    """A template may make more than anybody reads."""
    text = "{% for n in range(40) %}" + "y" * 1_500 + "\n{% endfor %}"
    file = TemplateFile(name="long.slack.j2", file="long.slack.j2", text=text)

    message = slack_message(bundle(), Templates([file]), "long")

    blocks = message["blocks"]
    assert isinstance(blocks, list)
    assert len(blocks) == MAX_SECTIONS + 1
    assert "and more" in blocks[-1]["text"]["text"]


async def test_records_cannot_mention_or_link() -> None:
    """A user agent of ``<!channel>`` wakes nobody."""
    hostile = bundle(group={"$.a": "<!channel> <https://evil.example|click>"})

    text = json.dumps(slack_message(hostile, Templates(), "default"))

    assert "<!channel>" not in text
    assert "<https://evil" not in text


def test_threads_are_bounded() -> None:
    """The oldest go first."""
    threads = Threads()
    for number in range(10_001):
        threads.put("C01", str(number), STAMP)

    assert threads.get("C01", "0") is None
    assert threads.get("C01", "10000") == STAMP
