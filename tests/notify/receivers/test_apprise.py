"""Apprise: what it is told, and what its answers mean."""

import json
import logging
import threading

import pytest

from relay.config.apprise_url import Service
from relay.config.chat_targets import AppriseTarget
from relay.errors import Reason, TransientError
from relay.model import AlarmState
from relay.notify.content.render import Templates
from relay.notify.receivers.apprise import AppriseSender
from tests.notify.examples import bundle
from tests.support.webhook import Answer, running_webhook

USES_APPRISE = pytest.mark.filterwarnings(
    # Its plugins import what Python will drop.
    "ignore::DeprecationWarning"
)
URL = "json://relay:s3cret@hooks.example.com/x"


class FakeService:
    """Answers as it is told."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.kinds: list[str] = []

    def notify(self, body: str, title: str, *, notify_type: str) -> object:
        """Return the answer, or raise it."""
        self.kinds.append(notify_type)
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, threading.Event):
            self.answer.wait(5)
        return self.answer


def sender_of(
    service: Service | None, *, url: str = URL, timeout: float = 5
) -> AppriseSender:
    """Return a sender by ``service``."""
    target = AppriseTarget.model_validate({"url": url, "timeout": timeout})
    return AppriseSender(target, Templates(), service)


@USES_APPRISE
async def test_the_real_one_sends_title_and_text() -> None:
    """Here by its plugin for JSON."""
    async with running_webhook() as hook:
        url = hook.origin.replace("http://", "json://") + "/x"
        hook.answers += [Answer(), Answer(status=500)]
        answer = await sender_of(None, url=url).send(bundle())
        with pytest.raises(TransientError) as caught:
            await sender_of(None, url=url).send(bundle())

    sent = json.loads(hook.posted[0].body)
    assert answer == "sent"
    assert sent["title"] == "ALARM (high): console-login-failures [alice]"
    assert "user alice" in sent["message"]
    assert str(caught.value) == "apprise json: was not sent"
    assert logging.getLogger("apprise").level > logging.CRITICAL


async def test_states_are_apprises() -> None:
    """It colours by them."""
    service = FakeService(True)
    sender = sender_of(service)

    await sender.send(bundle())
    await sender.send(bundle(state=AlarmState.OK))

    assert service.kinds == ["failure", "success"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (False, Reason.UNAVAILABLE),
        (None, Reason.UNAVAILABLE),
        (RuntimeError("s3cret"), Reason.INTERNAL),
    ],
)
async def test_all_failures_may_pass(answer: object, reason: Reason) -> None:
    """It does not say why it failed; what a plugin raises may hold the address."""
    with pytest.raises(TransientError) as caught:
        await sender_of(FakeService(answer)).send(bundle())

    assert caught.value.reason is reason
    assert "s3cret" not in str(caught.value)


async def test_silence_is_a_timeout() -> None:
    """It goes on in its thread, but holds up nobody."""
    blocked = threading.Event()
    try:
        with pytest.raises(TransientError) as caught:
            await sender_of(FakeService(blocked), timeout=0.05).send(bundle())
    finally:
        blocked.set()

    assert caught.value.reason is Reason.TIMEOUT


@USES_APPRISE
async def test_a_url_that_it_does_not_know_is_not_sent() -> None:
    """The configuration refuses it before; here nothing is lost."""
    with pytest.raises(TransientError, match="apprise nosuch: was not sent"):
        await sender_of(None, url="nosuch://s3cret").send(bundle())
