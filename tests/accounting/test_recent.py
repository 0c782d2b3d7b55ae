"""relay.accounting.recent: what an earlier object had brought, in bounded memory."""

import anyio
from hypothesis import given
from hypothesis import strategies as st

from relay.accounting.recent import _AT_ONCE, RecentIds


async def test_first_time_is_no_repeat() -> None:
    """Nor is what one object brings twice."""
    recent = RecentIds()

    known = await recent.take(["a", "b", "a"])

    assert known == 0


async def test_what_an_earlier_object_brought_is_repeated() -> None:
    """Each record of it, also where the later object has it twice."""
    recent = RecentIds()
    await recent.take(["a", "b"])

    known = await recent.take(["b", "c", "b"])
    again = await recent.take(["a", "b", "c"])

    assert (known, again) == (2, 3)


async def test_oldest_are_forgotten() -> None:
    """One generation that is full at least, and less than two."""
    recent = RecentIds(most=10)
    for start in range(0, 30, 5):
        await recent.take([str(n) for n in range(start, start + 5)])

    newest = await recent.take([str(n) for n in range(20, 30)])
    oldest = await recent.take([str(n) for n in range(10)])

    assert (newest, oldest) == (10, 0)


async def test_memory_is_bounded() -> None:
    """Whatever comes: two generations, and what came in one step."""
    recent = RecentIds(most=1_000)

    for start in range(0, 50_000, 500):
        await recent.take([str(n) for n in range(start, start + 500)])

    assert len(recent._young) + len(recent._old) <= 2_000


async def test_large_object_leaves_others_their_turn() -> None:
    """A million ids are no reason to hold up the event loop; the answer is the same."""
    recent = RecentIds()
    ids = [str(n) for n in range(3 * _AT_ONCE)]
    await recent.take(ids[:100])
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tg:
        tg.start_soon(count_turns)
        known = await recent.take([*ids, *ids[:50]])
        tg.cancel_scope.cancel()
    again = await recent.take(ids)

    assert turns >= 6
    assert (known, again) == (150, 3 * _AT_ONCE)


@given(st.lists(st.lists(st.sampled_from("abcdefgh"))))
async def test_is_what_remembering_everything_would_say(
    objects: list[list[str]],
) -> None:
    """As long as nothing had to be forgotten."""
    recent, seen = RecentIds(), set[str]()

    for ids in objects:
        known = await recent.take(ids)

        assert known == sum(each in seen for each in ids)
        seen.update(ids)
