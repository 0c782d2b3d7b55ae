"""Which objects of a message are still to be done when it comes again.

Of fifty keys one may be broken: the next time only that one is read. This memory is a
saving, no promise: what is forgotten, by its bound or with the process, is recognised
by its durable mark and read conditionally.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence

MAX_POSITIONS = 200_000
"""Of all messages together; some 8 MiB. A message of 1 MiB names 10 000 objects."""


class Remaining:
    """Remembers, by message id, the positions of what could not be done.

    A position is one in the message's deliveries: a message's body never changes, and
    neither does what is read out of it. At ``most`` positions the messages that were
    remembered first are forgotten.
    """

    def __init__(self, most: int = MAX_POSITIONS) -> None:
        self._most = most
        self._positions: OrderedDict[str, tuple[int, ...]] = OrderedDict()
        self._held = 0

    def __len__(self) -> int:
        return self._held

    def of(self, message_id: str, deliveries: int) -> Sequence[int]:
        """Return which of so many deliveries are to be done; all of a new message."""
        return self._positions.get(message_id, range(deliveries))

    def remember(self, message_id: str, positions: Collection[int]) -> None:
        """Note what is left of a message that comes again; nothing: forget it."""
        self._held -= len(self._positions.pop(message_id, ()))
        if not positions:
            return
        self._positions[message_id] = tuple(sorted(positions))
        self._held += len(positions)
        while self._held > self._most:
            _, forgotten = self._positions.popitem(last=False)
            self._held -= len(forgotten)
