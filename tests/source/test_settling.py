"""relay.source.settling: outcomes become calls, in batches, each failure looked at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from relay.errors import Reason
from relay.source.flights import Flight, Flights
from relay.source.outcome import Done, Leave, Outcome, Retry
from relay.source.queue import Queue
from relay.source.settling import LINGER_SECS, MAX_ATTEMPTS, Settling, return_secs
from relay.telemetry import Telemetry
from tests.source.fake_sqs import QUEUE_URL, FakeSqs, error
from tests.source.waiting import settle, until
from tests.support.clock import EagerClock, FakeClock

DELETE = "delete_message_batch"
HIDE = "change_message_visibility_batch"


class Subject:
    """Messages in flight of a fake queue, and what settles them."""

    def __init__(self) -> None:
        self.clock = EagerClock()
        self.sqs = FakeSqs(self.clock)
        self.queue = Queue(self.sqs, QUEUE_URL, clock=self.clock)
        self.telemetry = Telemetry()
        self.flights = Flights(100, telemetry=self.telemetry, clock=self.clock)
        self.settling = Settling(
            self.queue, self.flights, telemetry=self.telemetry, clock=self.clock
        )

    async def receive(self, count: int) -> list[Flight]:
        """Send ``count`` messages and take them in."""
        self.sqs.send(*("x" for _ in range(count)))
        taken: list[Flight] = []
        while len(taken) < count:
            await self.flights.take_slots(10)
            messages = await self.queue.receive(
                max_messages=10, visibility_timeout_secs=300
            )
            taken += self.flights.admit(messages)
        return taken

    def value(self, series: str, **labels: str) -> float | None:
        """Return what ``series`` shows."""
        return self.telemetry.registry.get_sample_value(series, labels)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Settle in the background until all have landed."""
        async with anyio.create_task_group() as tg:
            tg.start_soon(self.settling.run)
            yield
            await until(lambda: not len(self.flights))
            tg.cancel_scope.cancel()


async def test_done_is_deleted() -> None:
    """The message is gone, its slot free, the counter up."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    async with subject.running():
        subject.settling.settle(flight, Done())

    assert subject.sqs.messages == {}
    assert subject.value("relay_messages_deleted_total") == 1


async def test_deletes_share_calls() -> None:
    """Ten a call; what is left over goes as well."""
    subject = Subject()
    flights = await subject.receive(25)
    async with subject.running():
        for flight in flights:
            subject.settling.settle(flight, Done())

    assert subject.sqs.entries(DELETE) == [10, 10, 5]


async def test_lone_delete_lingers_for_company() -> None:
    """What is done an instant later goes with the same call."""
    subject = Subject()
    first, second = await subject.receive(2)
    clock = FakeClock()
    settling = Settling(
        subject.queue, subject.flights, telemetry=subject.telemetry, clock=clock
    )
    async with anyio.create_task_group() as tg:
        tg.start_soon(settling.run)
        settling.settle(first, Done())
        await settle()
        before = subject.sqs.entries(DELETE)
        settling.settle(second, Done())
        clock.advance(LINGER_SECS)
        await settle()
        tg.cancel_scope.cancel()

    assert before == []
    assert subject.sqs.entries(DELETE) == [2]


async def test_later_outcome_finds_the_lane_awake_again() -> None:
    """The lane sleeps when it is empty and wakes for the next one."""
    subject = Subject()
    first, second = await subject.receive(2)
    async with subject.running():
        subject.settling.settle(first, Done())
        await until(lambda: len(subject.flights) == 1)
        await settle()
        subject.settling.settle(second, Done())

    assert subject.sqs.entries(DELETE) == [1, 1]


async def test_newest_receipt_is_used() -> None:
    """A message delivered again meanwhile is deleted all the same."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    subject.sqs.show(flight.message.id)
    await subject.flights.take_slots(1)
    again = await subject.queue.receive(max_messages=1, visibility_timeout_secs=300)
    subject.flights.admit(again)
    async with subject.running():
        subject.settling.settle(flight, Done())

    assert subject.sqs.messages == {}


@pytest.mark.parametrize("outcome", [Done(), Retry(reason=Reason.THROTTLED)])
async def test_message_received_again_in_mid_call_is_settled_by_its_newest_receipt(
    outcome: Outcome,
) -> None:
    """The call with the old one had no effect, and no error says so: it is repeated."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    call = DELETE if isinstance(outcome, Done) else HIDE

    async def deliver_again() -> None:
        del subject.sqs.meanwhile[call]
        subject.sqs.show(flight.message.id)
        await subject.flights.take_slots(1)
        again = await subject.queue.receive(max_messages=1, visibility_timeout_secs=300)
        subject.flights.admit(again)

    subject.sqs.meanwhile[call] = deliver_again
    async with subject.running():
        subject.settling.settle(flight, outcome)

    left = {id_: subject.sqs.hidden_secs(id_) for id_ in subject.sqs.messages}
    assert subject.sqs.entries(call) == [1, 1]
    assert left == {} or max(left.values()) <= 60


async def test_message_that_another_consumer_has_by_now_is_theirs() -> None:
    """A delete with an old receipt succeeds and deletes nothing: no harm is done."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    subject.sqs.show(flight.message.id)
    await subject.queue.receive(max_messages=1, visibility_timeout_secs=300)
    async with subject.running():
        subject.settling.settle(flight, Done())

    assert list(subject.sqs.messages) == [flight.message.id]
    assert subject.sqs.hidden_secs(flight.message.id) == pytest.approx(300, abs=1)
    assert len(subject.flights) == 0


