"""Webhooks: what is sent, what answers mean, and that the address stays secret."""

import hashlib
import hmac
import json
import socket
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from relay import __version__
from relay.config.template_files import TemplateFile
from relay.errors import ConfigError, Reason, RejectedError, TransientError
from relay.notify.content.render import Templates
from relay.notify.receivers.http import HttpSender
from tests.notify.examples import bundle
from tests.notify.receivers.http_targets import sender_of
from tests.support.webhook import Answer, Webhook, running_webhook

PATH = "/services/T000/s3cret"


@asynccontextmanager
async def sender_to(
    hook: Webhook,
    path: str = PATH,
    **options: Any,  # noqa: ANN401 - any option
) -> AsyncIterator[HttpSender]:
    """Give a sender to ``hook``, with a session that is closed afterwards."""
    section = {"webhook": [{"url": hook.origin + path, **options}]}
    async with sender_of(section) as sender:
        yield sender


async def failure(answer: Answer, **options: Any) -> Exception:  # noqa: ANN401 - any option
    """Return what the sender makes of ``answer``."""
    async with running_webhook() as hook, sender_to(hook, **options) as sender:
        hook.answers.append(answer)
        with pytest.raises((TransientError, RejectedError)) as caught:
            await sender.send(bundle())
    return caught.value


async def test_posts_the_document_with_its_headers() -> None:
    """JSON, who sends it, the idempotency key, and the configured headers."""
    async with (
        running_webhook() as hook,
        sender_to(hook, headers={"Authorization": "Bearer x"}) as sender,
    ):
        await sender.send(bundle())

    (posted,) = hook.posted
    assert posted.path == PATH
    assert json.loads(posted.body)["alarm"] == "console-login-failures"
    expected = {
        "Content-Type": "application/json",
        "User-Agent": f"cloudtrail-relay/{__version__}",
        "Idempotency-Key": "1f" * 32,
        "Authorization": "Bearer x",
    }
    assert expected.items() <= posted.headers.items()
    assert "X-Relay-Signature" not in posted.headers


async def test_the_signature_can_be_verified_as_documented() -> None:
    """HMAC-SHA256 of the timestamp's text, a full stop and the raw body."""
    async with running_webhook() as hook, sender_to(hook, hmac_secret="k") as sender:
        await sender.send(bundle())

    (posted,) = hook.posted
    timestamp = posted.headers["X-Relay-Timestamp"]
    signed = timestamp.encode() + b"." + posted.body
    expected = hmac.new(b"k", signed, hashlib.sha256).hexdigest()
    assert timestamp == "1790000000"
    assert posted.headers["X-Relay-Signature"] == f"sha256={expected}"


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_is_success(status: int) -> None:
    """The answer's body does not matter."""
    async with running_webhook() as hook, sender_to(hook) as sender:
        hook.answers.append(Answer(status=status))
        await sender.send(bundle())

    assert hook.answers == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (408, Reason.TIMEOUT),
        (425, Reason.UNAVAILABLE),
        (429, Reason.THROTTLED),
        (500, Reason.UNAVAILABLE),
        (503, Reason.UNAVAILABLE),
        (599, Reason.UNAVAILABLE),
    ],
)
async def test_what_may_pass_is_transient(status: int, reason: Reason) -> None:
    """The same request may succeed later."""
    error = await failure(Answer(status=status, text="busy"))

    assert isinstance(error, TransientError)
    assert (error.reason, error.retry_after_secs) == (reason, None)
    assert str(error).endswith(f": status {status}: busy")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, Reason.REFUSED),
        (400, Reason.REFUSED),
        (401, Reason.ACCESS_DENIED),
        (403, Reason.ACCESS_DENIED),
        (404, Reason.NOT_FOUND),
        (410, Reason.NOT_FOUND),
    ],
)
async def test_what_cannot_pass_is_rejected(status: int, reason: Reason) -> None:
    """A redirect is not followed: a body must not be led to where it was not meant."""
    error = await failure(Answer(status=status, headers={"Location": "/elsewhere"}))

    assert isinstance(error, RejectedError)
    assert error.reason is reason


@pytest.mark.parametrize("path", [PATH, "/hook?token=s3cret"])
async def test_an_answer_is_shown_short_and_without_the_address(path: str) -> None:
    """Servers repeat what was asked for; the address may be a password."""
    answer = Answer(status=404, text=f"Cannot POST {path}\r\n" + "x" * 5_000)

    error = await failure(answer, path=path)

    shown = str(error).partition("status 404: ")[2]
    assert shown.startswith("Cannot POST ")
    assert "s3cret" not in shown
    assert len(shown) <= 200


async def test_retry_after_is_handed_on() -> None:
    """As seconds."""
    answer = Answer(status=429, headers={"Retry-After": "7"})

    error = await failure(answer)

    assert isinstance(error, TransientError)
    assert error.retry_after_secs == 7.0


async def test_silence_is_a_timeout() -> None:
    """A hanging server is given up after ``timeout``."""
    error = await failure(Answer(hangs=True), timeout=0.05)

    assert isinstance(error, TransientError)
    assert error.reason is Reason.TIMEOUT
    assert "no answer within 0.05 s" in str(error)


