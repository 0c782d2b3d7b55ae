"""A lane gathers what waits into few calls, and keeps its troubles to itself."""

import anyio
import anyio.lowlevel
import pytest
from structlog.testing import capture_logs

from relay.config.logs_section import Logs
from relay.errors import Reason, TransientError
from relay.logs.client import LogsClient
from relay.model import LogEvent, WriteResult
from tests.logs.support import (
    ELSEWHERE,
    GROUP,
    HERE,
    NOW_MS,
    STREAM,
    Bench,
    WatchedClock,
    log_event,
    log_events,
    running_writer,
)
from tests.support.clock import FakeClock
from tests.support.fake_logs import Fault

OLD_MS = NOW_MS - 15 * 86_400_000


async def test_a_large_object_takes_several_calls() -> None:
    """What does not fit into a batch is spread over as many as needed, in parallel."""
    async with running_writer(FakeClock()) as bench:
        result = await bench.writer.write({HERE: [log_event("m" * 200)] * 25_000})

        stream = bench.fake.store.stream(GROUP, STREAM)
        assert (result.accepted, stream.accepted, stream.puts) == (25_000, 25_000, 6)


@pytest.mark.parametrize(("most", "expected"), [(1, 1), (2, 2), (8, 4)])
async def test_few_calls_a_destination_are_under_way_at_first(
    most: int, expected: int
) -> None:
    """A lane begins with four calls, or max_parallel_puts, however much waits."""
    logs = Logs(group=GROUP, max_parallel_puts=most)
    async with running_writer(FakeClock(), logs=logs) as bench:
        bench.fake.store.create_group(GROUP, {}, None)
        bench.fake.store.create_stream(GROUP, STREAM)
        bench.fake.fail("PutLogEvents", Fault.HANG, times=expected)
        async with anyio.create_task_group() as callers:
            callers.start_soon(
                bench.writer.write, {HERE: [log_event("m" * 1_000_000)] * 6}
            )
            await bench.fake.until_hanging(expected)
            await anyio.wait_all_tasks_blocked()
            assert bench.fake.calls["PutLogEvents"] == expected
            assert bench.value("relay_put_log_events_in_flight") == expected
            bench.fake.heal()

        assert bench.fake.store.stream(GROUP, STREAM).puts == 6


async def test_calls_become_more_when_all_goes_well() -> None:
    """After some rounds without trouble max_parallel_puts calls are under way."""
    async with running_writer(FakeClock()) as bench:
        async with anyio.create_task_group() as callers:
            callers.start_soon(
                bench.writer.write, {HERE: [log_event("m" * 1_000_000)] * 60}
            )
            while bench.fake.calls["PutLogEvents"] < 40:
                await anyio.lowlevel.checkpoint()
            bench.fake.fail("PutLogEvents", Fault.HANG, times=8)
            await bench.fake.until_hanging(8)
            bench.fake.heal()

        assert bench.fake.store.stream(GROUP, STREAM).accepted == 60


async def test_calls_become_fewer_when_throttled() -> None:
    """A throttled lane starts no further batch until few enough wait for a retry."""
    clock = WatchedClock()
    async with running_writer(clock) as bench:
        bench.fake.store.create_group(GROUP, {}, None)
        bench.fake.store.create_stream(GROUP, STREAM)
        bench.fake.fail("PutLogEvents", Fault.THROTTLE, times=99)
        async with anyio.create_task_group() as callers:
            callers.start_soon(
                bench.writer.write, {HERE: [log_event("m" * 1_000_000)] * 12}
            )
            await clock.until_sleeping(4)
            bench.fake.heal()
            bench.fake.fail("PutLogEvents", Fault.HANG, times=99)
            clock.advance(30)
            await bench.fake.until_hanging(1)
            await anyio.wait_all_tasks_blocked()
            assert bench.value("relay_put_log_events_in_flight") == 1
            bench.fake.heal()

        assert bench.fake.store.stream(GROUP, STREAM).accepted == 12


LINGERING = Logs(group=GROUP, linger=5.0)


async def test_a_lingering_lane_waits_for_more() -> None:
    """What comes within logs.linger of the first event shares its call."""
    clock = WatchedClock()
    async with running_writer(clock, logs=LINGERING) as bench:
        async with anyio.create_task_group() as callers:
            callers.start_soon(bench.writer.write, {HERE: log_events("first")})
            await clock.until_sleeping()
            clock.advance(4)
            callers.start_soon(bench.writer.write, {HERE: log_events("second")})
            await anyio.wait_all_tasks_blocked()
            assert bench.fake.calls["PutLogEvents"] == 0
            clock.advance(1)

        stream = bench.fake.store.stream(GROUP, STREAM)
        assert (stream.accepted, stream.puts) == (2, 1)
        await anyio.wait_all_tasks_blocked()
        assert bench.writer.lanes == 0


@pytest.mark.parametrize(
    "events",
    [[log_event("m")] * 10_000, [log_event("m" * 524_262)] * 2],
    ids=["events", "bytes"],
)
async def test_a_full_batch_does_not_linger(events: list[LogEvent]) -> None:
    """10 000 events or 1 MiB go at once; what is left over waits for its own time."""
    clock = WatchedClock()
    async with running_writer(clock, logs=LINGERING) as bench:
        async with anyio.create_task_group() as callers:
            callers.start_soon(bench.writer.write, {HERE: events})
            callers.start_soon(bench.writer.write, {HERE: log_events("rest")})
            await clock.until_sleeping()
            while GROUP not in bench.fake.store.groups or not bench.fake.messages(
                GROUP
            ):
                await anyio.lowlevel.checkpoint()
            assert len(bench.fake.messages(GROUP)) == len(events)
            await anyio.wait_all_tasks_blocked()
            clock.advance(5)

        assert bench.fake.store.stream(GROUP, STREAM).puts == 2


