"""relay.source.polling: asks for what fits, for ever."""

from collections.abc import Iterable

import anyio
from structlog.testing import capture_logs

from relay.model import Message
from relay.source.flights import Flights
from relay.source.polling import Polling
from relay.source.queue import Queue
from relay.telemetry import Telemetry
from tests.source.fake_sqs import QUEUE_URL, FakeSqs, error
from tests.support.clock import EagerClock


class Subject:
    """A poller of a fake queue, with room for ``limit`` messages."""

    def __init__(self, limit: int = 100) -> None:
        self.clock = EagerClock()
        self.sqs = FakeSqs(self.clock)
        self.telemetry = Telemetry()
        self.flights = Flights(limit, telemetry=self.telemetry, clock=self.clock)
        self.polling = Polling(
            Queue(self.sqs, QUEUE_URL, clock=self.clock),
            self.flights,
            visibility_timeout_secs=300,
            telemetry=self.telemetry,
            clock=self.clock,
            seen=self,
        )
        self.seen: list[tuple[list[str], float, bool]] = []
        self.open: list[float] = []

    def opened(self, at: float) -> None:
        """Note that a poll is open."""
        self.open.append(at)

    def closed(self, at: float) -> None:
        """Note that it is not any more."""
        self.open.remove(at)

    def received(
        self, messages: Iterable[Message], *, began_at: float, is_full: bool
    ) -> None:
        """Note what the poller tells of a receive."""
        self.seen.append(([each.body for each in messages], began_at, is_full))

    def value(self, series: str, **labels: str) -> float | None:
        """Return what ``series`` shows."""
        return self.telemetry.registry.get_sample_value(series, labels)

    def asked(self) -> list[object]:
        """Return how many messages each receive asked for."""
        return [
            call.request["MaxNumberOfMessages"]
            for call in self.sqs.calls
            if call.operation == "receive_message"
        ]


async def test_received_messages_are_in_flight_and_counted() -> None:
    """One receive takes up to ten; the age of the oldest is shown."""
    subject = Subject()
    subject.sqs.send("old")
    subject.clock.advance(40)
    subject.sqs.send("new")
    polled = await subject.polling.next_flights()

    assert [each.message.body for each in polled.flights] == ["old", "new"]
    assert polled.brought == 2
    assert len(subject.flights) == 2
    assert subject.value("relay_messages_received_total") == 2
    assert subject.value("relay_queue_age_seconds") == 40


async def test_message_is_hidden_for_the_configured_timeout() -> None:
    """The queue's own visibility timeout does not matter."""
    subject = Subject()
    (id_,) = subject.sqs.send("a")
    await subject.polling.next_flights()

    assert subject.sqs.hidden_secs(id_) == 300


async def test_no_more_is_asked_for_than_fits() -> None:
    """With room for four, four are asked for, then as many as are free again."""
    subject = Subject(limit=4)
    subject.sqs.send(*"abcdefg")
    polled = await subject.polling.next_flights()
    subject.flights.land(polled.flights[0])
    await subject.polling.next_flights()

    assert subject.asked() == [4, 1]
    assert len(subject.flights) == 4


async def test_empty_poll_brings_nothing_and_keeps_no_slot() -> None:
    """The age is 0 when the queue was empty."""
    subject = Subject(limit=10)
    polled = await subject.polling.next_flights()
    with anyio.fail_after(1):
        slots = await subject.flights.take_slots(10)

    assert (polled.brought, polled.flights, slots) == (0, [], 10)
    assert subject.value("relay_queue_age_seconds") == 0


async def test_message_in_flight_is_brought_but_not_to_be_handled_again() -> None:
    """It counts as an answer of the queue, which was not empty."""
    subject = Subject()
    (id_,) = subject.sqs.send("a")
    await subject.polling.next_flights()
    subject.sqs.show(id_)
    polled = await subject.polling.next_flights()

    assert (polled.brought, polled.flights) == (1, [])


async def test_failing_receive_is_tried_until_it_succeeds() -> None:
    """Whatever the reason: the queue or the permission may come later."""
    subject = Subject()
    subject.sqs.send("a")
    subject.sqs.failures["receive_message"] = [
        error("AWS.SimpleQueueService.NonExistentQueue"),
        error("AccessDenied", 403),
        error("InternalError", 500),
    ]
    with capture_logs() as logs:
        polled = await subject.polling.next_flights()

    assert polled.brought == 1
    assert len(subject.clock.slept) == 3
    assert [each["log_level"] for each in logs] == ["error", "error", "warning", "info"]
    for reason in ("not_found", "access_denied", "unavailable"):
        assert subject.value("relay_source_errors_total", reason=reason) == 1


async def test_each_receive_is_told_before_it_is_handled() -> None:
    """When it began, what is new, and whether there may be more."""
    subject = Subject(limit=2)
    start = subject.clock.now()
    for body in ("a", "b"):
        subject.sqs.send(body)
    await subject.polling.next_flights()
    for flight in subject.flights:
        subject.flights.land(flight)
    await subject.polling.next_flights()

    assert subject.seen == [(["a", "b"], start, True), ([], start, False)]
    assert subject.open == []
