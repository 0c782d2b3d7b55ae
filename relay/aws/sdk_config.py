"""How the SDK makes its calls: time-outs, connections, addresses, and no retries.

Every retry of relay goes through relay/backoff.py, where it is counted and logged. The
SDK makes a call again only where the answer says how: in another region
(relay/aws/redirects.py), with other credentials (relay/aws/credentials.py).
"""

import socket
from typing import Any

import aiobotocore
from aiobotocore.config import AioConfig

from relay import __version__

CONNECT_TIMEOUT_SECS = 5
READ_TIMEOUT_SECS = 30
"""Silence that ends a call; longer than SQS's longest long poll of 20 s."""
MAX_CONNECTIONS = 64
"""Per client; the most polls (32) and as many calls beside them."""

_USER_AGENT = f"cloudtrail-relay/{__version__} aiobotocore/{aiobotocore.__version__}"


def sdk_config(service: str, *, has_endpoint: bool) -> AioConfig:
    """Return how ``service`` is called; ``has_endpoint``: at an address of our own."""
    options: dict[str, object] = {
        "connect_timeout": CONNECT_TIMEOUT_SECS,
        "read_timeout": READ_TIMEOUT_SECS,
        "max_pool_connections": MAX_CONNECTIONS,
        # `max_attempts: 1` would still retry once; see the SDK's "Retry behavior".
        "retries": {"mode": "standard", "total_max_attempts": 1},
        # Whole: the SDK puts its own together anew for every call, twice.
        "user_agent": _USER_AGENT,
        "connector_args": {"socket_factory": _keepalive_socket},
        "warm_up_loader_caches": True,  # reads the service models in a thread
    }
    if service == "s3":
        # An access point is called in its own region, as its ARN says.
        options["s3"] = {"use_arn_region": True}
        if has_endpoint:
            # Emulators and interface endpoints know no bucket names in the host.
            options["s3"] = {"addressing_style": "path"}
    if service == "logs":
        # A batch of thousands of log events is valid by construction, and checking it
        # costs more than encoding it.
        options["parameter_validation"] = False
    return AioConfig(**options)


def _keepalive_socket(address: tuple[Any, ...]) -> socket.socket:
    """Open a socket whose peer is probed: NAT gateways forget idle ones silently.

    aiobotocore ignores botocore's own ``tcp_keepalive``.
    """
    family, kind, protocol = address[:3]
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return opened
