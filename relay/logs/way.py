"""The way to one destination as its calls find it, and what they learn of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from anyio import CapacityLimiter

from relay.clock import Clock
from relay.errors import Reason, TransientError
from relay.logs.concurrency import AdaptiveLimit
from relay.logs.outage import Outage
from relay.model import Destination
from relay.telemetry import Telemetry

_OVERLOADED: Final = frozenset({Reason.THROTTLED, Reason.UNAVAILABLE, Reason.TIMEOUT})


class Way:
    """A destination, its outage, and how many calls it takes at once."""

    def __init__(
        self,
        destination: Destination,
        *,
        most_calls: int,
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        self.destination = destination
        self.outage = Outage(destination, clock)
        self._limit = AdaptiveLimit(most_calls)
        self._slots = CapacityLimiter(self._limit.calls)
        self._telemetry = telemetry
        self._clock = clock

    @property
    def calls(self) -> int:
        """How many calls may be under way now."""
        return self._limit.calls

    @asynccontextmanager
    async def call(self, size_bytes: int) -> AsyncIterator[None]:
        """Wait until one more call may be under way; measure the block, which makes it.

        ``size_bytes`` is what the call carries. Retries pass here as well, so that they
        are no more than the destination takes, however many batches wait for theirs.
        """
        async with self._slots:
            started_at = self._clock.monotonic()
            self._telemetry.put_in_flight.inc()
            try:
                yield
            except TransientError as error:
                if error.reason in _OVERLOADED:
                    self._limit.overloaded(
                        started_at=started_at, ended_at=self._clock.monotonic()
                    )
                raise
            else:
                self._succeeded(size_bytes, started_at)
            finally:
                self._telemetry.put_in_flight.dec()
                self._slots.total_tokens = self._limit.calls

    def _succeeded(self, size_bytes: int, started_at: float) -> None:
        ended_at = self._clock.monotonic()
        self._telemetry.put_seconds.observe(ended_at - started_at)
        self._limit.succeeded(
            size_bytes=size_bytes,
            started_at=started_at,
            ended_at=ended_at,
            is_full=self._slots.borrowed_tokens >= self._limit.calls,
        )
