"""One call: gzipped when that is wanted and taken, and its errors told apart."""

import pytest
from structlog.testing import capture_logs

from relay.config.logs_section import Logs
from relay.model import RejectedBy, WriteResult
from tests.logs.support import (
    ELSEWHERE,
    GROUP,
    HERE,
    log_events,
    running_writer,
)
from tests.support.clock import EagerClock, FakeClock
from tests.support.fake_logs import Fault
from tests.support.fake_logs_store import ServiceError

GZIP = Logs(group=GROUP, compression="gzip")
TURNED_OFF = "gzip turned off: the endpoint takes log events only without"
REFUSALS = [
    ServiceError("SerializationException", "not JSON", status=400),
    ServiceError("InvalidParameterException", "unexpected byte 0x1f", status=400),
    ServiceError("UnsupportedMediaType", "gzip", status=415),
]


async def test_nothing_is_compressed_unless_wanted() -> None:
    """By default bodies go as they are."""
    async with running_writer(FakeClock()) as bench:
        await bench.writer.write({HERE: log_events("m")})

        assert bench.fake.gzipped_calls == 0


async def test_gzip_is_used_when_wanted() -> None:
    """Every call is gzipped, and arrives as it was written."""
    async with running_writer(FakeClock(), logs=GZIP) as bench:
        result = await bench.writer.write(
            {HERE: log_events("a", "é"), ELSEWHERE: log_events("b" * 1_000_000)}
        )

        assert result == WriteResult(accepted=3)
        assert bench.fake.messages(GROUP, HERE.stream) == ["a", "é"]
        assert bench.fake.messages(GROUP, ELSEWHERE.stream) == ["b" * 1_000_000]
        assert bench.fake.gzipped_calls == bench.fake.calls["PutLogEvents"]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: each.code)
async def test_an_endpoint_that_refuses_gzip_gets_none(refusal: ServiceError) -> None:
    """Nothing is lost or rejected: the same events go without, and all later ones;
    that is said once."""
    async with running_writer(FakeClock(), logs=GZIP) as bench:
        bench.fake.store.create_group(GROUP, {}, None)
        bench.fake.store.create_stream(GROUP, HERE.stream)
        bench.fake.gzip_refusal = refusal
        with capture_logs() as lines:
            results = [
                await bench.writer.write({HERE: log_events(text)}) for text in "abc"
            ]

        assert results == [WriteResult(accepted=1)] * 3
        assert bench.fake.messages(GROUP) == ["a", "b", "c"]
        assert bench.fake.gzipped_calls == 1
        assert [line["event"] for line in lines] == [TURNED_OFF]
        assert bench.value("relay_put_log_events_errors_total", reason="invalid") == 1


async def test_calls_that_are_refused_together_say_so_once() -> None:
    """Several calls may be under way when the first of them is refused."""
    async with running_writer(FakeClock(), logs=GZIP) as bench:
        bench.fake.store.create_group(GROUP, {}, None)
        for destination in (HERE, ELSEWHERE):
            bench.fake.store.create_stream(GROUP, destination.stream)
        bench.fake.gzip_refusal = REFUSALS[0]
        with capture_logs() as lines:
            await bench.writer.write(
                {HERE: log_events("a"), ELSEWHERE: log_events("b")}
            )

        assert bench.fake.gzipped_calls == 2
        assert [line["event"] for line in lines] == [TURNED_OFF]


async def test_a_poison_event_is_not_taken_for_a_refusal_of_gzip() -> None:
    """What is refused without gzip as well is the events' fault; gzip stays."""
    async with running_writer(FakeClock(), logs=GZIP) as bench:
        bench.fake.poison = "poison"

        result = await bench.writer.write({HERE: log_events("good", "poison")})

        assert result == WriteResult(accepted=1, rejected={RejectedBy.INVALID: 1})
        before = bench.fake.gzipped_calls
        await bench.writer.write({HERE: log_events("later")})
        assert bench.fake.gzipped_calls == before + 1


async def test_a_failure_without_gzip_proves_nothing() -> None:
    """When the attempt without gzip is throttled, it is made again; gzip is still the
    one to blame only when a body without it is taken."""
    async with running_writer(EagerClock(), logs=GZIP) as bench:
        bench.fake.store.create_group(GROUP, {}, None)
        bench.fake.store.create_stream(GROUP, HERE.stream)
        bench.fake.gzip_refusal = REFUSALS[0]
        bench.fake.fail("PutLogEvents", Fault.THROTTLE)

        result = await bench.writer.write({HERE: log_events("m")})

        assert result == WriteResult(accepted=1)
        assert bench.fake.gzipped_calls == 2
