"""Every log event that is written is acknowledged, or rejected with its reason."""

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from relay.config.logs_section import Logs
from relay.errors import TransientError
from relay.logs.writer import LogWriter
from relay.model import RejectedBy, WriteResult
from relay.telemetry import Telemetry
from tests.logs.support import (
    ELSEWHERE,
    GROUP,
    HERE,
    NOW_MS,
    Bench,
    log_event,
    log_events,
    logs_client,
    running_writer,
)
from tests.support.clock import EagerClock, FakeClock
from tests.support.fake_logs import Fault

OLD_MS = NOW_MS - 15 * 86_400_000


async def test_events_arrive_at_their_destinations() -> None:
    """Groups and streams come into being, and every event is acknowledged."""
    async with running_writer(FakeClock()) as bench:
        result = await bench.writer.write(
            {HERE: log_events("a", "é"), ELSEWHERE: log_events("b")}
        )

        assert result == WriteResult(accepted=3)
        assert bench.fake.messages(GROUP, HERE.stream) == ["a", "é"]
        assert bench.fake.messages(GROUP, ELSEWHERE.stream) == ["b"]


async def test_what_was_written_is_counted() -> None:
    """Events, message bytes and the duration of each call are in the telemetry."""
    async with running_writer(FakeClock()) as bench:
        await bench.writer.write({HERE: log_events("a", "é")})

        assert bench.value("relay_log_events_total") == 2
        assert bench.value("relay_log_bytes_total") == 3
        assert bench.value("relay_put_log_events_seconds_count") == 1


async def test_nothing_to_write_needs_no_call() -> None:
    """No events and empty lists return at once."""
    async with running_writer(FakeClock()) as bench:
        results = [await bench.writer.write({}), await bench.writer.write({HERE: []})]

        assert results == [WriteResult(), WriteResult()]
        assert not bench.fake.calls
        assert bench.writer.lanes == 0


async def test_a_message_over_the_limit_is_rejected_without_a_call() -> None:
    """A message that no call can carry is itemised; its neighbours are delivered."""
    async with running_writer(FakeClock()) as bench:
        with capture_logs() as logs:
            result = await bench.writer.write(
                {HERE: [log_event("m" * 1_048_551), log_event("n" * 1_048_550)]}
            )

        assert result == WriteResult(accepted=1, rejected={RejectedBy.TOO_LARGE: 1})
        assert bench.value("relay_log_events_rejected_total", reason="too_large") == 1
        assert ("log events rejected", "error") in [
            (line["event"], line["log_level"]) for line in logs
        ]


async def test_a_cancelled_caller_takes_its_waiting_events_along() -> None:
    """What was not sent is forgotten; a neighbour in the queue is served."""
    async with running_writer(FakeClock()) as bench:
        await bench.writer.write({HERE: log_events("first")})
        bench.fake.fail("PutLogEvents", Fault.HANG, times=4)
        async with anyio.create_task_group() as stays:
            for number in range(4):
                stays.start_soon(bench.writer.write, {HERE: log_events("busy")})
                await bench.fake.until_hanging(number + 1)
            async with anyio.create_task_group() as gone:
                gone.start_soon(bench.writer.write, {HERE: log_events("gone")})
                stays.start_soon(bench.writer.write, {HERE: log_events("stays")})
                await anyio.wait_all_tasks_blocked()
                gone.cancel_scope.cancel()
            bench.fake.heal()

        assert bench.fake.messages(GROUP) == ["first", *["busy"] * 4, "stays"]


async def test_a_stopped_writer_fails_those_who_wait() -> None:
    """When ``run`` ends nobody is left waiting, and nothing new is taken."""
    outcomes: list[TransientError] = []

    async def write(writer: LogWriter) -> None:
        try:
            await writer.write({HERE: log_events("m")})
        except TransientError as error:
            outcomes.append(error)

    async with running_writer(FakeClock()) as bench, logs_client(bench.fake.url) as own:
        bench.fake.fail("PutLogEvents", Fault.HANG)
        writer = LogWriter(own, Logs(group=GROUP), Telemetry(), FakeClock())
        async with (
            anyio.create_task_group() as callers,
            anyio.create_task_group() as running,
        ):
            await running.start(writer.run)
            callers.start_soon(write, writer)
            await bench.fake.until_hanging(1)
            running.cancel_scope.cancel()
        await write(writer)

    assert [
        word
        for error, word in zip(outcomes, ("stopped", "not running"), strict=True)
        if word in str(error)
    ] == ["stopped", "not running"]


_FAULTS = st.sampled_from(
    [
        Fault.THROTTLE,
        Fault.UNAVAILABLE,
        Fault.DROP,
        Fault.DROP_ANSWER,
        Fault.EXPIRED_TOKEN,
    ]
)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(["good", "poison", "old"]), max_size=5), max_size=6
    ),
    st.lists(_FAULTS, max_size=6),
)
async def test_every_event_is_accounted_for_under_faults(
    objects: list[list[str]], faults: list[Fault]
) -> None:
    """Whatever fails meanwhile: each caller's good events are kept, at least once, and
    each of the others is rejected for its reason."""
    results: dict[int, WriteResult] = {}

    async def write(bench: Bench, number: int, kinds: list[str]) -> None:
        results[number] = await bench.writer.write(
            {
                HERE: [
                    log_event(f"{kind} {number}", OLD_MS if kind == "old" else NOW_MS)
                    for kind in kinds
                ]
            }
        )

    async with running_writer(EagerClock()) as bench:
        bench.fake.poison = "poison"
        for fault in faults:
            bench.fake.fail("PutLogEvents", fault)
        async with anyio.create_task_group() as callers:
            for number, kinds in enumerate(objects):
                callers.start_soon(write, bench, number, kinds)
        kept = bench.fake.messages(GROUP) if bench.fake.store.groups else []

    for number, kinds in enumerate(objects):
        expected = {
            RejectedBy.INVALID: kinds.count("poison"),
            RejectedBy.TOO_OLD: kinds.count("old"),
        }
        assert results[number] == WriteResult(
            accepted=kinds.count("good"),
            rejected={reason: count for reason, count in expected.items() if count},
        )
        assert kept.count(f"good {number}") >= kinds.count("good")
