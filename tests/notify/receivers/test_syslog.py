"""Syslog: real servers by TLS, TCP and UDP."""

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from msgspec.structs import replace

from relay.config.log_targets import SyslogTarget
from relay.errors import Reason, TransientError
from relay.notify.content.render import Templates
from relay.notify.receivers.syslog import SyslogSender
from tests.notify.examples import bundle, notification
from tests.support.syslog import SyslogServer, running_syslog, running_udp_syslog


def sender_to(server: SyslogServer, **options: Any) -> SyslogSender:  # noqa: ANN401 - any option
    """Return a sender to ``server``."""
    target = {"host": "127.0.0.1", "port": server.port, **options}
    return SyslogSender(SyslogTarget.model_validate(target), Templates())


def two() -> Any:  # noqa: ANN401 - a Bundle
    """Return a bundle of two."""
    second = notification(id="2f" * 32, alarm="second", reason="line\nend")
    return replace(bundle(), notifications=(notification(), second))


async def test_messages_come_by_tcp_in_order() -> None:
    """With octet counts, so that a line's end ends nothing."""
    async with running_syslog() as server:
        answer = await sender_to(server, protocol="tcp").send(two())
        first, second = await server.take(2)

    assert b"console-login-failures" in first
    assert b"second" in second
    assert answer == f"sent {len(first) + len(second):,} bytes"


async def test_messages_come_by_udp() -> None:
    """One a datagram, without a count."""
    async with running_udp_syslog() as server:
        await sender_to(server, protocol="udp").send(bundle())
        (message,) = await server.take(1)

    assert message.startswith(b"<131>1 2026-09-14T11:18:44.401000Z ")


async def test_messages_come_by_tls(tmp_path: Path) -> None:
    """To a server whose certificate is verified."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with running_syslog(tls=context) as server:
        sender = sender_to(server, tls={"ca_file": str(tmp_path / "ca.pem")})
        await sender.send(bundle())
        (message,) = await server.take(1)

    assert message.startswith(b"<131>1 ")


async def test_an_unknown_certificate_is_refused() -> None:
    """Nothing goes to a server that nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with running_syslog(tls=context) as server:
        with pytest.raises(TransientError) as caught:
            await sender_to(server).send(bundle())

    assert caught.value.reason is Reason.NETWORK
    assert "SSLCertVerificationError" in str(caught.value)


async def test_nobody_listening_may_pass() -> None:
    """It waits for the server to come back."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = SyslogServer(port=unused.getsockname()[1])
        with pytest.raises(TransientError) as caught:
            await sender_to(server, protocol="tcp").send(bundle())

    assert caught.value.reason is Reason.NETWORK


async def test_silence_is_a_timeout() -> None:
    """A server that never greets is given up."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server = SyslogServer(port=silent.getsockname()[1])
        with pytest.raises(TransientError) as caught:
            await sender_to(server, timeout=0.05).send(bundle())

    assert caught.value.reason is Reason.TIMEOUT
