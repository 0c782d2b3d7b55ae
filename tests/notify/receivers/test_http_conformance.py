"""What holds for every kind that is reached by HTTP, whatever service it is."""

import json
import socket
import traceback
from typing import Any

import pytest
from msgspec.structs import replace

from relay import __version__
from relay.errors import Reason, RejectedError, TransientError
from tests.notify.examples import bundle, notification
from tests.notify.receivers.http_targets import SECRET, SUCCESS, TARGETS, sender_at
from tests.support.webhook import Answer, running_webhook

pytestmark = pytest.mark.parametrize("kind", TARGETS)


async def failure(kind: str, answer: Answer, **options: Any) -> Exception:  # noqa: ANN401 - any option
    """Return what the sender makes of ``answer``."""
    async with running_webhook() as hook, sender_at(kind, hook.origin, **options) as to:
        hook.answers.append(answer)
        with pytest.raises((TransientError, RejectedError)) as caught:
            await to.send(bundle())
    return caught.value


async def test_it_sends_json_with_the_idempotency_key(kind: str) -> None:
    """The same key at every attempt; the answer comes back in a few words."""
    async with running_webhook() as hook, sender_at(kind, hook.origin) as sender:
        hook.answers += [Answer(text=SUCCESS.get(kind, "ok"))] * 2
        answers = [await sender.send(bundle()) for _ in range(2)]

    first, second = hook.posted
    assert first.headers["Idempotency-Key"] == "1f" * 32
    assert second.headers["Idempotency-Key"] == "1f" * 32
    assert first.headers["Content-Type"].startswith("application/json")
    assert first.headers["User-Agent"] == f"cloudtrail-relay/{__version__}"
    assert json.loads(first.body)
    assert first.body.count(b"console-login-failures") > 0
    assert answers == ["1700000000.000100" if kind in SUCCESS else "200"] * 2


@pytest.mark.parametrize(
    ("status", "expected", "reason"),
    [
        (301, RejectedError, Reason.REFUSED),
        (400, RejectedError, Reason.REFUSED),
        (401, RejectedError, Reason.ACCESS_DENIED),
        (403, RejectedError, Reason.ACCESS_DENIED),
        (404, RejectedError, Reason.NOT_FOUND),
        (408, TransientError, Reason.TIMEOUT),
        (422, RejectedError, Reason.REFUSED),
        (429, TransientError, Reason.THROTTLED),
        (500, TransientError, Reason.UNAVAILABLE),
        (503, TransientError, Reason.UNAVAILABLE),
    ],
)
async def test_final_and_passing_answers_are_told_apart(
    kind: str, status: int, expected: type[Exception], reason: Reason
) -> None:
    """By the status, where the service says no more."""
    error = await failure(kind, Answer(status=status, text="so it is"))

    assert isinstance(error, expected)
    assert getattr(error, "reason", None) is reason
    assert str(error).endswith(f"status {status}: so it is")


async def test_the_wish_to_wait_is_handed_on(kind: str) -> None:
    """In seconds, from ``Retry-After``."""
    error = await failure(kind, Answer(status=429, headers={"Retry-After": "7"}))

    assert isinstance(error, TransientError)
    assert error.retry_after_secs == 7.0


async def test_a_redirect_is_not_followed(kind: str) -> None:
    """Least of all to where credentials are handed out."""
    metadata = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
    async with running_webhook() as hook, sender_at(kind, hook.origin) as sender:
        hook.answers.append(Answer(status=302, headers={"Location": metadata}))
        with pytest.raises(RejectedError):
            await sender.send(bundle())

    assert len(hook.posted) == 1


async def test_silence_is_a_timeout(kind: str) -> None:
    """A server that hangs is given up after ``timeout``."""
    error = await failure(kind, Answer(hangs=True), timeout=0.05)

    assert isinstance(error, TransientError)
    assert error.reason is Reason.TIMEOUT


async def test_a_cut_connection_is_a_network_fault(kind: str) -> None:
    """It may pass."""
    error = await failure(kind, Answer(resets=True))

    assert isinstance(error, TransientError)
    assert error.reason is Reason.NETWORK


async def test_a_huge_answer_is_not_read(kind: str) -> None:
    """The beginning says what there is to know; the rest would fill the memory."""
    async with running_webhook() as hook, sender_at(kind, hook.origin) as sender:
        hook.answers.append(Answer(status=500, is_endless=True))
        with pytest.raises(TransientError) as caught:
            await sender.send(bundle())

    assert len(str(caught.value)) < 300
    assert hook.was_stopped


async def test_nobody_listening_is_a_network_fault(kind: str) -> None:
    """With nothing of the address but its origin."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{unused.getsockname()[1]}"
        async with sender_at(kind, origin) as sender:
            with pytest.raises(TransientError) as caught:
                await sender.send(bundle())

    assert caught.value.reason is Reason.NETWORK
    assert str(caught.value) == f"POST {origin}: ClientConnectorError"


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_no_secret_is_in_an_error(kind: str, status: int) -> None:
    """Servers repeat what they were asked; here, everything."""
    async with running_webhook() as hook, sender_at(kind, hook.origin) as sender:
        hook.answers.append(Answer(status=status))
        with pytest.raises((TransientError, RejectedError)):
            await sender.send(bundle())
        posted = hook.posted[0]
        repeated = f"{posted.path} {posted.headers} {posted.body.decode()}"
        for cut in (0, 200 - len(SECRET) // 2, 1_024 - len(SECRET) // 2):
            text = "." * cut + SECRET + repeated
            hook.answers.append(Answer(status=status, text=text))
            with pytest.raises((TransientError, RejectedError)) as caught:
                await sender.send(bundle())

            shown = "".join(traceback.format_exception(caught.value))
            assert SECRET not in shown
            assert SECRET[:8] not in str(caught.value)


@pytest.mark.parametrize("address", ["169.254.169.254", "[fd00:ec2::254]"])
async def test_metadata_addresses_are_not_called(kind: str, address: str) -> None:
    """Whatever the configuration says; for good, so that somebody looks at it."""
    async with sender_at(kind, f"http://{address}:9") as sender:
        with pytest.raises(RejectedError) as caught:
            await sender.send(bundle())

    assert "is a link-local or instance metadata address" in str(caught.value)


async def test_several_notifications_are_told(kind: str) -> None:
    """In one request or in several; each request has a key of its own."""
    several = bundle(alarm="first")
    more = (*several.notifications, notification(id="2f" * 32, alarm="second"))

    async with running_webhook() as hook, sender_at(kind, hook.origin) as sender:
        hook.answers += [Answer(text=SUCCESS.get(kind, ""))] * 2
        await sender.send(replace(several, id="0f" * 32, notifications=more))

    keys = [each.headers["Idempotency-Key"] for each in hook.posted]
    bodies = b"".join(each.body for each in hook.posted)
    assert len(set(keys)) == len(keys)
    assert b"first" in bodies
    assert b"second" in bodies