async def test_nobody_listening_is_a_network_fault() -> None:
    """Nothing of the address but its origin is in the error."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        hook = Webhook(origin=f"http://127.0.0.1:{unused.getsockname()[1]}")
        async with sender_to(hook) as sender:
            with pytest.raises(TransientError) as caught:
                await sender.send(bundle())

    assert caught.value.reason is Reason.NETWORK
    assert str(caught.value) == f"POST {hook.origin}: ClientConnectorError"


async def test_an_impossible_address_is_rejected_without_showing_it() -> None:
    """Not even the traceback holds it."""
    async with sender_to(Webhook(origin="http://a..b"), "/s3cret") as sender:
        with pytest.raises(RejectedError) as caught:
            await sender.send(bundle())

    shown = "".join(traceback.format_exception_only(caught.value))
    assert caught.value.reason is Reason.INVALID
    assert "s3cret" not in shown
    assert caught.value.__suppress_context__


async def test_the_method_can_be_chosen() -> None:
    """Some services want PUT."""
    async with running_webhook() as hook, sender_to(hook, method="PUT") as sender:
        await sender.send(bundle())

    assert hook.posted[0].method == "PUT"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"basic_auth": {"username": "relay", "password": "p:w"}},
            "Basic cmVsYXk6cDp3",
        ),
        ({"bearer_token": "t0ken"}, "Bearer t0ken"),
    ],
)
async def test_it_logs_in(options: dict[str, Any], expected: str) -> None:
    """With user and password, or with a token."""
    async with running_webhook() as hook, sender_to(hook, **options) as sender:
        await sender.send(bundle())

    assert hook.posted[0].headers["Authorization"] == expected


async def test_the_body_can_be_a_template() -> None:
    """Values are escaped for a JSON string, whatever a record holds."""
    body = '{"text": "{{ view.title }}", "who": "{{ alarm.who }}"}'
    async with running_webhook() as hook, sender_to(hook, body=body) as sender:
        await sender.send(bundle(group={"$.a": '"}, {"x": "'}))

    assert json.loads(hook.posted[0].body) == {
        "text": 'ALARM (high): console-login-failures ["}, {"x": "]',
        "who": "user alice",
    }


async def test_the_body_can_be_a_template_file() -> None:
    """By its name, of the medium JSON."""
    file = TemplateFile(
        name="pager.json.j2", file="pager.json.j2", text='{"is": "{{ view.state }}"}'
    )
    async with running_webhook() as hook:
        section = {"webhook": [{"url": hook.origin, "template": "pager"}]}
        async with sender_of(section, templates=Templates([file])) as sender:
            await sender.send(bundle())

    assert json.loads(hook.posted[0].body) == {"is": "ALARM"}


async def test_a_body_of_another_type_need_not_be_json() -> None:
    """It goes out under the type that it says."""
    options = {"body": "state={{ view.state }}", "content_type": "text/plain"}
    async with running_webhook() as hook, sender_to(hook, **options) as sender:
        await sender.send(bundle())

    assert hook.posted[0].body == b"state=ALARM"
    assert hook.posted[0].headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"body": "{{ view.nothing }}"},
            "webhook https://hooks.example.com: body: <template>:1: 'View' has no",
        ),
        (
            {"body": '{"text": {{ view.title }}}'},
            "webhook https://hooks.example.com: body: what the template makes is no",
        ),
        (
            {"template": "nowhere"},
            "webhook https://hooks.example.com: template: nowhere.json.j2: there is no",
        ),
    ],
)
async def test_a_bad_template_is_found_at_once(
    options: dict[str, Any], message: str
) -> None:
    """Not when something has happened."""
    section = {"webhook": [{"url": "https://hooks.example.com/s3cret", **options}]}

    with pytest.raises(ConfigError) as caught:
        async with sender_of(section):
            pass

    assert str(caught.value).startswith(message)


async def test_a_template_that_fails_later_is_no_retry() -> None:
    """It would fail again; the notification is set aside with the reason."""
    body = '{"text": {% if alarm.name == "odd" %}odd{% else %}""{% endif %}}'
    async with running_webhook() as hook, sender_to(hook, body=body) as sender:
        with pytest.raises(RejectedError) as caught:
            await sender.send(bundle(alarm="odd"))

    assert caught.value.reason is Reason.INVALID
    assert hook.posted == []


async def test_an_answer_that_stalls_is_known_by_its_status() -> None:
    """What it says after that does not matter."""
    stalled = Answer(status=503, text="over", stalls=True)

    error = await failure(stalled, timeout=0.3)

    assert isinstance(error, TransientError)
    assert error.reason is Reason.UNAVAILABLE
    assert str(error).endswith("status 503: over")


async def test_a_login_in_the_address_is_no_more_shown_than_another() -> None:
    """Neither as it stands there nor as it is sent."""
    async with running_webhook() as hook:
        url = hook.origin.replace("//", "//relay:p%40ssw0rd@")
        async with sender_of({"webhook": [{"url": url}]}) as sender:
            hook.answers.append(
                Answer(status=400, text="cmVsYXk6cEBzc3cwcmQ= p@ssw0rd")
            )
            with pytest.raises(RejectedError) as caught:
                await sender.send(bundle())

    assert hook.posted[0].headers["Authorization"] == "Basic cmVsYXk6cEBzc3cwcmQ="
    assert str(caught.value).endswith(": status 400: *** ***")
