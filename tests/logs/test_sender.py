"""A batch is sent until every event of it is accounted for, whatever happens."""

import anyio
import pytest
from structlog.testing import capture_logs

from relay.config.logs_section import Create, Logs
from relay.errors import Reason
from relay.model import Destination, LogEvent, RejectedBy, WriteResult
from tests.logs.support import (
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
from tests.support.clock import EagerClock, FakeClock
from tests.support.fake_logs import Fault

OLD_MS = NOW_MS - 15 * 86_400_000


async def test_rejected_events_are_itemised_for_their_owner() -> None:
    """Two objects in one batch: each is told what became of its own events."""
    results: dict[str, WriteResult] = {}

    async def write(bench: Bench, name: str, *events: LogEvent) -> None:
        results[name] = await bench.writer.write({HERE: events})

    async with running_writer(FakeClock()) as bench:
        async with anyio.create_task_group() as callers:
            callers.start_soon(
                write, bench, "a", log_event("old", OLD_MS), log_event("a")
            )
            callers.start_soon(write, bench, "b", log_event("b"))
            callers.start_soon(
                write, bench, "c", log_event("c", OLD_MS), log_event("c", OLD_MS + 1)
            )

        assert results == {
            "a": WriteResult(accepted=1, rejected={RejectedBy.TOO_OLD: 1}),
            "b": WriteResult(accepted=1, rejected={}),
            "c": WriteResult(accepted=0, rejected={RejectedBy.TOO_OLD: 2}),
        }
        assert bench.value("relay_log_events_rejected_total", reason="too_old") == 3
        assert bench.value("relay_log_events_total") == 2
        assert bench.value("relay_log_bytes_total") == 2


@pytest.mark.parametrize(
    ("timestamp_ms", "reason"),
    [
        (OLD_MS, RejectedBy.TOO_OLD),
        (NOW_MS - 2 * 86_400_000, RejectedBy.EXPIRED),
        (NOW_MS + 7_200_001, RejectedBy.TOO_NEW),
    ],
)
async def test_every_reason_of_the_service(
    timestamp_ms: int, reason: RejectedBy
) -> None:
    """Too old, beyond the group's retention and too new are told apart."""
    logs = Logs(group=GROUP, create=Create(retention_days=1))
    async with running_writer(FakeClock(), logs=logs) as bench:
        result = await bench.writer.write({HERE: [log_event("m", timestamp_ms)]})

        assert result == WriteResult(rejected={reason: 1})


@pytest.mark.parametrize("count", [1, 2, 7, 100])
async def test_a_poison_event_is_isolated(count: int) -> None:
    """A refused batch is halved until the event that is to blame stands alone."""
    good = [f"good {number}" for number in range(count)]
    async with running_writer(FakeClock()) as bench:
        bench.fake.poison = "poison"

        result = await bench.writer.write(
            {HERE: log_events(*good[: count // 3], "poison", *good[count // 3 :])}
        )

        assert result == WriteResult(accepted=count, rejected={RejectedBy.INVALID: 1})
        assert good == bench.fake.messages(GROUP)
        assert bench.value("relay_log_events_rejected_total", reason="invalid") == 1


async def test_a_quoted_record_is_not_taken_for_a_bad_destination() -> None:
    """The error quotes the poison event, which itself speaks of log groups; our log
    quotes it not."""
    text = '{"requestParameters":{"logGroupName":"poison","kmsKeyId":"key"}}'
    async with running_writer(FakeClock()) as bench:
        bench.fake.poison = "poison"

        with capture_logs() as lines:
            result = await bench.writer.write({HERE: log_events(text, "good")})

        assert result == WriteResult(accepted=1, rejected={RejectedBy.INVALID: 1})
        assert "kmsKeyId" not in repr(lines)


@pytest.mark.parametrize(
    ("fault", "reason", "level"),
    [
        (Fault.THROTTLE, Reason.THROTTLED, "warning"),
        (Fault.SERVER_ERROR, Reason.UNAVAILABLE, "warning"),
        (Fault.UNAVAILABLE, Reason.UNAVAILABLE, "warning"),
        (Fault.DROP, Reason.NETWORK, "warning"),
        (Fault.ACCESS_DENIED, Reason.ACCESS_DENIED, "error"),
        (Fault.EXPIRED_TOKEN, Reason.CREDENTIALS, "error"),
    ],
)
async def test_failures_are_retried_until_they_pass(
    fault: Fault, reason: Reason, level: str
) -> None:
    """Each failure is counted, the first is logged, and the recovery."""
    async with running_writer(EagerClock()) as bench:
        bench.fake.fail("PutLogEvents", fault, times=5)
        with capture_logs() as logs:
            result = await bench.writer.write({HERE: log_events("m")})

        assert result == WriteResult(accepted=1)
        assert bench.fake.messages(GROUP) == ["m"]
        assert bench.value("relay_put_log_events_errors_total", reason=reason) == 5
        assert [
            (line["event"], line["log_level"])
            for line in logs
            if "created" not in line["event"]
        ] == [("log events held back", level), ("log events flow again", "info")]


@pytest.mark.parametrize(
    ("fault", "cap_secs"), [(Fault.THROTTLE, 30.0), (Fault.ACCESS_DENIED, 60.0)]
)
async def test_the_wait_grows_up_to_a_cap(fault: Fault, cap_secs: float) -> None:
    """Retries spread out, but never beyond half a minute, or a minute for a person."""
    clock = EagerClock()
    async with running_writer(clock) as bench:
        bench.fake.fail("PutLogEvents", fault, times=40)

        await bench.writer.write({HERE: log_events("m")})

    assert len(clock.slept) == 40
    assert cap_secs / 2 < max(clock.slept) <= cap_secs


async def test_a_lost_answer_repeats_and_never_loses() -> None:
    """When the answer is lost the batch is sent again: at least once."""
    async with running_writer(EagerClock()) as bench:
        await bench.writer.write({HERE: log_events("first")})
        bench.fake.fail("PutLogEvents", Fault.DROP_ANSWER)

        result = await bench.writer.write({HERE: log_events("m")})

        assert result == WriteResult(accepted=1)
        assert bench.fake.messages(GROUP) == ["first", "m", "m"]


async def test_already_accepted_is_success() -> None:
    """The service's word that it has this batch counts as an acknowledgement."""
    async with running_writer(FakeClock()) as bench:
        bench.fake.fail("PutLogEvents", Fault.ALREADY_ACCEPTED)

        assert WriteResult(accepted=1) == await bench.writer.write(
            {HERE: log_events("m")}
        )


async def test_a_deleted_stream_is_made_again() -> None:
    """Somebody deletes the stream while the relay runs: nothing is lost."""
    async with running_writer(FakeClock()) as bench:
        await bench.writer.write({HERE: log_events("before")})
        del bench.fake.store.groups[GROUP].streams[STREAM]

        await bench.writer.write({HERE: log_events("after")})

        assert bench.fake.messages(GROUP) == ["after"]


@pytest.mark.parametrize(
    ("destination", "create", "reason"),
    [
        (HERE, Create(group=False), Reason.NOT_FOUND),
        (Destination(group="no spaces", stream="s"), Create(), Reason.INVALID),
        (Destination(group=GROUP, stream="no:colon"), Create(), Reason.INVALID),
    ],
    ids=["group may not be made", "group name", "stream name"],
)
async def test_a_wrong_destination_throws_nothing_away(
    destination: Destination, create: Create, reason: Reason
) -> None:
    """What only a person can mend is an error, and the events wait for it."""
    clock = WatchedClock()
    logs = Logs(group=GROUP, create=create)
    async with running_writer(clock, logs=logs) as bench:
        with capture_logs() as lines:
            async with anyio.create_task_group() as callers:
                callers.start_soon(bench.writer.write, {destination: log_events(*"ab")})
                await clock.until_sleeping()
                callers.cancel_scope.cancel()

        assert [("error", reason)] == [
            (line["log_level"], line["reason"]) for line in lines
        ]
        assert bench.value("relay_log_events_rejected_total", reason="invalid") == 0


async def test_a_stream_that_is_slow_to_appear_is_waited_for() -> None:
    """A stream that was made and is not found yet is tried again after a wait."""
    clock = WatchedClock()
    async with running_writer(clock) as bench:
        bench.fake.on_put = lambda request: bench.fake.store.groups[
            GROUP
        ].streams.clear() if GROUP in bench.fake.store.groups else None  # fmt: skip
        async with anyio.create_task_group() as callers:
            callers.start_soon(bench.writer.write, {HERE: log_events("m")})
            await clock.until_sleeping()
            bench.fake.on_put = lambda request: None
            clock.advance(1)

        assert bench.fake.messages(GROUP) == ["m"]
        assert (
            bench.value("relay_put_log_events_errors_total", reason="unavailable") == 1
        )


async def test_nobody_waits_nobody_retries() -> None:
    """When all callers of a failing batch are cancelled it is given up."""
    clock = WatchedClock()
    async with running_writer(clock) as bench:
        bench.fake.fail("PutLogEvents", Fault.THROTTLE, times=99)
        async with anyio.create_task_group() as callers:
            callers.start_soon(bench.writer.write, {HERE: log_events("m")})
            await clock.until_sleeping()
            callers.cancel_scope.cancel()
        clock.advance(30)
        await anyio.wait_all_tasks_blocked()

        assert bench.writer.lanes == 0
        assert bench.fake.calls["PutLogEvents"] == 1


async def test_a_caller_that_stays_is_served_after_another_left() -> None:
    """A shared batch goes on as long as one of its callers waits."""
    clock = WatchedClock()
    async with running_writer(clock) as bench:
        bench.fake.fail("PutLogEvents", Fault.THROTTLE)
        async with anyio.create_task_group() as stays:
            async with anyio.create_task_group() as gone:
                stays.start_soon(bench.writer.write, {HERE: log_events("stays")})
                gone.start_soon(bench.writer.write, {HERE: log_events("gone")})
                await clock.until_sleeping()
                gone.cancel_scope.cancel()
            clock.advance(30)

        assert "stays" in bench.fake.messages(GROUP)


async def test_a_poison_event_in_a_new_stream_is_isolated() -> None:
    """The refusal may come only after the stream has been made."""
    async with running_writer(FakeClock()) as bench:
        bench.fake.on_put = lambda request: setattr(bench.fake, "poison", "poison")

        result = await bench.writer.write({HERE: log_events("poison", "good")})

        assert result == WriteResult(accepted=1, rejected={RejectedBy.INVALID: 1})