async def test_a_lane_whose_callers_are_gone_stops_lingering() -> None:
    """When nobody waits any more, nothing is sent and the lane is removed."""
    clock = WatchedClock()
    async with running_writer(clock, logs=LINGERING) as bench:
        async with anyio.create_task_group() as callers:
            callers.start_soon(bench.writer.write, {HERE: log_events("gone")})
            await clock.until_sleeping()
            callers.cancel_scope.cancel()
        clock.advance(5)
        await anyio.wait_all_tasks_blocked()

        assert bench.writer.lanes == 0
        assert not bench.fake.calls


async def test_objects_that_come_while_calls_are_busy_share_one_call() -> None:
    """Fifty small objects that queue up behind busy calls go out together."""
    async with running_writer(FakeClock()) as bench:
        await bench.writer.write({HERE: log_events("first")})
        bench.fake.fail("PutLogEvents", Fault.HANG, times=4)
        async with anyio.create_task_group() as callers:
            for number in range(4):
                callers.start_soon(bench.writer.write, {HERE: log_events("busy")})
                await bench.fake.until_hanging(number + 1)
            for _ in range(50):
                callers.start_soon(bench.writer.write, {HERE: log_events(*"abcdef")})
            await anyio.wait_all_tasks_blocked()
            bench.fake.heal()

        stream = bench.fake.store.stream(GROUP, STREAM)
        assert (stream.accepted, stream.puts) == (305, 6)


async def test_objects_of_one_moment_share_one_call() -> None:
    """Callers of one turn of the event loop are served by one call, without waiting."""
    async with running_writer(FakeClock()) as bench:
        await bench.writer.write({HERE: log_events("first")})
        async with anyio.create_task_group() as callers:
            for _ in range(50):
                callers.start_soon(bench.writer.write, {HERE: log_events("m")})

        stream = bench.fake.store.stream(GROUP, STREAM)
        assert (stream.accepted, stream.puts) == (51, 2)


async def test_idle_lanes_are_removed() -> None:
    """A destination costs nothing when nothing is on its way there."""
    async with running_writer(FakeClock()) as bench:
        await bench.writer.write({HERE: log_events("a"), ELSEWHERE: log_events("b")})
        await anyio.wait_all_tasks_blocked()

        assert bench.writer.lanes == 0


@pytest.mark.parametrize(
    "fault", [Fault.THROTTLE, Fault.ACCESS_DENIED, Fault.EXPIRED_TOKEN]
)
async def test_a_failing_lane_stops_no_other(fault: Fault) -> None:
    """While one destination fails for ever another one is served without any delay."""
    clock = WatchedClock()
    async with running_writer(clock) as bench:
        bench.fake.fail("PutLogEvents", fault, times=10**9, stream=HERE.stream)
        async with anyio.create_task_group() as callers:
            for _ in range(20):
                callers.start_soon(
                    bench.writer.write, {HERE: [log_event("held back" * 100_000)]}
                )
            await clock.until_sleeping()

            # The clock stands still: had it to wait for anything, this would hang.
            for _ in range(50):
                await bench.writer.write({ELSEWHERE: log_events("served")})
            assert bench.fake.messages(GROUP) == ["served"] * 50

            bench.fake.heal()
            clock.advance(60)
            await _until_all_is_sent(clock, bench, events=70)
        assert len(bench.fake.messages(GROUP, STREAM)) == 20


async def _until_all_is_sent(clock: WatchedClock, bench: Bench, *, events: int) -> None:
    """Let the time pass in which retries wait until so many log events are kept."""
    while len(bench.fake.messages(GROUP)) < events:
        await anyio.wait_all_tasks_blocked()
        clock.advance(60)


class _Buggy:
    """A client with a bug that strikes one stream."""

    def __init__(self, client: LogsClient) -> None:
        self._client = client
        self.meta = client.meta
        self.exceptions = client.exceptions
        self.create_log_stream = client.create_log_stream
        self.create_log_group = client.create_log_group
        self.put_retention_policy = client.put_retention_policy

    async def put_log_events(self, **arguments: object) -> dict[str, object]:
        """Fail as no service would."""
        if arguments["logStreamName"] == HERE.stream:
            raise ZeroDivisionError("bug")
        return await self._client.put_log_events(**arguments)


async def test_a_bug_reaches_the_callers_and_no_other_lane() -> None:
    """Those whose events were in the batch are told; nobody hangs, others go on."""
    async with running_writer(FakeClock(), wrap=_Buggy) as bench:
        with capture_logs() as logs:
            with pytest.raises(TransientError, match="bug") as raised:
                await bench.writer.write({HERE: log_events("m")})
            result = await bench.writer.write({ELSEWHERE: log_events("m")})

        assert raised.value.reason is Reason.INTERNAL
        assert result == WriteResult(accepted=1)
        assert "log lane failed" in [line["event"] for line in logs]
