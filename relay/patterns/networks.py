"""Networks in CIDR notation, and which of many an address belongs to.

Networks are kept as one set per prefix length, so that a look-up costs as many steps as
there are different lengths, however many networks there are.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    NetmaskValueError,
)
from typing import Final, NamedTuple

_MAX_ADDRESS_LENGTH: Final = 45  # characters, of an IPv4-mapped IPv6 address in full
_REMEMBERED_ADDRESSES: Final = 4096
_BITS: Final = {4: 32, 6: 128}
_MAPPED_BITS: Final = 96  # ::ffff:0:0/96 is what holds IPv4 addresses (RFC 4291)
_MAPPED: Final = 0xFFFF
_LIKE_NETWORK: Final = re.compile(r"(?:[0-9.]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)/[0-9]+")


class Network(NamedTuple):
    """The addresses of one IP version that begin with the ``length`` bits ``prefix``.

    An IPv6 network inside the range of IPv4-mapped addresses is an IPv4 network.
    """

    version: int
    length: int
    prefix: int


class Networks:
    """A set of networks, to be asked for addresses."""

    __slots__ = ("_prefixes",)

    def __init__(self, networks: Iterable[Network]) -> None:
        self._prefixes: dict[tuple[int, int], set[int]] = {}
        for version, length, prefix in networks:
            unused_bits = _BITS[version] - length
            self._prefixes.setdefault((version, unused_bits), set()).add(prefix)

    def __bool__(self) -> bool:
        """Whether there is any network at all."""
        return bool(self._prefixes)

    def contains(self, text: str) -> bool:
        """Tell whether ``text`` is an IP address in one of the networks."""
        if len(text) > _MAX_ADDRESS_LENGTH:
            return False
        address = _parse_address(text)
        if address is None:
            return False
        of_version, bits = address
        for (version, unused_bits), prefixes in self._prefixes.items():
            if version == of_version and bits >> unused_bits in prefixes:
                return True
        return False


def looks_like_network(text: str) -> bool:
    """Tell whether ``text`` is written as a network, be it a sound one or not."""
    return _LIKE_NETWORK.fullmatch(text) is not None


def parse_network(text: str) -> Network:
    """Return the network that ``text`` names, such as ``10.0.0.0/8``.

    Raises ValueError, with what is wrong, when it names none.
    """
    if not looks_like_network(text):
        raise ValueError(f"'{text}' is no network such as 10.0.0.0/8 or 2001:db8::/32")
    kind = IPv6Network if ":" in text else IPv4Network
    try:
        network = kind(text)
    except (AddressValueError, NetmaskValueError) as exc:
        raise ValueError(f"'{text}' is no network: {exc}") from exc
    except ValueError as exc:  # a sound address, but beyond the prefix it has bits set
        meant = kind(text, strict=False)
        raise ValueError(
            f"'{text}' has bits set beyond its prefix; write {meant}"
        ) from exc
    bits, length = int(network.network_address), network.prefixlen
    if network.version == 6 and length >= _MAPPED_BITS and bits >> 32 == _MAPPED:
        ipv4_bits = bits & 0xFFFF_FFFF
        return Network(4, length - _MAPPED_BITS, ipv4_bits >> 128 - length)
    return Network(network.version, length, bits >> _BITS[network.version] - length)


@lru_cache(_REMEMBERED_ADDRESSES)  # a few addresses make most of the traffic
def _parse_address(text: str) -> tuple[int, int] | None:
    """Return the version and the bits of an address; None for any other text."""
    try:
        if ":" not in text:
            return 4, int(IPv4Address(text))
        address = IPv6Address(text)
    except AddressValueError:
        return None
    mapped = address.ipv4_mapped
    return (6, int(address)) if mapped is None else (4, int(mapped))
