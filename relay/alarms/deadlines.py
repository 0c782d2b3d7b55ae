"""A queue of things that each have one deadline, which may move; O(log n) a step."""

import heapq
import itertools
from typing import Generic, TypeVar

Item = TypeVar("Item")

_SLACK = 64
"""Outdated entries that are not worth a rebuild of the heap."""


class Deadlines(Generic[Item]):
    """Knows which items are due; items are told apart by identity, or by their hash.

    A deadline that moves back (as every new datapoint moves it) costs nothing: its old
    entry stays in the heap and is corrected when it comes up.
    """

    def __init__(self) -> None:
        self._due: dict[Item, float] = {}
        self._queued: dict[Item, float] = {}
        self._heap: list[tuple[float, int, Item]] = []
        self._sequence = itertools.count()

    def __len__(self) -> int:
        """Return how many entries are kept, outdated ones included."""
        return len(self._heap)

    def set(self, item: Item, due: float | None) -> None:
        """Let ``item`` be due at ``due``, or never."""
        if due is None:
            self.discard(item)
            return
        self._due[item] = due
        queued = self._queued.get(item)
        if queued is None or due < queued:
            self._push(item, due)

    def discard(self, item: Item) -> None:
        """Forget ``item``."""
        self._due.pop(item, None)
        self._queued.pop(item, None)
        if len(self._heap) > 2 * len(self._due) + _SLACK:
            # Forgotten items must not stay in memory until their old deadline.
            self._heap = [
                (due, next(self._sequence), item) for item, due in self._due.items()
            ]
            self._queued = dict(self._due)
            heapq.heapify(self._heap)

    def next(self) -> float | None:
        """Return the earliest deadline."""
        while self._heap:
            queued, _, item = self._heap[0]
            if self._queued.get(item) == queued:
                due = self._due[item]
                if due == queued:
                    return due
                heapq.heappop(self._heap)
                self._push(item, due)
            else:
                heapq.heappop(self._heap)
        return None

    def pop(self, now: float) -> list[Item]:
        """Take out everything that is due at ``now``, the earliest first."""
        taken: list[Item] = []
        while (due := self.next()) is not None and due <= now:
            _, _, item = heapq.heappop(self._heap)
            del self._due[item], self._queued[item]
            taken.append(item)
        return taken

    def _push(self, item: Item, due: float) -> None:
        self._queued[item] = due
        heapq.heappush(self._heap, (due, next(self._sequence), item))
