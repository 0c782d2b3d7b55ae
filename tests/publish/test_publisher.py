"""relay.publish.publisher: all that waits is published, whatever CloudWatch says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from relay.errors import Reason, StateError
from relay.model import MetricPoint, PublishOutcome
from relay.publish.publisher import LINGER_SECS, Publisher
from relay.publish.put import CloudWatchClient
from relay.state.store import Commit
from relay.telemetry import Telemetry
from tests.publish.test_batching import DAY, point, series
from tests.support.clock import EagerClock
from tests.support.fake_cloudwatch import FakeCloudWatch, client_error
from tests.support.watched_store import WatchedStore, watched_store


@dataclass
class Desk:
    """A publisher at work, and everything around it."""

    publisher: Publisher
    cloudwatch: FakeCloudWatch
    store: WatchedStore
    telemetry: Telemetry
    clock: EagerClock

    async def add(self, points: dict[MetricPoint, int]) -> None:
        """Have points counted, durably."""
        await self.store.commit(Commit(at=1.0, points=points))
        self.publisher.wake()

    async def until_empty(self) -> None:
        """Wait until nothing is left to publish."""
        with anyio.fail_after(5):
            while await self.store.metric_backlog():
                await anyio.lowlevel.checkpoint()

    def outcomes(self) -> dict[str, int]:
        """Return how many datapoints came to what, those that none came to left out."""
        (metric,) = self.telemetry.metric_data_published.collect()
        return {
            each.labels["outcome"]: int(each.value)
            for each in metric.samples
            if each.name.endswith("_total") and each.value
        }

    def errors(self, reason: Reason) -> float:
        """Return how many calls failed for ``reason``."""
        value = self.telemetry.registry.get_sample_value(
            "relay_metric_data_errors_total", {"reason": reason}
        )
        assert value is not None
        return value


@asynccontextmanager
async def at_work(
    folder: Path, before: dict[MetricPoint, int] | None = None, *, max_backlog: int = 99
) -> AsyncIterator[Desk]:
    """Run a publisher over a real store that holds the points ``before``."""
    clock, telemetry = EagerClock(), Telemetry()
    cloudwatch = FakeCloudWatch(clock)

    async def open_client() -> CloudWatchClient:
        return cloudwatch

    async with watched_store(folder / "state.db") as store:
        await store.commit(Commit(at=1.0, points=before or {}))
        publisher = Publisher(
            backlog=store, telemetry=telemetry, clock=clock, max_backlog=max_backlog
        )
        publisher.replace_client(open_client)
        desk = Desk(publisher, cloudwatch, store, telemetry, clock)
        async with anyio.create_task_group() as tg:
            await tg.start(publisher.run, store.commit)
            yield desk
            tg.cancel_scope.cancel()


def at(name: str, value: float = 1.0, *, age_secs: int = 0) -> MetricPoint:
    """Return a point of a metric in the namespace n, of the clock's minute."""
    minute = 1_700_000_000 // 60 * 60 - age_secs // 60 * 60
    return point(value, minute=minute, of=series(name))


async def test_what_an_earlier_run_left_is_published(tmp_path: Path) -> None:
    """Nobody has to wake it at the start; nothing is left in the store."""
    async with at_work(tmp_path, {at("a"): 2, at("b", 7.5): 1}) as desk:
        await desk.until_empty()

    assert desk.cloudwatch.kept == {
        ("n", "a", at("a").minute, 1.0): 2,
        ("n", "b", at("b").minute, 7.5): 1,
    }
    assert desk.outcomes() == {PublishOutcome.PUBLISHED: 3}


async def test_what_is_added_is_gathered_first(tmp_path: Path) -> None:
    """Points of some seconds go in one call, and each once."""
    async with at_work(tmp_path) as desk:
        await anyio.wait_all_tasks_blocked()
        await desk.add({at("a"): 1})
        await desk.until_empty()
        await desk.add({at("a"): 4})
        await desk.until_empty()

    assert desk.cloudwatch.kept == {("n", "a", at("a").minute, 1.0): 5}
    assert set(desk.clock.slept) == {LINGER_SECS}


async def test_outage_loses_nothing_and_is_told_once(tmp_path: Path) -> None:
    """It tries again until CloudWatch answers; one line for the outage, one after."""
    with capture_logs() as log:
        desk = await outage(tmp_path)

    assert desk.cloudwatch.kept.total() == 1
    assert desk.errors(Reason.THROTTLED) == 3
    told = [(line["event"], line["log_level"]) for line in log]
    assert told.count(("metrics are held back", "warning")) == 1
    assert told.count(("metrics are published again", "info")) == 1


