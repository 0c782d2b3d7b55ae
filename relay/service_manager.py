"""Tells systemd how the service is: sd_notify(3), without a library for one datagram.

Ready, reloading and stopping are told when they happen. The watchdog is fed only while
progress is made, so that a daemon that hangs, and one that is merely alive, is started
anew. Without a service manager nothing is sent.
"""

import math
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from relay.clock import Clock

_FEEDS_PER_TIMEOUT = 2
"""As sd_watchdog_enabled(3) advises: every half of the time."""

Problems = Callable[[], Sequence[str]]
"""What keeps the daemon from making progress; nothing: it is healthy."""


class ServiceManager:
    """Speaks to what the process's environment names.

    ``NOTIFY_SOCKET`` is a path or, with "@" before it, an abstract name.
    ``WATCHDOG_USEC`` is how often the watchdog wants to be fed, and ``WATCHDOG_PID``
    whom it means, when it is not everybody.
    """

    def __init__(self, environment: Mapping[str, str], *, pid: int) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self._watchdog_secs = 0.0
        if environment.get("WATCHDOG_PID", str(pid)) == str(pid):
            micros = environment.get("WATCHDOG_USEC", "")
            self._watchdog_secs = int(micros) / 1e6 if micros.isdecimal() else 0.0

    def ready(self) -> None:
        """Say that messages are taken; after a reload, that it is over."""
        self._tell("READY=1", "STATUS=Taking messages")

    def reloading(self, clock: Clock) -> None:
        """Say that the configuration is being read; ``ready`` must follow."""
        micros = math.floor(clock.monotonic() * 1e6)
        self._tell("RELOADING=1", f"MONOTONIC_USEC={micros}", "STATUS=Reloading")

    def stopping(self, in_flight: int) -> None:
        """Say that what is under way is being finished or handed back: the end."""
        self._tell("STOPPING=1", f"STATUS=Stopping, {in_flight} messages under way")

    async def run(self, problems: Problems, clock: Clock) -> None:
        """Feed the watchdog while there are no problems, and tell of those."""
        told: Sequence[str] = []
        while self._watchdog_secs > 0:
            found = list(problems())
            if not found:
                self._tell("WATCHDOG=1")
            if found != told:
                status = "; ".join(found) or "Taking messages"
                self._tell(f"STATUS={status}")
                told = found
            await clock.sleep(self._watchdog_secs / _FEEDS_PER_TIMEOUT)

    def _tell(self, *assignments: str) -> None:
        if not self._address:
            return
        # A manager that went away, or takes nothing at the moment, stops no service.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
            to.setblocking(False)
            to.sendto("\n".join(assignments).encode(), self._address)
