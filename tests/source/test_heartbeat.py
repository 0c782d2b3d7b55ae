"""relay.source.heartbeat: extends what is due, and gives up what is lost."""

import anyio
from structlog.testing import capture_logs

from relay.source.flights import Flight, Flights
from relay.source.heartbeat import Heartbeat
from relay.source.queue import Queue
from relay.telemetry import Telemetry
from tests.source.fake_sqs import QUEUE_URL, FakeSqs, error
from tests.source.waiting import settle
from tests.support.clock import FakeClock

TIMEOUT_SECS = 80.0
EXTEND = "change_message_visibility_batch"


class Subject:
    """Messages in flight of a fake queue, and their heartbeat."""

    def __init__(self, timeout_secs: float = TIMEOUT_SECS) -> None:
        self.clock = FakeClock()
        self.timeout_secs = timeout_secs
        self.sqs = FakeSqs(self.clock)
        self.queue = Queue(self.sqs, QUEUE_URL, clock=self.clock)
        self.telemetry = Telemetry()
        self.flights = Flights(100, telemetry=self.telemetry, clock=self.clock)
        self.heartbeat = Heartbeat(
            self.queue,
            self.flights,
            visibility_timeout_secs=timeout_secs,
            telemetry=self.telemetry,
            clock=self.clock,
        )

    async def receive(self, count: int) -> list[Flight]:
        """Send ``count`` messages and take them in."""
        self.sqs.send(*("x" for _ in range(count)))
        taken: list[Flight] = []
        while len(taken) < count:
            await self.flights.take_slots(10)
            messages = await self.queue.receive(
                max_messages=10, visibility_timeout_secs=self.timeout_secs
            )
            taken += self.flights.admit(messages)
        return taken


async def test_message_is_extended_at_half_its_timeout() -> None:
    """Not before; and then by the whole timeout."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    subject.clock.advance(39)
    await subject.heartbeat.beat()
    early = subject.sqs.count(EXTEND)
    subject.clock.advance(1)
    await subject.heartbeat.beat()
    await subject.heartbeat.beat()

    assert (early, subject.sqs.count(EXTEND)) == (0, 1)
    assert subject.sqs.hidden_secs(flight.message.id) == TIMEOUT_SECS


async def test_extensions_go_ten_a_call() -> None:
    """A batch of SQS holds ten entries."""
    subject = Subject()
    await subject.receive(23)
    subject.clock.advance(50)
    await subject.heartbeat.beat()

    assert subject.sqs.entries(EXTEND) == [10, 10, 3]


async def test_heart_beats_by_itself() -> None:
    """A message that takes long is never shown to another consumer."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    hidden = []
    async with anyio.create_task_group() as tg:
        tg.start_soon(subject.heartbeat.run)
        for _ in range(40):
            await settle()
            subject.clock.advance(TIMEOUT_SECS / 8)
            hidden.append(subject.sqs.hidden_secs(flight.message.id))
        tg.cancel_scope.cancel()

    assert min(hidden) >= TIMEOUT_SECS / 4
    assert 6 <= subject.sqs.count(EXTEND) <= 10


async def test_failed_call_is_made_again_at_the_next_beat() -> None:
    """One failure costs nothing: the timeout has half its time left."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    subject.clock.advance(50)
    subject.sqs.failures[EXTEND] = [error("InternalError", 500)]
    await subject.heartbeat.beat()
    first = subject.sqs.hidden_secs(flight.message.id)
    await subject.heartbeat.beat()

    assert (first, subject.sqs.hidden_secs(flight.message.id)) == (30, TIMEOUT_SECS)


async def test_failed_entry_is_made_again_at_the_next_beat() -> None:
    """The other entries of the batch were extended."""
    subject = Subject()
    first, second = await subject.receive(2)
    subject.clock.advance(50)
    subject.sqs.entry_failures[EXTEND] = [
        {"Code": "InternalError", "SenderFault": False}
    ]
    await subject.heartbeat.beat()
    hidden = [subject.sqs.hidden_secs(each.message.id) for each in (first, second)]
    await subject.heartbeat.beat()

    assert hidden == [30, TIMEOUT_SECS]
    assert subject.sqs.entries(EXTEND) == [2, 1]


async def test_lost_receipt_is_not_extended_any_more() -> None:
    """A message whose receipt is invalid is logged once and left alone."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    subject.clock.advance(TIMEOUT_SECS + 1)
    with capture_logs() as logs:
        await subject.heartbeat.beat()
        await subject.heartbeat.beat()

    assert flight.is_lost
    assert subject.sqs.count(EXTEND) == 1
    assert any(each.get("message_id") == flight.message.id for each in logs)


async def test_receipt_renewed_meanwhile_is_not_lost() -> None:
    """An answer about the old receipt says nothing of the new one."""
    subject = Subject()
    (flight,) = await subject.receive(1)
    subject.clock.advance(TIMEOUT_SECS + 1)

    async def renew() -> None:
        flight.receipt_handle = "newer"

    subject.sqs.meanwhile[EXTEND] = renew
    await subject.heartbeat.beat()

    assert not flight.is_lost


async def test_nothing_is_hidden_for_more_than_twelve_hours() -> None:
    """The last extension is cut to what SQS grants; then the message is given up."""
    subject = Subject(timeout_secs=8000)
    (flight,) = await subject.receive(1)
    async with anyio.create_task_group() as tg:
        tg.start_soon(subject.heartbeat.run)
        for _ in range(44):
            await settle()
            subject.clock.advance(1000)
        await settle()
        tg.cancel_scope.cancel()

    requested = [
        call.request["Entries"][0]["VisibilityTimeout"]
        for call in subject.sqs.calls
        if call.operation == EXTEND
    ]
    assert requested == [8000] * 8 + [7199, 3199]
    assert flight.is_lost
