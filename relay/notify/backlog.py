"""The waiting entries of one target: in order for each alarm group, and only there.

Pure. Only the first entry of a group is ever handed out, and the next one only when
that is settled. A group whose first entry waits for a retry holds up no other group.
"""

import heapq
from collections import deque
from collections.abc import Hashable
from itertools import count

import msgspec

from relay.model import Notification, OutboxEntry


class Backlog:
    """Entries by group, and the groups by when their first entry is due."""

    def __init__(self) -> None:
        self._queues: dict[Hashable, deque[OutboxEntry]] = {}
        self._due: list[tuple[float, int, Hashable]] = []
        self._taken: Hashable | None = None
        self._ticket = count()

    def __bool__(self) -> bool:
        return bool(self._queues)

    def add(self, entry: OutboxEntry) -> None:
        """Put ``entry`` behind those of its alarm group."""
        group = _group(entry.notification)
        queue = self._queues.setdefault(group, deque())
        queue.append(entry)
        if len(queue) == 1:
            self._schedule(group)

    def take(self, now: float) -> OutboxEntry | None:
        """Return the entry that is due longest, or None when none is due at ``now``.

        It must be given back, by ``settle`` or ``retry``, before the next one is taken.
        """
        if not self._due or self._due[0][0] > now:
            return None
        _, _, self._taken = heapq.heappop(self._due)
        return self._queues[self._taken][0]

    def settle(self) -> None:
        """Forget the taken entry: it is sent, or never will be."""
        group = self._taken
        queue = self._queues[group]
        queue.popleft()
        if queue:
            self._schedule(group)
        else:
            del self._queues[group]
        self._taken = None

    def retry(self, entry: OutboxEntry) -> None:
        """Put the taken entry back, as ``entry`` with its next attempt's time."""
        group = self._taken
        self._queues[group][0] = entry
        self._schedule(group)
        self._taken = None

    def next_due_at(self) -> float | None:
        """Return when the next entry is due, or None when none waits."""
        return self._due[0][0] if self._due else None

    def expedite(self) -> None:
        """Make every waiting entry due at once."""
        self._due.clear()
        for group, queue in self._queues.items():
            queue[0] = msgspec.structs.replace(queue[0], next_attempt_at=0.0)
            if group != self._taken:
                self._schedule(group)

    def _schedule(self, group: Hashable) -> None:
        due_at = self._queues[group][0].next_attempt_at
        heapq.heappush(self._due, (due_at, next(self._ticket), group))


def _group(notification: Notification) -> Hashable:
    return (notification.alarm, *notification.group.items())
