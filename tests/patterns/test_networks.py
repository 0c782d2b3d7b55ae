"""Networks in CIDR notation."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.patterns.networks import Network, Networks, looks_like_network, parse_network

ADDRESSES = st.one_of(
    st.ip_addresses(),
    # Close to each other, so that networks often hold them.
    st.integers(0, 2**10).map(IPv4Address),
    st.integers(0, 2**10).map(IPv6Address),
)


@given(
    networks=st.lists(
        st.tuples(ADDRESSES, st.integers(0, 128)).map(
            lambda pair: ip_network(
                (pair[0], min(pair[1], pair[0].max_prefixlen)), strict=False
            )
        ),
        max_size=5,
    ),
    address=ADDRESSES,
)
@settings(deadline=None)
def test_the_same_as_one_by_one(networks: list[object], address: object) -> None:
    """An address is in a set of networks when it is in one of them."""
    together = Networks(parse_network(str(network)) for network in networks)
    mapped = getattr(address, "ipv4_mapped", None) or address

    assert together.contains(str(address)) is any(
        mapped in network  # type: ignore[operator]  # any of the two kinds
        for network in networks
    )


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("0.0.0.0/0", Network(4, 0, 0)),
        ("10.0.0.0/8", Network(4, 8, 10)),
        ("10.1.2.3/32", Network(4, 32, 0x0A010203)),
        ("::/0", Network(6, 0, 0)),
        ("2001:DB8::/32", Network(6, 32, 0x20010DB8)),
        ("::ffff:10.0.0.0/104", Network(4, 8, 10)),
        ("::ffff:0:0/96", Network(4, 0, 0)),
    ],
)
def test_networks_are_parsed(text: str, network: Network) -> None:
    """What is written becomes the bits that count."""
    assert parse_network(text) == network


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10.0.0.0", "is no network such as"),
        ("10.0.0.0/x", "is no network such as"),
        ("10.0.0/8", "'10.0.0/8' is no network"),
        ("010.0.0.0/8", "'010.0.0.0/8' is no network"),
        ("10.0.0.0/33", "'10.0.0.0/33' is no network"),
        ("2001:db8/32", "'2001:db8/32' is no network"),
        ("::/129", "'::/129' is no network"),
        ("10.0.0.1/31", "write 10.0.0.0/31"),
        ("2001:db8::1/64", "write 2001:db8::/64"),
    ],
)
def test_anything_else_is_refused(text: str, message: str) -> None:
    """The reason names the text, and what to write where that is known."""
    with pytest.raises(ValueError, match=message):
        parse_network(text)


@pytest.mark.parametrize(
    ("text", "is_like_one"),
    [
        ("10.0.0.0/99", True),
        ("::/0", True),
        ("AWS/EC2", False),
        ("arn:aws:iam::123456789012:role/admin", False),
        ("a/1", False),
        ("/1", False),
        ("10.0.0.0", False),
    ],
)
def test_what_looks_like_a_network(text: str, is_like_one: bool) -> None:
    """Names with a slash are no networks; faulty networks are."""
    assert looks_like_network(text) is is_like_one


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "10.0.0",
        "10.0.0.0/8",
        "10.0.0.256",
        "1.2.3.4 ",
        "0" * 100,
        ":",
        "٣.1.1.1",
    ],
)
def test_what_is_no_address_is_in_no_network(text: str) -> None:
    """Not even in the ones of all addresses."""
    everything = Networks(map(parse_network, ("0.0.0.0/0", "::/0")))

    assert not everything.contains(text)


def test_there_may_be_no_networks() -> None:
    """A set of none is false, and one of any true."""
    assert not Networks([])
    assert Networks([Network(4, 0, 0)])
