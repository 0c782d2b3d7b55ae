"""What ``relay quarantine`` works with: an open place, and the way to the queue."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from relay.aws.clients import open_clients
from relay.clock import Clock
from relay.config.schema import Config
from relay.quarantine.open import open_dead_letters, open_place
from relay.quarantine.place import Held, Place, patiently
from relay.quarantine.queue_place import SqsClient, send
from relay.quarantine.replay import Replayed, found, replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The quarantine of one configuration, and the queue that its messages are for."""

    place: Place
    queue_url: str
    sqs: SqsClient
    clock: Clock

    def items(self, wanted: Collection[str] | None) -> AsyncGenerator[Held, None]:
        """Yield the items with these ids, or all."""
        return found(self.place, wanted)

    def replay(self, wanted: Collection[str] | None) -> AsyncGenerator[Replayed, None]:
        """Send these items, or all, to the queue; yield what became of each."""
        return replay(self.place, self._send, wanted)

    async def _send(self, body: str, id: str) -> None:  # noqa: A002 - an item's
        await patiently(lambda: send(self.sqs, self.queue_url, body, id=id), self.clock)


@asynccontextmanager
async def open_session(
    config: Config, clock: Clock, *, dead_letters: bool = False
) -> AsyncIterator[Session]:
    """Open the quarantine that ``config`` names, for the length of the block.

    It is the dead-letter queue of the source's queue when ``dead_letters`` says so or
    the configuration names none. Raises ConfigError when no client can be opened, and
    RejectedError or TransientError when there is no place, or none that is readable.
    """
    queue_url = config.source.queue_url
    async with AsyncExitStack() as stack:
        aws = await open_clients(stack, config.aws, queue_url=queue_url)
        if config.quarantine is None or dead_letters:
            place = await open_dead_letters(queue_url, aws, clock)
        else:
            place = await open_place(config.quarantine, aws, clock)
        yield Session(place=place, queue_url=queue_url, sqs=aws.sqs, clock=clock)
