"""Replay: what is kept goes back to the source's queue, and then out of its place."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass

import anyio

from relay.errors import RejectedError, TransientError
from relay.quarantine.place import Held, Place

GIVE_BACK_SECS = 5.0
"""How long an interrupted command may still take to show messages to others again."""

Send = Callable[[str, str], Awaitable[None]]
"""Sends a body to the source's queue, given the item's id; returns when SQS has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What became of one item; ``error`` is None when it is on its way again.

    ``is_sent`` with an error: its message is in the queue, and the item is still here.
    """

    id: str
    is_sent: bool
    error: str | None = None


async def found(
    place: Place, wanted: Collection[str] | None
) -> AsyncGenerator[Held, None]:
    """Yield the items with these ids, or all, and give back what was not removed.

    Looks no further than to the last that is wanted.
    """
    left = None if wanted is None else set(wanted)
    try:
        async with aclosing(place.items(wanted)) as items:
            async for held in items:
                yield held
                if left is not None:
                    left.discard(held.item.id)
                    if not left:
                        return
    finally:
        with anyio.move_on_after(GIVE_BACK_SECS, shield=True):
            await place.give_back()


async def replay(
    place: Place, send: Send, wanted: Collection[str] | None
) -> AsyncGenerator[Replayed, None]:
    """Send each wanted item's body, then remove it; yield what became of each.

    One that fails stays where it is and holds up no other.
    """
    async with aclosing(found(place, wanted)) as items:
        async for held in items:
            yield await _replay_one(place, send, held)


async def _replay_one(place: Place, send: Send, held: Held) -> Replayed:
    is_sent = False
    try:
        await send(held.item.to_send(), held.item.id)
        is_sent = True
        await place.remove(held)
    except (TransientError, RejectedError) as error:
        return Replayed(id=held.item.id, is_sent=is_sent, error=str(error))
    return Replayed(id=held.item.id, is_sent=True)
