"""Keeps HTTP targets away from link-local and instance metadata addresses.

Whoever can write a target's address, or answer the DNS question for its host, could
else make the relay talk to the instance metadata service, which hands out credentials.
The guard looks at the address that is about to be connected to: after DNS, and before
every connection, so that a name that changes its mind is no way around it.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import aiohttp
from aiohttp import AddrInfoType

_FORBIDDEN = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # "this host"
            "169.254.0.0/16",  # link-local: instance and task metadata, Time Sync
            "fd00:ec2::/32",  # the same of EC2 and EKS by IPv6 (EC2 User Guide)
            "fe80::/10",
            "::/128",
        ),
    )
)
_NAT64 = ip_network("64:ff9b::/96")

_is_link_local_allowed = ContextVar("is_link_local_allowed", default=False)


class ForbiddenAddressError(OSError):
    """The target's host has an address that no target may have."""


def guarded_connector() -> aiohttp.TCPConnector:
    """Return a connector that refuses forbidden addresses; needs a running loop.

    It refuses by ForbiddenAddressError, which aiohttp wraps in a ClientConnectorError.
    Loopback and private addresses are allowed: many targets run there.
    """
    return aiohttp.TCPConnector(socket_factory=_guarded_socket)


@contextmanager
def link_local_allowed(is_allowed: bool) -> Iterator[None]:
    """Let what is connected inside go anywhere, when ``is_allowed``."""
    token = _is_link_local_allowed.set(is_allowed)
    try:
        yield
    finally:
        _is_link_local_allowed.reset(token)


def is_forbidden(address: str) -> bool:
    """Tell whether ``address``, an IP address, is link-local or metadata."""
    parsed = ip_address(address.partition("%")[0])
    inner = _inner(parsed)
    return any(
        each in network
        for each in filter(None, (parsed, inner))
        for network in _FORBIDDEN
    )


def _inner(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped


def _guarded_socket(address: AddrInfoType) -> socket.socket:
    family, kind, protocol, _, peer = address
    if not _is_link_local_allowed.get() and is_forbidden(str(peer[0])):
        raise ForbiddenAddressError("is a link-local or instance metadata address")
    return socket.socket(family=family, type=kind, proto=protocol)
