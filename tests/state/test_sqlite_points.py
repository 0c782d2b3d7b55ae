"""relay.state.sqlite_points: points wait on disk until they are published."""

from pathlib import Path

from relay.model import MetricPoint, MetricSeries
from relay.state.sqlite import open_sqlite
from relay.state.store import Commit

PLAIN = MetricSeries(namespace="n", name="m")
WITH_ALL = MetricSeries(
    namespace="n", name="m", unit="Bytes", dimensions=(("user", "alice"), ("b", "c"))
)


def point(minute: int, value: float = 1.0, series: MetricSeries = PLAIN) -> MetricPoint:
    """Return a point."""
    return MetricPoint(series=series, minute=minute, value=value)


async def test_points_outlive_the_process(tmp_path: Path) -> None:
    """As they were, dimensions and unit included."""
    points = {point(60): 2, point(60, 1.5, WITH_ALL): 1}
    async with open_sqlite(tmp_path / "state.db") as store:
        await store.commit(Commit(at=1.0, points=points))

    async with open_sqlite(tmp_path / "state.db") as store:
        found = await store.metric_points(limit=9, oldest_first=True)

    assert found == points


async def test_counts_add_up_and_go(tmp_path: Path) -> None:
    """What came while a call was under way stays when the call is done."""
    async with open_sqlite(tmp_path / "state.db") as store:
        await store.commit(Commit(at=1.0, points={point(60): 2, point(120): 1}))
        await store.commit(Commit(at=1.0, points={point(60): 3, point(180): 0}))
        await store.commit(Commit(at=1.0, points={point(60): -2, point(120): -1}))

        found = await store.metric_points(limit=9, oldest_first=True)
        rows = await store.metric_backlog()

    assert (found, rows) == ({point(60): 3}, 1)


async def test_order_and_limit(tmp_path: Path) -> None:
    """From either end, by the minute."""
    minutes = [180, 60, 120]
    async with open_sqlite(tmp_path / "state.db") as store:
        await store.commit(Commit(at=1.0, points={point(m): 1 for m in minutes}))

        oldest = await store.metric_points(limit=2, oldest_first=True)
        newest = await store.metric_points(limit=2, oldest_first=False)

    assert [each.minute for each in oldest] == [60, 120]
    assert [each.minute for each in newest] == [180, 120]
