"""relay.object_locks: one object, one task at a time."""

import anyio

from relay.object_locks import ObjectLocks


async def test_same_name_waits_and_other_names_do_not() -> None:
    """Two messages about one object take turns; another object is not held up."""
    locks = ObjectLocks()
    order: list[str] = []

    async def work(name: str, label: str) -> None:
        async with locks.hold(name):
            order.append(label)

    async with anyio.create_task_group() as tg, locks.hold("a"):
        tg.start_soon(work, "a", "a again")
        tg.start_soon(work, "b", "b")
        await anyio.wait_all_tasks_blocked()
        order.append("a")

    assert order == ["b", "a", "a again"]


async def test_nothing_is_kept_after_use() -> None:
    """The table of locks does not grow with the number of objects ever seen."""
    locks = ObjectLocks()
    held: list[int] = []

    async def give_up() -> None:
        with anyio.move_on_after(0):
            async with locks.hold("a"):
                raise AssertionError("it is held")

    async with locks.hold("a"), anyio.create_task_group() as tg:
        tg.start_soon(give_up)
        await anyio.wait_all_tasks_blocked()
        held.append(len(locks))

    assert held == [1]
    assert len(locks) == 0
