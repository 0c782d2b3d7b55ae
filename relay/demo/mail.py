"""A mail server that accepts everything and reads what came."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

from relay.clock import Clock
from relay.demo.inbox import Channel, Inbox, Received
from relay.demo.process import LOOPBACK

_ACCEPTED, _REFUSED = "250 OK", "554 not a notification of relay's"


class _Handler:
    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self,
        server: Any,  # noqa: ANN401, ARG002 - aiosmtpd is untyped
        session: Any,  # noqa: ANN401, ARG002 - aiosmtpd is untyped
        envelope: Any,  # noqa: ANN401 - aiosmtpd is untyped
    ) -> str:
        """Take one mail; answer as a mail server does."""
        accepted_at = self._clock.now()
        message = email.message_from_bytes(
            envelope.content, policy=email.policy.default
        )
        received = _received(message, accepted_at)
        if received is None:
            self._inbox.refuse(
                f"mail: no alarm in headers, subject {message['subject']!r}"
            )
            return _REFUSED
        self._inbox.add(received)
        return _ACCEPTED


@asynccontextmanager
async def mail_receiver(inbox: Inbox, *, clock: Clock) -> AsyncIterator[int]:
    """Serve SMTP for the length of the block; the value is the port."""
    handler = _Handler(inbox, clock)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True), LOOPBACK, 0
    )
    try:
        port: int = server.sockets[0].getsockname()[1]
        yield port
    finally:
        server.close()
        await server.wait_closed()


def _received(message: EmailMessage, accepted_at: float) -> Received | None:
    # The subject is the same for an alarm and its end; these headers are for machines.
    alarm, state = message["x-relay-alarm"], message["x-relay-state"]
    if alarm is None or state is None:
        return None
    message_id = str(message["message-id"] or "").strip("<> ")
    return Received(
        channel=Channel.MAIL,
        id=message_id.partition("@")[0],
        alarm=str(alarm),
        state=str(state),
        accepted_at=accepted_at,
        severity=str(message["x-relay-severity"] or ""),
    )
