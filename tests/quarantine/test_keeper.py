"""relay.quarantine.keeper: a message is kept only when all of its items are."""

from dataclasses import dataclass, field

import pytest

from relay.errors import Reason, RejectedError, TransientError
from relay.quarantine.item import Item
from relay.quarantine.keeper import Keeper
from relay.quarantine.place import Place
from tests.quarantine.examples import QUEUE_URL, announced, failure, message
from tests.support.clock import FakeClock


@dataclass(slots=True, kw_only=True)
class FakePlace:
    """The daemon's half of a place, in memory; puts fail as told."""

    max_bytes: int | None = None
    faults: list[Exception | None] = field(default_factory=list)
    kept: list[Item] = field(default_factory=list)

    async def max_item_bytes(self) -> int | None:
        """Return the limit."""
        return self.max_bytes

    async def put(self, item: Item) -> None:
        """Keep ``item`` unless the next fault says otherwise."""
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        self.kept.append(item)


def keeper(place: FakePlace) -> Keeper:
    """Return a keeper of ``place``."""
    as_place: Place = place  # type: ignore[assignment]  # half of it is enough
    return Keeper(
        as_place, queue_url=QUEUE_URL, max_receives=3, clock=FakeClock(now=60.0)
    )


async def test_item_tells_queue_and_time() -> None:
    """Where the message came from, and when it was given up."""
    place = FakePlace()
    keeping = keeper(place)
    unread = [failure(None, Reason.NOT_JSON)]
    await keeping.put(message("{"), unread, is_whole=True)

    (item,) = place.kept
    assert keeping.max_receives == 3
    assert (item.queue_url, item.body) == (QUEUE_URL, "{")
    assert item.quarantined_at == "1970-01-01T00:01:00Z"


async def test_what_the_place_takes_is_heeded() -> None:
    """A message becomes several items where one would be too large."""
    place = FakePlace(max_bytes=50_000)
    found, failures = announced([f"{n}/{'k' * 100}" for n in range(500)])
    await keeper(place).put(found, failures, is_whole=True)

    assert len(place.kept) > 1
    assert sum(len(item.objects) for item in place.kept) == 500


async def test_part_that_is_not_kept_is_the_messages_error() -> None:
    """Done is only what is kept whole; the next attempt keeps all of it again."""
    denied = TransientError("x", reason=Reason.ACCESS_DENIED)
    place = FakePlace(max_bytes=50_000, faults=[None, denied])
    found, failures = announced([f"{n}/{'k' * 100}" for n in range(500)])
    keeping = keeper(place)
    with pytest.raises(TransientError):
        await keeping.put(found, failures, is_whole=True)
    await keeping.put(found, failures, is_whole=True)

    first, *again = [item.id for item in place.kept]
    assert first == again[0]
    assert len(again) == len(set(again))


async def test_message_that_fits_nowhere_is_refused() -> None:
    """Before anything is put."""
    place = FakePlace(max_bytes=100)
    with pytest.raises(RejectedError, match="do not fit"):
        await keeper(place).put(message("x"), [failure(None)], is_whole=True)

    assert place.kept == []
