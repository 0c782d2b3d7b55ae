"""Which addresses no HTTP target may have."""

import socket

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from relay.notify.receivers.http_guard import (
    ForbiddenAddressError,
    guarded_connector,
    is_forbidden,
    link_local_allowed,
)
from tests.support.webhook import running_webhook

UNSPECIFIED = "0.0.0.0"  # noqa: S104 - nothing is bound to it; as a peer it is this host
_CLOSE = {"Connection": "close"}  # so that the next call connects anew


class FakeResolver(AbstractResolver):
    """Answers every question with one address, as a hostile name server may."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the address."""
        return [
            ResolveResult(
                hostname=host,
                host=self._address,
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Do nothing."""


def session_of(resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    """Return a session with the guard, and names resolved by ``resolver``."""
    connector = guarded_connector()
    if resolver is not None:
        connector._resolver = resolver
    return aiohttp.ClientSession(connector=connector)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.0.1",
        UNSPECIFIED,
        "::",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "::ffff:0.0.0.0",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_link_local_and_metadata_addresses_are_forbidden(address: str) -> None:
    """However they are written."""
    assert is_forbidden(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "192.168.1.1",
        "203.0.113.7",
        "fd12:3456::1",
        "2001:db8::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
    ],
)
def test_all_others_are_allowed(address: str) -> None:
    """Loopback and private networks are where many targets run."""
    assert not is_forbidden(address)


async def test_a_name_is_judged_by_its_address() -> None:
    """Not by how it looks."""
    async with session_of(FakeResolver("169.254.169.254")) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.post("http://hooks.example.com:9/x")

    assert isinstance(caught.value.os_error, ForbiddenAddressError)


async def test_what_is_allowed_is_allowed_inside_only() -> None:
    """For one target, not for the others of the session; 0.0.0.0 is this very host."""
    async with running_webhook(host=UNSPECIFIED) as hook, session_of(None) as session:
        with link_local_allowed(True):
            async with session.post(hook.origin, headers=_CLOSE) as response:
                status = response.status
        with link_local_allowed(False), pytest.raises(aiohttp.ClientConnectorError):
            await session.post(hook.origin)

    assert status == 200
