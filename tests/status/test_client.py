"""relay.status.client: the daemon's answer, or why there is none."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest

from relay.status.client import NoAnswerError, fetch
from tests.web.status_values import STATUS


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Run a server that gives one answer to everything under /api/status."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/api/status" else 418)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Be silent."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("end", ["", "/"])
def test_answer_is_read(end: str) -> None:
    """As the daemon wrote it, with or without a slash at the end of the address."""
    with answering(200, msgspec.json.encode(STATUS)) as url:
        found = fetch(f"{url}{end}")

    assert found == STATUS


def test_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It could reach its own machine only, not this one."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with answering(200, msgspec.json.encode(STATUS)) as url:
        found = fetch(url)

    assert found == STATUS


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, b"from this machine only\n", "403: from this machine only"),
        (404, b"", "404: no reason"),
        (200, b"{}", "no status of a relay"),
        (200, b"<html>", "no status of a relay"),
        (200, b"\xff", "no status of a relay"),
    ],
)
def test_other_answers_are_told(status: int, body: bytes, said: str) -> None:
    """A daemon that refuses, or something else that listens there."""
    with answering(status, body) as url, pytest.raises(NoAnswerError) as raised:
        fetch(url)

    assert str(raised.value).startswith(f"{url}/api/status: {said}")


def test_nobody_there_is_told() -> None:
    """The address, and what the system says."""
    with pytest.raises(NoAnswerError, match=r"127\.0\.0\.1:9/.*no answer: .*refused"):
        fetch("http://127.0.0.1:9")


def test_no_http_is_told() -> None:
    """Something else listens there: no traceback of a library."""
    with _speaking(b"SSH-2.0-OpenSSH\r\n") as url, pytest.raises(NoAnswerError) as told:
        fetch(url)

    assert "no answer" in str(told.value)


@pytest.mark.parametrize("url", ["somewhere", "file:///etc", "ftp://x", ""])
def test_no_address_is_the_callers_fault(url: str) -> None:
    """Nothing is read but what is on the web."""
    with pytest.raises(ValueError, match="is no address; write http://host:port"):
        fetch(url)


@contextmanager
def _speaking(greeting: bytes) -> Iterator[str]:
    """Run a server that says ``greeting`` to whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(greeting)
                connection.recv(1_000)

        thread = threading.Thread(target=greet)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()
