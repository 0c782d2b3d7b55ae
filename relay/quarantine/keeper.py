"""The daemon's side of the quarantine: from a message's failures to kept items."""

from collections.abc import Sequence
from functools import partial

import anyio.to_thread

from relay.clock import Clock
from relay.faults import Failure
from relay.model import Message
from relay.quarantine.packing import Packing
from relay.quarantine.place import Place


class Keeper:
    """Keeps what failed of messages that were received ``max_receives`` times."""

    def __init__(
        self, place: Place, *, queue_url: str, max_receives: int, clock: Clock
    ) -> None:
        self._place = place
        self._queue_url = queue_url
        self._max_receives = max_receives
        self._clock = clock

    @property
    def max_receives(self) -> int:
        """Return how often a message is received before it is kept here."""
        return self._max_receives

    async def put(
        self, message: Message, failures: Sequence[Failure], *, is_whole: bool
    ) -> None:
        """Keep what failed of ``message``; returns when all of it is acknowledged.

        ``is_whole`` says that nothing else of the message was done. Raises
        TransientError and RejectedError; to put the same again does no harm.
        """
        packing = Packing(
            queue_url=self._queue_url, max_bytes=await self._place.max_item_bytes()
        )
        pack = partial(packing.items, is_whole=is_whole, now=self._clock.now())
        # In a thread: of thousands of failures much JSON is made, to see what fits.
        items = await anyio.to_thread.run_sync(pack, message, failures)
        for item in items:
            await self._place.put(item)
