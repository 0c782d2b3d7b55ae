"""relay.accounting.accountant: points to publish, and datapoints of no object."""

from dataclasses import replace
from pathlib import Path

from relay.accounting.counting import Counting
from relay.accounting.points import LogTime
from relay.model import (
    Datapoint,
    Evaluation,
    Evidence,
    Match,
    MetricPoint,
    MetricSeries,
)
from relay.state.store import Commit
from tests.accounting.test_accountant import at_work, counting
from tests.alarms.alarm_values import NOON, definition
from tests.support.watched_store import watched_store

SERIES = MetricSeries(namespace="n", name="m")
POINT = MetricPoint(series=SERIES, minute=int(NOON // 60) * 60, value=1.0)


def object_with(*event_ids: str, key: str) -> Counting:
    """Return an object whose records match a filter that is published."""
    matches = tuple(
        Match(
            filter="f",
            event_id=event_id,
            time=NOON,
            value=1.0,
            feeds=(),
            evidence=Evidence(),
            series=SERIES,
        )
        for event_id in event_ids
    )
    return replace(
        counting(definition(), object_key=key),
        evaluation=Evaluation(matches=matches),
        log_time=LogTime(fixed=None, fallback=NOON),
    )


async def test_each_event_is_published_once(tmp_path: Path) -> None:
    """Of two objects that share one, it is in the points of the first only."""
    async with watched_store(tmp_path / "state.db") as store, at_work(store) as desk:
        await desk.accounting.count(object_with("1", "2", key="a"))
        await desk.accounting.count(object_with("2", "3", key="b"))
        points = await store.metric_points(limit=9, oldest_first=True)

    assert points == {POINT: 3}


async def test_publisher_is_told_of_new_points_alone(tmp_path: Path) -> None:
    """Neither of objects without any, nor of what is published already."""
    async with watched_store(tmp_path / "state.db") as store, at_work(store) as desk:
        await desk.accounting.count(object_with("1", key="a"))
        await desk.accounting.count(object_with(key="b"))
        await desk.accounting.commit(Commit(at=NOON, points={POINT: -1}))
        left = await store.metric_backlog()

    assert desk.points_told == 1
    assert left == 0


async def test_datapoints_of_no_object_move_alarms(tmp_path: Path) -> None:
    """Such as that relay is late: durable, with their transition, when it returns."""
    alarm = definition(threshold=2)
    point = Datapoint(alarm=alarm.key, group=(), time=NOON, value=2.0)
    async with watched_store(tmp_path / "state.db") as store:
        async with at_work(store, alarm) as desk:
            await desk.accounting.observe([point])
        saved = await store.alarms()

    assert desk.box.told == [("failures", "ALARM", False)]
    assert [each.alarm for each in saved] == [alarm.key]


async def test_what_an_object_itself_says_is_counted_with_it(tmp_path: Path) -> None:
    """In the same transaction, whatever its records are."""
    alarm = definition(threshold=2)
    point = Datapoint(alarm=alarm.key, group=(), time=NOON, value=2.0)
    counted = replace(object_with(key="a"), observed=[point])
    async with (
        watched_store(tmp_path / "state.db") as store,
        at_work(store, alarm) as desk,
    ):
        await desk.accounting.count(counted)

    assert desk.box.told == [("failures", "ALARM", False)]
