"""What the demo's receivers really received, and waiting for more of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import anyio


class Channel(StrEnum):
    """How a notification came."""

    SNS = "SNS topic"
    WEBHOOK = "webhook"
    MAIL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The newest record behind a notification: who did what, from where, and where."""

    who: str
    what: str
    source_ip: str
    account: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One notification as it came; ``id`` is the same on every channel.

    ``relay_received_at`` is when relay received the message that caused it; only the
    webhook's document carries it. ``accepted_at`` is when we took the notification.
    """

    channel: Channel
    id: str
    alarm: str
    state: str
    accepted_at: float
    severity: str = ""
    group: tuple[str, ...] = ()
    evidence: Evidence | None = None
    relay_received_at: float | None = None


class Inbox:
    """All notifications of all receivers, in the order in which they came."""

    def __init__(self) -> None:
        self._show: Callable[[Received], None] | None = None
        self._changed = anyio.Event()
        self.received: list[Received] = []
        self.refused: list[str] = []

    def show_on(self, show: Callable[[Received], None]) -> None:
        """Call ``show`` with everything that comes from now on."""
        self._show = show

    def add(self, received: Received) -> None:
        """Keep ``received``, show it, and wake who waits."""
        self.received.append(received)
        if self._show is not None:
            self._show(received)
        self._wake()

    def refuse(self, reason: str) -> None:
        """Note that something came that no receiver would accept."""
        self.refused.append(reason)
        self._wake()

    async def wait_until(self, condition: Callable[["Inbox"], bool]) -> None:
        """Return as soon as ``condition`` holds; it is asked after each arrival."""
        while not condition(self):
            await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
