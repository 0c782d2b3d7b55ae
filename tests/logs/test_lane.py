"""A lane gathers what waits into few calls, and keeps its troubles to itself."""

import anyio
import pytest
from structlog.testing import capture_logs

from relay.errors import Reason, TransientError
from relay.logs.client import LogsClient
from relay.model import WriteResult
from tests.logs.support import (
    ELSEWHERE,
    GROUP,
    HERE,
    NOW_MS,
    STREAM,
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


async def test_at_most_four_calls_a_destination_are_under_way() -> None:
    """A lane never has more than four calls open, however much waits."""
    async with running_writer(FakeClock()) as bench:
        bench.fake.store.create_group(GROUP, {}, None)
        bench.fake.store.create_stream(GROUP, STREAM)
        bench.fake.fail("PutLogEvents", Fault.HANG, times=4)
        async with anyio.create_task_group() as callers:
            callers.start_soon(
                bench.writer.write, {HERE: [log_event("m" * 1_000_000)] * 6}
            )
            await bench.fake.until_hanging(4)
            assert bench.fake.calls["PutLogEvents"] == 4
            bench.fake.heal()

        assert bench.fake.store.stream(GROUP, STREAM).puts == 6


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


async def test_a_failing_lane_stops_no_other() -> None:
    """While one destination is throttled another one is served."""
    clock = WatchedClock()
    async with running_writer(clock) as bench:
        bench.fake.fail("PutLogEvents", Fault.THROTTLE, times=99, stream=HERE.stream)
        async with anyio.create_task_group() as callers:
            callers.start_soon(bench.writer.write, {HERE: log_events("held back")})
            await clock.until_sleeping()

            await bench.writer.write({ELSEWHERE: log_events("served")})
            assert bench.fake.messages(GROUP) == ["served"]

            bench.fake.heal()
            clock.advance(30)
        assert bench.fake.messages(GROUP, STREAM) == ["held back"]


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
