"""relay.quarantine.replay: nothing leaves its place before it is on its way again."""

from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from relay.errors import Reason, RejectedError, TransientError
from relay.quarantine.item import Item
from relay.quarantine.place import Held, Place
from relay.quarantine.replay import Replayed, found, replay
from tests.quarantine.examples import item


@dataclass(slots=True, kw_only=True)
class FakePlace:
    """The command's half of a place, in memory."""

    kept: dict[str, Item]
    given_back: int = 0
    looked_at: list[str] = field(default_factory=list)
    cannot_remove: str = ""
    breaks_at: str = ""

    async def items(self, wanted: Collection[str] | None) -> AsyncGenerator[Held, None]:
        """Yield what is wanted."""
        for handle, each in list(self.kept.items()):
            self.looked_at.append(each.id)
            if each.id == self.breaks_at:
                raise TransientError("list: SlowDown", reason=Reason.THROTTLED)
            if wanted is None or each.id in wanted:
                yield Held(item=each, handle=handle)

    async def remove(self, held: Held) -> None:
        """Forget an item."""
        if held.item.id == self.cannot_remove:
            raise TransientError("delete: AccessDenied", reason=Reason.ACCESS_DENIED)
        del self.kept[held.handle]

    async def give_back(self) -> None:
        """Count."""
        self.given_back += 1


@dataclass(slots=True, kw_only=True)
class Queue:
    """The source's queue."""

    place: FakePlace
    sent: list[str] = field(default_factory=list)
    refuses: str = ""

    async def send(self, body: str, id_: str) -> None:
        """Take a message; what it is of must still be kept."""
        assert id_ in {each.id for each in self.place.kept.values()}
        if id_ == self.refuses:
            raise RejectedError("send: InvalidMessageContents", reason=Reason.INVALID)
        self.sent.append(body)


def made(*ids: str) -> FakePlace:
    """Return a place with items."""
    return FakePlace(kept={f"h-{n}": item(id_, body=id_) for n, id_ in enumerate(ids)})


def as_place(place: FakePlace) -> Place:
    """Return it as what it stands for."""
    typed: Place = place  # type: ignore[assignment]  # half of it is enough
    return typed


async def replayed(
    place: FakePlace, queue: Queue, wanted: Collection[str] | None = None
) -> list[Replayed]:
    """Return what became of each item."""
    async with aclosing(replay(as_place(place), queue.send, wanted)) as results:
        return [result async for result in results]


async def test_everything_goes_back() -> None:
    """Sent, then removed; nothing is left."""
    place = made("a", "b", "c")
    queue = Queue(place=place)
    results = await replayed(place, queue)

    assert queue.sent == ["a", "b", "c"]
    assert results == [Replayed(id=id_, is_sent=True) for id_ in "abc"]
    assert place.kept == {}
    assert place.given_back == 1


async def test_only_what_is_wanted_goes_back() -> None:
    """The search ends with the last of it; the rest stays and is given back."""
    place = made("a", "b", "c", "d")
    queue = Queue(place=place)
    results = await replayed(place, queue, ["a", "c"])

    assert [result.id for result in results] == ["a", "c"]
    assert [each.id for each in place.kept.values()] == ["b", "d"]
    assert place.looked_at == ["a", "b", "c"]
    assert place.given_back == 1


async def test_what_is_not_sent_stays() -> None:
    """Its error is told, and the others go back."""
    place = made("a", "b", "c")
    queue = Queue(place=place, refuses="b")
    results = await replayed(place, queue)

    assert results[1] == Replayed(
        id="b", is_sent=False, error="send: InvalidMessageContents"
    )
    assert [result.error for result in results] == [None, results[1].error, None]
    assert [each.id for each in place.kept.values()] == ["b"]


async def test_what_is_not_removed_is_told_to_be_sent() -> None:
    """It will be replayed again; what was done is recognised then."""
    place = made("a", "b")
    place.cannot_remove = "a"
    queue = Queue(place=place)
    results = await replayed(place, queue)

    assert queue.sent == ["a", "b"]
    assert results[0] == Replayed(id="a", is_sent=True, error="delete: AccessDenied")


async def test_item_without_a_body_is_told() -> None:
    """Nothing is sent for it."""
    place = FakePlace(kept={"h": item("a", body=None)})
    queue = Queue(place=place)
    (result,) = await replayed(place, queue)

    assert (result.is_sent, queue.sent) == (False, [])
    assert result.error is not None
    assert len(place.kept) == 1


async def test_place_that_breaks_is_given_back() -> None:
    """The error comes out, and nothing stays hidden."""
    place = made("a", "b")
    place.breaks_at = "b"
    with pytest.raises(TransientError, match="SlowDown"):
        await replayed(place, Queue(place=place))

    assert place.given_back == 1
    assert [each.id for each in place.kept.values()] == ["b"]


async def test_looking_removes_nothing() -> None:
    """And leaves nothing hidden, also when the one who looks has seen enough."""
    place = made("a", "b")
    async with aclosing(found(as_place(place), None)) as items:
        async for held in items:
            assert held.item.id == "a"
            break

    assert len(place.kept) == 2
    assert place.given_back == 1