async def test_retry_hides_the_message_for_a_while() -> None:
    """It comes again after its back-off, at the earliest when the peer wished."""
    subject = Subject()
    soon, late = await subject.receive(2)
    async with subject.running():
        subject.settling.settle(soon, Retry(reason=Reason.THROTTLED))
        subject.settling.settle(late, Retry(reason=Reason.KMS, after_secs=600))

    assert 30 <= subject.sqs.hidden_secs(soon.message.id) <= 60
    assert subject.sqs.hidden_secs(late.message.id) == 600
    assert subject.value("relay_messages_retained_total", reason="throttled") == 1
    assert subject.value("relay_messages_retained_total", reason="kms") == 1


async def test_leave_calls_nobody() -> None:
    """The visibility timeout decides; the reason is counted."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    async with subject.running():
        subject.settling.settle(flight, Leave(reason=Reason.NOT_JSON))

    assert subject.sqs.hidden_secs(flight.message.id) == 300
    assert subject.sqs.count(DELETE) + subject.sqs.count(HIDE) == 0
    assert subject.value("relay_messages_retained_total", reason="not_json") == 1


async def test_failed_delete_is_tried_again() -> None:
    """A call that fails, and an entry that fails, are made again with a back-off."""
    subject = Subject()
    first, second = await subject.receive(2)
    subject.sqs.failures[DELETE] = [error("InternalError", 500)]
    subject.sqs.entry_failures[DELETE] = [
        {"Code": "InternalError", "SenderFault": False}
    ]
    async with subject.running():
        subject.settling.settle(first, Done())
        subject.settling.settle(second, Done())

    assert subject.sqs.entries(DELETE) == [2, 2, 1]
    assert subject.sqs.messages == {}
    assert subject.value("relay_source_errors_total", reason="unavailable") == 2
    assert subject.value("relay_messages_deleted_total") == 2


async def test_invalid_receipt_is_passed_over() -> None:
    """The message was redelivered: its next receive is recognised as done."""
    subject = Subject()
    lost, good = await subject.receive(2)
    lost.receipt_handle = "nonsense"
    async with subject.running():
        subject.settling.settle(lost, Done())
        subject.settling.settle(good, Done())

    assert list(subject.sqs.messages) == [lost.message.id]
    assert subject.value("relay_messages_deleted_total") == 1
    assert subject.value("relay_messages_retained_total", reason="receipt_invalid") == 1


async def test_delete_that_keeps_failing_frees_its_slots() -> None:
    """Receiving, and with it every alarm, does not wait for a missing permission."""
    subject = Subject()
    flights = await subject.receive(2)
    subject.sqs.failures[DELETE] = [error("AccessDenied", 403)] * MAX_ATTEMPTS
    with capture_logs() as logs:
        async with subject.running():
            for flight in flights:
                subject.settling.settle(flight, Done())

    assert subject.sqs.count(DELETE) == MAX_ATTEMPTS
    assert subject.value("relay_messages_retained_total", reason="access_denied") == 2
    assert [each["event"] for each in logs] == [
        "SQS call fails",
        "message could not be settled",
        "message could not be settled",
    ]


async def test_return_that_fails_leaves_the_message_to_its_timeout() -> None:
    """Nothing is lost by it."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    subject.sqs.failures[HIDE] = [error("QueueDoesNotExist")]
    async with subject.running():
        subject.settling.settle(flight, Retry(reason=Reason.THROTTLED))

    assert subject.sqs.hidden_secs(flight.message.id) == pytest.approx(300, abs=1)


async def test_cancelled_call_is_made_by_finish() -> None:
    """A delete under way when the run is cancelled is not forgotten."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    started = anyio.Event()

    async def hang() -> None:
        started.set()
        await anyio.sleep_forever()

    subject.sqs.meanwhile[DELETE] = hang
    async with anyio.create_task_group() as tg:
        tg.start_soon(subject.settling.run)
        subject.settling.settle(flight, Done())
        await started.wait()
        tg.cancel_scope.cancel()
    del subject.sqs.meanwhile[DELETE]
    await subject.settling.finish()

    assert subject.sqs.messages == {}


async def test_finish_hands_back_what_is_unsettled() -> None:
    """Decided outcomes are carried out, all else is visible at once."""
    subject = Subject()
    done, retry, open_ = await subject.receive(3)
    subject.settling.settle(done, Done())
    subject.settling.settle(retry, Retry(reason=Reason.THROTTLED))
    await subject.settling.finish()

    assert done.message.id not in subject.sqs.messages
    assert subject.sqs.hidden_secs(retry.message.id) >= 30
    assert subject.sqs.hidden_secs(open_.message.id) == 0
    assert subject.value("relay_messages_handed_back_total") == 1
    assert len(subject.flights) == 0


@given(st.integers(min_value=0, max_value=2000), st.floats(0, 1e6))
def test_return_is_within_its_bounds(receive_count: int, wish_secs: float) -> None:
    """Between 30 s and 15 min, or when the peer wished, and never beyond SQS's 12 h."""
    secs = return_secs(receive_count, wish_secs)

    assert 30 <= secs < 43_200
    assert secs >= min(wish_secs, 43_000)
    assert secs <= max(900, wish_secs)


@pytest.mark.parametrize(("receive_count", "most_secs"), [(1, 60), (2, 120), (9, 900)])
def test_return_grows_with_every_receive(receive_count: int, most_secs: int) -> None:
    """A message that keeps failing comes less and less often."""
    drawn = [return_secs(receive_count, 0) for _ in range(200)]

    assert most_secs / 2 < max(drawn) <= most_secs
