"""What the accounting asks of those beside it: the source, and the outbox."""

from collections.abc import Iterable
from typing import Protocol

from relay.model import OutboxEntry


class Sight(Protocol):
    """How far the source has seen what was sent."""

    def seen_until(self) -> float:
        """Return the time of which all that was sent before it has been counted."""
        ...

    def will_see(self, at: float) -> float | None:
        """Return when ``at`` will have been seen if nothing comes; None: unknown."""
        ...


class Outbox(Protocol):
    """Where committed notifications go on from."""

    def add(self, entries: Iterable[OutboxEntry]) -> None:
        """Take entries that are durable already."""
        ...
