"""The webhook receiver accepts what relay signed, and nothing else."""

from collections.abc import Mapping

import aiohttp
import msgspec
import pytest

from relay.demo.inbox import Channel, Evidence, Inbox, Received
from relay.demo.webhook import signature, webhook_receiver
from tests.support.clock import FakeClock

SECRET = "swordfish"
DOCUMENT = {
    "version": "1",
    "id": "n1",
    "alarm": "root-login",
    "state": "ALARM",
    "severity": "critical",
    "group": {"$.userIdentity.userName": "anna"},
    "received_at": "2023-11-14T22:13:19.900Z",
    "evidence": [
        {
            "event_name": "ConsoleLogin",
            "principal": "root",
            "source_ip": "203.0.113.66",
            "account": "111122223333",
            "region": "us-east-1",
        }
    ],
}
NOW = 1_700_000_000
BODY = msgspec.json.encode(DOCUMENT)


def headers(body: bytes, *, secret: str = SECRET, at: int = NOW) -> dict[str, str]:
    """Return the headers that relay sends with ``body``."""
    return {
        "X-Relay-Timestamp": str(at),
        "X-Relay-Signature": signature(secret, str(at), body),
    }


async def post(inbox: Inbox, body: bytes, sent: Mapping[str, str]) -> int:
    """Post ``body`` to a receiver whose clock says NOW; return the status."""
    clock = FakeClock(float(NOW))
    async with (
        webhook_receiver(inbox, secret=SECRET, clock=clock) as url,
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=sent) as response,
    ):
        return response.status


async def test_signed_notification_is_received() -> None:
    """A signed document is taken with its evidence and both times."""
    inbox = Inbox()

    status = await post(inbox, BODY, headers(BODY))

    assert status == 204
    assert inbox.received == [
        Received(
            channel=Channel.WEBHOOK,
            id="n1",
            alarm="root-login",
            state="ALARM",
            accepted_at=float(NOW),
            severity="critical",
            group=("anna",),
            evidence=Evidence(
                who="root",
                what="ConsoleLogin",
                source_ip="203.0.113.66",
                account="111122223333",
                region="us-east-1",
            ),
            relay_received_at=1_699_999_999.9,
        )
    ]


async def test_document_without_evidence_is_received() -> None:
    """What time alone caused has no record behind it."""
    inbox = Inbox()
    body = msgspec.json.encode({"id": "n2", "alarm": "silence", "state": "OK"})

    await post(inbox, body, headers(body))

    assert inbox.received[0].evidence is None
    assert inbox.received[0].relay_received_at is None


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="unsigned"),
        pytest.param(headers(BODY, secret="other"), id="other secret"),
        pytest.param(headers(BODY + b" "), id="other body"),
        pytest.param(headers(BODY, at=NOW - 301), id="replayed"),
        pytest.param(headers(BODY) | {"X-Relay-Timestamp": "now"}, id="no time"),
    ],
)
async def test_unsigned_notification_is_refused(sent: dict[str, str]) -> None:
    """Without a fresh signature of this very body the answer is 401."""
    inbox = Inbox()

    status = await post(inbox, BODY, sent)

    assert status == 401
    assert inbox.received == []
    assert inbox.refused == ["webhook: the signature is wrong or missing"]


async def test_unreadable_document_is_refused() -> None:
    """A signed body that is no notification of relay's is answered with 400."""
    inbox = Inbox()
    body = b'{"id": 7}'

    status = await post(inbox, body, headers(body))

    assert status == 400
    assert len(inbox.refused) == 1
