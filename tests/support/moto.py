"""moto's server in a process of its own: AWS as far as moto imitates it, over HTTP."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

HOST = "127.0.0.1"
START_ATTEMPTS = 600
ATTEMPT_SECS = 0.05

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""An environment in which no test finds anybody's real account."""


@contextmanager
def moto_server() -> Iterator[str]:
    """Run moto's server on a free loopback port; give its address."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)],
        env={**os.environ, **CREDENTIALS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_connectable(process, port)
        yield f"http://{HOST}:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def reset(url: str) -> None:
    """Forget everything that the server at ``url`` holds."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("POST", "/moto-api/reset")
        response = connection.getresponse()
        response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"moto could not be reset: {response.status}")
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_connectable(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(START_ATTEMPTS):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            # Waits for its end, so that a server that cannot start is noticed at once.
            try:
                code = process.wait(timeout=ATTEMPT_SECS)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"moto's server ended with {code}") from None
        return
    raise RuntimeError("moto's server did not start in time")
