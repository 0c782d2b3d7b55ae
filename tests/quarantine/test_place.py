"""relay.quarantine.place: what every place does, and how calls are tried again."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.lowlevel import checkpoint

from relay.clock import SystemClock
from relay.errors import Reason, RejectedError, TransientError
from relay.quarantine.place import MAX_ATTEMPTS, Place, patiently
from relay.quarantine.queue_place import QueuePlace
from relay.quarantine.s3_place import S3Place
from tests.quarantine.account import Account, made_account
from tests.quarantine.examples import item
from tests.support.clock import FakeClock

Kind = Callable[[Account], Place]


def queue(account: Account) -> Place:
    """Return a queue as a place."""
    return QueuePlace(
        account.sqs, account.quarantine_url, clock=SystemClock(), wait_secs=0
    )


def bucket(account: Account) -> Place:
    """Return a bucket as a place."""
    return S3Place(account.s3, account.bucket, clock=SystemClock())


@asynccontextmanager
async def opened(moto: str, kind: Kind) -> AsyncIterator[Callable[[], Place]]:
    """Make an account; what is given opens the same place, as another process would."""
    async with made_account(moto) as account:
        yield lambda: kind(account)


async def ids(place: Place, wanted: Collection[str] | None = None) -> list[str]:
    """Return the ids of the items with these ids, or of all; give them back."""
    found = [held.item.id async for held in place.items(wanted)]
    await place.give_back()
    return found


places = pytest.mark.parametrize("kind", [queue, bucket])


@places
async def test_what_is_put_is_found_whole(moto: str, kind: Kind) -> None:
    """By another process, too."""
    async with opened(moto, kind) as place:
        await place().put(item("m-1", body="böse \x7f \ufffe"))
        found = [held.item async for held in place().items(None)]

    assert found == [item("m-1", body="böse \x7f \ufffe")]


@places
async def test_every_item_is_found_once(moto: str, kind: Kind) -> None:
    """Also more than one receive or read brings; looking changes nothing."""
    async with opened(moto, kind) as place:
        for n in range(25):
            await place().put(item(f"m-{n:02}"))
        first, second = await ids(place()), await ids(place())

    assert sorted(first) == sorted(second) == [f"m-{n:02}" for n in range(25)]


@places
async def test_only_what_is_wanted_is_found(moto: str, kind: Kind) -> None:
    """By id; an id that is unknown finds nothing."""
    async with opened(moto, kind) as place:
        for n in range(3):
            await place().put(item(f"m-{n}"))
        found = await ids(place(), ["m-1", "m-7"])

    assert found == ["m-1"]


@places
async def test_what_is_removed_is_gone(moto: str, kind: Kind) -> None:
    """And nothing else is."""
    async with opened(moto, kind) as place:
        for n in range(3):
            await place().put(item(f"m-{n}"))
        using = place()
        async for held in using.items(["m-1"]):
            await using.remove(held)
        await using.give_back()
        left = await ids(place())

    assert sorted(left) == ["m-0", "m-2"]


@places
async def test_empty_place_is_empty(moto: str, kind: Kind) -> None:
    """Nothing is found, and nothing fails."""
    async with opened(moto, kind) as place:
        assert await ids(place()) == []


# --- patience -------------------------------------------------------------------------


async def patient(faults: list[Exception]) -> tuple[str, int]:
    """Return what a call gives that fails so often, and how often it was made."""
    clock, calls = FakeClock(), 0

    async def call() -> str:
        nonlocal calls
        calls += 1
        if faults:
            raise faults.pop(0)
        return "done"

    result = ""

    async def run() -> None:
        nonlocal result
        result = await patiently(call, clock)
        tg.cancel_scope.cancel()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tg:
            tg.start_soon(run)
            while True:
                clock.advance(1.0)
                await checkpoint()
    return result, calls


async def test_passing_fault_is_waited_out() -> None:
    """A throttled call is made again."""
    faults: list[Exception] = [TransientError("x", reason=Reason.THROTTLED)] * 2

    assert await patient(faults) == ("done", 3)


@pytest.mark.parametrize(
    "fault",
    [
        TransientError("denied", reason=Reason.ACCESS_DENIED),
        RejectedError("no such queue", reason=Reason.NOT_FOUND),
    ],
    ids=["denied", "missing"],
)
async def test_what_a_person_must_repair_is_not_tried_again(fault: Exception) -> None:
    """It is said at once."""
    faults = [fault] * 2
    with pytest.raises(ExceptionGroup) as raised:
        await patient(faults)

    assert raised.value.exceptions == (fault,)
    assert faults == [fault]


async def test_patience_ends() -> None:
    """After some tries the fault is the caller's."""
    fault = TransientError("slow", reason=Reason.THROTTLED)
    faults: list[Exception] = [fault] * (MAX_ATTEMPTS + 1)
    with pytest.raises(ExceptionGroup) as raised:
        await patient(faults)

    assert raised.value.exceptions == (fault,)
    assert len(faults) == 1
