"""Waiting times between retries: exponential with full jitter.

Full jitter (a uniform draw between nothing and the exponential ceiling) spreads clients
that failed together; see AWS's "Exponential Backoff And Jitter".
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from relay.clock import Clock
from relay.errors import TransientError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait before retry ``n``: uniform in [0, min(cap, base * 2**n)]."""

    base_secs: float
    cap_secs: float

    def delay_secs(
        self, attempt: int, *, draw: Callable[[], float] = random.random
    ) -> float:
        """Return the wait after failure number ``attempt`` (0 is the first failure)."""
        ceiling = min(self.cap_secs, self.base_secs * 2.0 ** min(attempt, 64))
        return ceiling * draw()


async def retry(
    operation: Callable[[], Awaitable[T]],
    *,
    backoff: Backoff,
    clock: Clock,
    on_failure: Callable[[TransientError, int, float], None],
    max_attempts: int | None = None,
) -> T:
    """Run ``operation`` until it succeeds or raises something that is not transient.

    ``on_failure(error, attempt, wait_secs)`` is called before each wait: log the first
    attempt there (``attempt == 0``), count all. The peer's ``retry_after_secs`` is a
    lower bound of the wait. With ``max_attempts`` the last TransientError is raised;
    without, only success, another error or cancellation ends the loop.
    """
    attempt = 0
    while True:
        try:
            return await operation()
        except TransientError as error:
            if max_attempts is not None and attempt + 1 >= max_attempts:
                raise
            wait_secs = max(backoff.delay_secs(attempt), error.retry_after_secs or 0.0)
            on_failure(error, attempt, wait_secs)
        await clock.sleep(wait_secs)
        attempt += 1
