"""What one call of the writer waits for: every event of it accounted for."""

from collections import Counter
from collections.abc import Mapping

import anyio

from relay.errors import Reason, TransientError
from relay.model import RejectedBy, WriteResult


class Ticket:
    """Counts the log events of one call down to zero."""

    __slots__ = ("_accepted", "_done", "_error", "_open", "_rejected", "is_abandoned")

    def __init__(self, expected: int) -> None:
        self._open = expected
        self._accepted = 0
        self._rejected: Counter[RejectedBy] = Counter()
        self._error: Exception | None = None
        self._done = anyio.Event()
        self.is_abandoned = False
        """Nobody waits any more: what has not been sent need not be."""
        if not expected:
            self._done.set()

    @property
    def is_open(self) -> bool:
        """Whether some event is not accounted for yet."""
        return self._open > 0

    def settle(self, accepted: int, rejected: Mapping[RejectedBy, int]) -> None:
        """Account for some of the events; the last ones end the wait."""
        self._accepted += accepted
        self._rejected.update(rejected)
        self._open -= accepted + sum(rejected.values())
        if self._open <= 0:
            self._done.set()

    def fail(self, error: Exception) -> None:
        """End the wait: the outcome of the remaining events will never be known."""
        self._error = self._error or error
        self.is_abandoned = True
        self._done.set()

    async def result(self) -> WriteResult:
        """Wait until all events are accounted for.

        Raises TransientError after ``fail``: writing the same events again may succeed.
        """
        await self._done.wait()
        if self._error is not None:
            raise TransientError(
                f"log events not confirmed: {self._error}", reason=Reason.INTERNAL
            ) from self._error
        return WriteResult(accepted=self._accepted, rejected=dict(self._rejected))
