"""One object is processed by one task at a time, however often it is announced."""

from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

import anyio


class ObjectLocks:
    """A lock per name, kept only while somebody holds it or waits for it.

    SQS delivers at least once, so two messages can name one object at the same time.
    The second waits here; when its turn comes it finds the mark that the first left.
    """

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[anyio.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, name: Hashable) -> AsyncIterator[None]:
        """Be the only one inside the block for this ``name``."""
        lock, users = self._locks.get(name, (None, 0))
        lock = lock or anyio.Lock()
        self._locks[name] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[name]
            if users == 1:
                del self._locks[name]
            else:
                self._locks[name] = (lock, users - 1)