async def outage(folder: Path) -> Desk:
    """Have three calls throttled."""
    async with at_work(folder) as desk:
        desk.cloudwatch.faults += [client_error("Throttling", 400)] * 3
        await desk.add({at("a"): 1})
        await desk.until_empty()
        await anyio.wait_all_tasks_blocked()
    return desk


async def test_missing_permission_is_waited_for(tmp_path: Path) -> None:
    """Points stay on disk until somebody gives it: a 403 drops none."""
    async with at_work(tmp_path) as desk:
        desk.cloudwatch.faults.append(client_error("AccessDenied", 403))
        await desk.add({at("a"): 1})
        await desk.until_empty()

    assert desk.outcomes() == {PublishOutcome.PUBLISHED: 1}
    assert desk.errors(Reason.ACCESS_DENIED) == 1


async def test_refused_metric_takes_no_other_one_with_it(tmp_path: Path) -> None:
    """The request is halved until the one that is to blame stands alone."""
    async with at_work(tmp_path) as desk:
        desk.cloudwatch.refused_metrics = {"c"}
        await desk.add({at(name): 1 for name in "abcde"})
        await desk.until_empty()

    assert {name for _, name, _, _ in desk.cloudwatch.kept} == set("abde")
    assert desk.outcomes() == {
        PublishOutcome.PUBLISHED: 4,
        PublishOutcome.REJECTED: 1,
    }


async def test_too_old_is_dropped_and_counted(tmp_path: Path) -> None:
    """CloudWatch takes two weeks; no call is made for older ones."""
    async with at_work(tmp_path, {at("a", age_secs=15 * DAY): 3}) as desk:
        await desk.until_empty()

    assert desk.cloudwatch.calls == 0
    assert desk.outcomes() == {PublishOutcome.TOO_OLD: 3}


async def test_backlog_is_bounded(tmp_path: Path) -> None:
    """Of too many points the oldest go, and are counted."""
    points = {at("a", age_secs=60 * n): 1 for n in range(5)}
    async with at_work(tmp_path, points, max_backlog=3) as desk:
        await desk.until_empty()

    assert desk.outcomes() == {
        PublishOutcome.PUBLISHED: 3,
        PublishOutcome.OVERFLOW: 2,
    }
    newest = at("a").minute
    assert {minute for _, _, minute, _ in desk.cloudwatch.kept} == {
        newest,
        newest - 60,
        newest - 120,
    }


async def test_fault_of_its_own_holds_up_and_loses_nothing(tmp_path: Path) -> None:
    """A bug is logged, counted and waited out; alarms and logs know nothing of it."""
    async with at_work(tmp_path) as desk:
        desk.cloudwatch.faults.append(RuntimeError("a bug"))
        await desk.add({at("a"): 1})
        await desk.until_empty()

    assert desk.errors(Reason.INTERNAL) == 1
    assert desk.outcomes() == {PublishOutcome.PUBLISHED: 1}


async def test_death_before_the_commit_publishes_again(tmp_path: Path) -> None:
    """At least once: the points of that one call may count twice, none is lost."""
    with pytest.raises(ExceptionGroup) as caught:
        async with at_work(tmp_path) as desk:
            await anyio.wait_all_tasks_blocked()
            await desk.add({at("a"): 1})
            desk.store.commits_left = 0
            await anyio.sleep_forever()
    async with at_work(tmp_path) as again:
        await again.until_empty()

    assert caught.value.subgroup(StateError) is not None
    assert desk.cloudwatch.kept.total() == 1
    assert again.cloudwatch.kept.total() == 1


async def test_commit_that_does_not_come_back_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a stop whoever commits may be gone: the log says what may happen."""
    monkeypatch.setattr("relay.publish.publisher.COMMIT_GRACE_SECS", 0.01)
    with capture_logs() as log:
        async with at_work(tmp_path) as desk:
            await anyio.wait_all_tasks_blocked()
            await desk.add({at("a"): 1})
            desk.store.close_gate()
            await desk.store.until_held_up()

    assert log[-1]["event"] == "commit not confirmed, metrics may be published again"


async def test_configuration_must_be_there(tmp_path: Path) -> None:
    """Without a client to call with it is a fault of the caller."""
    async with watched_store(tmp_path / "state.db") as store:
        await store.commit(Commit(at=1.0, points={at("a"): 1}))
        publisher = Publisher(backlog=store, telemetry=Telemetry(), clock=EagerClock())

        with pytest.raises(RuntimeError, match="before any configuration"):
            await publisher.run(store.commit)
