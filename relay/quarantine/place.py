"""Where items are kept: what the daemon and the command ask of any such place."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol, TypeVar

from relay.aws.errors import PASSING
from relay.backoff import Backoff, retry
from relay.clock import Clock
from relay.errors import TransientError
from relay.quarantine.item import Item

T = TypeVar("T")

MAX_ATTEMPTS = 4
BACKOFF = Backoff(base_secs=0.2, cap_secs=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An item in its place; ``handle`` is what the place knows it by."""

    item: Item
    handle: str


class Place(Protocol):
    """A queue or a bucket. All calls raise TransientError and RejectedError."""

    @property
    def name(self) -> str:
        """Return the place's address, for people."""
        ...

    async def max_item_bytes(self) -> int | None:
        """Return how much JSON one item may be; None for any size."""
        ...

    async def put(self, item: Item) -> None:
        """Keep ``item``; returns when that is acknowledged."""
        ...

    def items(self, wanted: Collection[str] | None) -> AsyncGenerator[Held, None]:
        """Yield the items with these ids, or all; each one once, the oldest first."""
        ...

    async def remove(self, held: Held) -> None:
        """Keep this item no longer."""
        ...

    async def give_back(self) -> None:
        """Let others see at once what ``items`` yielded and nobody removed."""
        ...


async def patiently(call: Callable[[], Awaitable[T]], clock: Clock) -> T:
    """Return what ``call`` gives, tried again while its fault is one that passes."""

    async def attempt() -> T | TransientError:
        try:
            return await call()
        except TransientError as error:
            if error.reason in PASSING:
                raise
            return error  # a person must act: not to be tried again at once

    result = await retry(
        attempt,
        backoff=BACKOFF,
        clock=clock,
        on_failure=lambda _error, _attempt, _wait_secs: None,
        max_attempts=MAX_ATTEMPTS,
    )
    if isinstance(result, TransientError):
        raise result
    return result
