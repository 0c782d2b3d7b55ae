"""The state file at a constant load: once its rows are replaced, it keeps its size."""

from pathlib import Path

from relay.state.sqlite import open_sqlite
from relay.state.store import Commit, ObjectMark

DAY_SECS = 86_400
KEPT_DAYS = 15
STEPS_A_DAY = 4
OBJECTS, EVENTS = 60, 240
"""In each step: a day of a small trail, scaled to what a test can write."""


def step(number: int) -> Commit:
    """Return what a quarter of a day commits."""
    return Commit(
        at=number * DAY_SECS / STEPS_A_DAY,
        objects=[
            ObjectMark(
                bucket="trail-logs",
                key=f"AWSLogs/111122223333/CloudTrail/eu-west-1/{number}-{n}.json.gz",
                etag=f"{number * OBJECTS + n:032x}",
                relayed=True,
                records=100,
                account="111122223333",
                region="eu-west-1",
            )
            for n in range(OBJECTS)
        ],
        counted_events=[
            (f"filter-{n % 7}", f"{(number * EVENTS + n) * 2654435761 % 2**64}")
            for n in range(EVENTS)
        ],
    )


async def test_file_keeps_its_size_over_forty_five_days(tmp_path: Path) -> None:
    """Thirty days after the first rows were forgotten it is as large as on that day."""
    path = tmp_path / "state.db"
    wal = path.with_name("state.db-wal")
    sizes: list[int] = []
    logs: list[int] = []
    async with open_sqlite(path) as store:
        store._connection.execute("PRAGMA synchronous = OFF")
        for number in range(3 * KEPT_DAYS * STEPS_A_DAY):
            commit = step(number)
            await store.commit(commit)
            await store.prune(commit.at - KEPT_DAYS * DAY_SECS)
            sizes.append(path.stat().st_size)
            logs.append(wal.stat().st_size)

    full = sizes[KEPT_DAYS * STEPS_A_DAY + STEPS_A_DAY]
    assert max(sizes) <= 1.05 * full
    assert sizes[KEPT_DAYS * STEPS_A_DAY // 2] < 0.7 * full
    assert max(logs) == 0


async def test_file_keeps_its_size_when_only_what_is_pruned_is_large(
    tmp_path: Path,
) -> None:
    """After a burst its pages are used again before the file grows any more."""
    path = tmp_path / "state.db"
    async with open_sqlite(path) as store:
        for number in range(20):
            await store.commit(step(number))
        await store.prune(20 * DAY_SECS)
        burst = path.stat().st_size
        for number in range(100, 120):
            await store.commit(step(number))
        await store.prune(0)
        after = path.stat().st_size

    assert after <= 1.05 * burst


async def test_log_of_a_large_commit_does_not_stay(tmp_path: Path) -> None:
    """The write-ahead log of one is as large as the commit; pruning empties it."""
    path = tmp_path / "state.db"
    wal = path.with_name("state.db-wal")
    async with open_sqlite(path) as store:
        events = [("f", f"event-{n}") for n in range(30_000)]
        await store.commit(Commit(at=1.0, counted_events=events))
        large = wal.stat().st_size
        await store.prune(0.0)
        after = wal.stat().st_size

    assert large > 10**6
    assert after == 0
