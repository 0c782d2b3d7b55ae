"""Sends notifications to a syslog server by TLS (RFC 5425), TCP (RFC 6587) or UDP.

Syslog knows no answer: a message is taken for accepted when the connection has taken it
and was closed in order. By UDP not even that is known.
"""

import socket
import ssl
from collections.abc import Sequence

import anyio
from anyio.abc import ByteStream

from relay.config.log_targets import SyslogTarget
from relay.config.tls_section import TlsFiles
from relay.errors import Reason, TransientError
from relay.model import Bundle
from relay.notify.content.render import Templates
from relay.notify.receivers.syslog_message import syslog_messages


class SyslogSender:
    """Sends to one server; a connection of its own for each bundle."""

    def __init__(self, target: SyslogTarget, templates: Templates) -> None:
        """Read the TLS files, if any. Raises OSError when they cannot be used."""
        self._target = target
        self._templates = templates
        self._hostname = socket.gethostname()
        self._what = f"syslog {target.protocol}://{target.host}:{target.port}"
        self._tls: ssl.SSLContext | None = None
        if target.protocol == "tls":
            self._tls = (target.tls or TlsFiles()).context()

    async def send(self, bundle: Bundle) -> str:
        """Send a message for each notification; return how many bytes went.

        Raises TransientError when the connection fails or takes too long.
        """
        messages = syslog_messages(
            bundle,
            target=self._target,
            templates=self._templates,
            hostname=self._hostname,
        )
        try:
            with anyio.fail_after(self._target.timeout):
                if self._target.protocol == "udp":
                    await self._send_datagrams(messages)
                else:
                    await self._send_stream(messages)
        except TimeoutError as error:
            message = f"{self._what}: not sent within {self._target.timeout:g} s"
            raise TransientError(message, reason=Reason.TIMEOUT) from error
        except (OSError, anyio.BrokenResourceError, anyio.EndOfStream) as error:
            message = f"{self._what}: {type(error).__name__}"
            raise TransientError(message, reason=Reason.NETWORK) from error
        return f"sent {sum(map(len, messages)):,} bytes"

    async def _send_datagrams(self, messages: Sequence[bytes]) -> None:
        async with await anyio.create_connected_udp_socket(
            self._target.host, self._target.port
        ) as datagrams:
            for message in messages:
                await datagrams.send(message)

    async def _send_stream(self, messages: Sequence[bytes]) -> None:
        async with await self._connected() as stream:
            # Octet counting: a line's end inside a message then ends nothing.
            framed = (b"%d %b" % (len(each), each) for each in messages)
            await stream.send(b"".join(framed))

    async def _connected(self) -> ByteStream:
        host, port = self._target.host, self._target.port
        if self._tls is None:
            return await anyio.connect_tcp(host, port)
        return await anyio.connect_tcp(
            host, port, tls=True, ssl_context=self._tls, tls_hostname=host
        )
