"""relay.service_manager: what systemd is told, read from a real notify socket."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from relay.service_manager import ServiceManager
from tests.support.clock import FakeClock

PID = 4711


@contextmanager
def manager(address: str) -> Iterator[socket.socket]:
    """Listen at ``address`` as systemd does, for the length of the block."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address.replace("@", "\0", 1))
        listener.setblocking(False)
        yield listener


def told(listener: socket.socket) -> list[dict[str, str]]:
    """Return all datagrams that have come, each as its assignments."""
    found: list[dict[str, str]] = []
    while True:
        try:
            text = listener.recv(4096).decode()
        except BlockingIOError:
            return found
        found.append(dict(line.split("=", 1) for line in text.splitlines()))


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_the_stages_of_a_life_are_told(kind: str, tmp_path: Path) -> None:
    """Each in one datagram, with a text for ``systemctl status``."""
    address = str(tmp_path / "s") if kind == "path" else f"@relay-test-{tmp_path.name}"
    service = ServiceManager({"NOTIFY_SOCKET": address}, pid=PID)
    with manager(address) as listener:
        service.ready()
        service.reloading(FakeClock(now=12.5))
        service.stopping(in_flight=3)
        found = told(listener)

    assert found == [
        {"READY": "1", "STATUS": "Taking messages"},
        {"RELOADING": "1", "MONOTONIC_USEC": "12500000", "STATUS": "Reloading"},
        {"STOPPING": "1", "STATUS": "Stopping, 3 messages under way"},
    ]


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nowhere/to/be"}])
def test_without_a_manager_nothing_happens(environment: dict[str, str]) -> None:
    """The service is the same in a terminal, and when its manager is gone."""
    ServiceManager(environment, pid=PID).ready()


async def test_the_watchdog_is_fed_while_progress_is_made(tmp_path: Path) -> None:
    """Twice a timeout; a service that hangs is reported and fed no more."""
    address, clock = str(tmp_path / "s"), FakeClock()
    problems: list[str] = []
    service = ServiceManager(
        {
            "NOTIFY_SOCKET": address,
            "WATCHDOG_USEC": "30000000",
            "WATCHDOG_PID": str(PID),
        },
        pid=PID,
    )
    seen = []
    with manager(address) as listener:
        async with anyio.create_task_group() as tg:
            tg.start_soon(service.run, lambda: list(problems), clock)
            for found in ([], [], ["stuck"], ["stuck"], []):
                problems[:] = found
                await anyio.wait_all_tasks_blocked()
                clock.advance(15)
                await anyio.wait_all_tasks_blocked()
                seen.append(told(listener))
            tg.cancel_scope.cancel()

    assert clock.slept == [15.0] * 6
    assert seen == [
        [{"WATCHDOG": "1"}, {"WATCHDOG": "1"}],
        [{"WATCHDOG": "1"}],
        [{"STATUS": "stuck"}],
        [],
        [{"WATCHDOG": "1"}, {"STATUS": "Taking messages"}],
    ]


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "x"}],
    ids=["none", "another process's", "no number"],
)
async def test_without_a_watchdog_nobody_is_fed(environment: dict[str, str]) -> None:
    """The task ends at once."""
    clock = FakeClock()

    await ServiceManager(environment, pid=PID).run(list, clock)

    assert clock.slept == []
