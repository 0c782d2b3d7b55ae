"""How many long polls to keep open: as many as the backlog fills, one at the least.

A receive that brings all it may is the surest sign that more is waiting; an empty one,
after its long poll, that too many are asking. Between the two the number stays. Pure.
"""

from relay.source.queue import BATCH_ENTRIES


class PollerCount:
    """Decides how many of at most ``most`` long polls are to be open.

    The answers count what was decided before: whoever asks carries them out.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = 1

    @property
    def open(self) -> int:
        """Return how many long polls are to be open."""
        return self._open

    def polled(self, *, brought: int) -> int:
        """Judge a poll that ``brought`` messages: 1 opens another, -1 ends this one.

        A poll that asked for fewer than ten, since no more fit into what may be in
        flight, never opens another: not receiving holds the backlog up then.
        """
        if brought == BATCH_ENTRIES and self._open < self._most:
            self._open += 1
            return 1
        if brought == 0 and self._open > 1:
            self._open -= 1
            return -1
        return 0

    def waiting(self, messages: int) -> int:
        """Judge a backlog of ``messages``; return how many more polls to open for it.

        One poll for every ten messages, and none is ended by this: SQS's count is
        approximate, and an empty receive will say so.
        """
        wanted = min(self._most, -(-messages // BATCH_ENTRIES))
        missing = max(0, wanted - self._open)
        self._open += missing
        return missing
