"""A real SMTP server on loopback: keeps what it takes, refuses what it is told to.

async with running_mail_server() as server:
    server.refusals["a@example.com"] = ["451 later"]
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes
    was_encrypted: bool
    user: str | None


@dataclass(slots=True, kw_only=True)
class MailServer:
    """What the server took, and what it is to refuse."""

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    """Answers to RCPT TO by address (or to ``MAIL``, ``DATA``), used up in order."""

    def next_answer(self, of: str) -> str:
        """Return the next refusal of ``of``, or the usual acceptance."""
        answers = self.refusals.get(of)
        return answers.pop(0) if answers else "250 OK"


class _Handler:
    """The hooks that aiosmtpd calls; their names are its own."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        server: Any,  # noqa: ANN401 - aiosmtpd is untyped
        session: Any,  # noqa: ANN401 - aiosmtpd is untyped
        envelope: Any,  # noqa: ANN401 - aiosmtpd is untyped
        address: str,
        options: list[str],
    ) -> str:
        envelope.mail_from = address
        return self._server.next_answer("MAIL")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: Any,  # noqa: ANN401 - aiosmtpd is untyped
        session: Any,  # noqa: ANN401 - aiosmtpd is untyped
        envelope: Any,  # noqa: ANN401 - aiosmtpd is untyped
        address: str,
        options: list[str],
    ) -> str:
        answer = self._server.next_answer(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self,
        server: Any,  # noqa: ANN401 - aiosmtpd is untyped
        session: Any,  # noqa: ANN401 - aiosmtpd is untyped
        envelope: Any,  # noqa: ANN401 - aiosmtpd is untyped
    ) -> str:
        answer = self._server.next_answer("DATA")
        if answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            mail = Mail(
                sender=envelope.mail_from,
                recipients=tuple(envelope.rcpt_tos),
                message=message,
                raw=envelope.content,
                was_encrypted=session.ssl is not None,
                user=session.auth_data,
            )
            self._server.mails.append(mail)
        return answer


@asynccontextmanager
async def running_mail_server(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    users: Mapping[str, str] | None = None,
) -> AsyncIterator[MailServer]:
    """Serve on a free port; ``users`` (name: password) must log in after STARTTLS."""
    state = MailServer()
    connections: list[SMTP] = []

    def authenticate(
        server: object, session: object, envelope: object, mechanism: str, data: object
    ) -> AuthResult:
        if isinstance(data, LoginPassword):
            name, password = data.login.decode(), data.password.decode()
            if users is not None and users.get(name) == password:
                return AuthResult(success=True, auth_data=name)
        return AuthResult(success=False, handled=False)

    def connect() -> SMTP:
        protocol = SMTP(
            _Handler(state),
            hostname="mail.example.com",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=users is not None,
            authenticator=authenticate,
            loop=asyncio.get_running_loop(),
        )
        connections.append(protocol)
        return protocol

    listener = await asyncio.get_running_loop().create_server(connect, HOST, 0, ssl=tls)
    state.port = listener.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        listener.close()
        for each in connections:
            if each.transport is not None:
                each.transport.close()
        await listener.wait_closed()
