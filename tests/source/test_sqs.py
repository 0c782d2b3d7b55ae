"""relay.source.sqs: every message is handled and settled."""

from contextlib import AsyncExitStack

import anyio
import pytest
from structlog.testing import capture_logs

from relay.aws.clients import open_clients
from relay.clock import SystemClock
from relay.config.aws_section import Aws
from relay.config.source_section import Source
from relay.errors import Reason, StateError
from relay.model import Message
from relay.source.outcome import Done, Leave, Outcome, Retry
from relay.source.sqs import SqsSource
from relay.telemetry import Telemetry
from tests.source.fake_sqs import QUEUE_URL, error
from tests.source.running_source import Gate, Subject
from tests.source.waiting import settle, until


async def test_message_is_deleted_when_it_is_done() -> None:
    """The way of every message: received, handled, deleted."""
    subject = Subject()
    subject.sqs.send("a", "b", "c")
    handled: list[str] = []

    async def handle(message: Message) -> Outcome:
        handled.append(message.body)
        return Done()

    async with subject.running(handle):
        await subject.until(lambda: not subject.sqs.messages)

    assert sorted(handled) == ["a", "b", "c"]
    assert subject.value("relay_messages_received_total") == 3
    assert subject.value("relay_messages_deleted_total") == 3
    assert subject.source.in_flight == 0


async def test_messages_are_handled_side_by_side() -> None:
    """A slow message holds no other one up."""
    subject = Subject()
    subject.sqs.send("slow", *("x" for _ in range(30)))
    gate = Gate()

    async def handle(message: Message) -> Outcome:
        return await gate(message) if message.body == "slow" else Done()

    async with subject.running(handle):
        await subject.until(lambda: len(subject.sqs.messages) == 1)
        gate.opened.set()

    assert subject.sqs.messages == {}


async def test_no_more_messages_are_in_flight_than_allowed() -> None:
    """Receiving waits while the limit is reached and goes on when it is not."""
    subject = Subject(max_messages=5)
    subject.sqs.send(*(str(number) for number in range(12)))
    gate = Gate()
    async with subject.running(gate):
        await until(lambda: len(gate.held) == 5)
        await settle()
        held = (len(gate.held), subject.source.in_flight)
        subject.clock.advance(3)
        age = subject.source.oldest_in_flight_secs
        gate.opened.set()
        await subject.until(lambda: not subject.sqs.messages)

    assert held == (5, 5)
    assert age == 3
    assert len(gate.held) == 12


async def test_outcomes_are_carried_out() -> None:
    """RETRY hides the message for its back-off, LEAVE for the visibility timeout."""
    subject = Subject()
    retry, leave = subject.sqs.send("retry", "leave")

    async def handle(message: Message) -> Outcome:
        if message.body == "retry":
            return Retry(reason=Reason.THROTTLED, after_secs=500)
        return Leave(reason=Reason.NOT_JSON)

    async with subject.running(handle):
        await subject.until(
            lambda: (
                subject.value("relay_messages_received_total") == 2
                and subject.source.in_flight == 0
            )
        )

    assert subject.sqs.hidden_secs(retry) == pytest.approx(500, abs=1)
    assert subject.sqs.hidden_secs(leave) == pytest.approx(80, abs=1)


async def test_message_that_fails_its_handler_is_left_alone() -> None:
    """A bug costs one message its turn, nothing else; it is logged and counted."""
    subject = Subject()
    (bad,) = subject.sqs.send("bad")
    subject.sqs.send("good")

    async def handle(message: Message) -> Outcome:
        if message.body == "bad":
            raise ValueError("bug")
        return Done()

    with capture_logs() as logs:
        async with subject.running(handle):
            await subject.until(lambda: list(subject.sqs.messages) == [bad])
            await subject.until(lambda: subject.source.in_flight == 0)

    assert subject.value("relay_messages_retained_total", reason="internal") == 1
    assert [each["event"] for each in logs] == ["message handler failed"]
    assert logs[0]["message_id"] == bad


async def test_broken_state_store_ends_the_run() -> None:
    """Nothing is acknowledged any more; what was received is visible again."""
    subject = Subject()
    first, second = subject.sqs.send("broken", "other")
    gate = Gate()

    async def handle(message: Message) -> Outcome:
        if message.body == "broken":
            await until(lambda: len(gate.held) == 1)
            raise StateError("disk is full")
        return await gate(message)

    with pytest.raises(ExceptionGroup) as caught:
        await subject.source.run(handle)

    assert caught.group_contains(StateError, match="disk is full")
    assert gate.cancelled == 1
    assert [subject.sqs.hidden_secs(each) for each in (first, second)] == [0, 0]


async def test_long_handler_keeps_its_message_hidden() -> None:
    """The heartbeat runs beside the handlers."""
    subject = Subject()
    (id_,) = subject.sqs.send("a")
    gate = Gate()
    async with subject.running(gate):
        await until(lambda: gate.held == ["a"])
        for _ in range(20):
            subject.clock.advance(10)
            await settle()
        hidden_secs = subject.sqs.hidden_secs(id_)
        gate.opened.set()
        await subject.until(lambda: not subject.sqs.messages)

    assert hidden_secs >= 20
    assert gate.held == ["a"]


async def test_message_delivered_again_meanwhile_is_handled_once() -> None:
    """SQS's duplicate of a message in flight neither runs twice nor survives."""
    subject = Subject()
    (id_,) = subject.sqs.send("a")
    gate = Gate()
    async with subject.running(gate):
        await until(lambda: gate.held == ["a"])
        subject.sqs.show(id_)
        await until(lambda: subject.sqs.messages[id_].receive_count == 2)
        gate.opened.set()
        await subject.until(lambda: not subject.sqs.messages)

    assert gate.held == ["a"]


async def test_message_that_comes_after_its_delete_is_handled_again() -> None:
    """SQS may deliver it once more; knowing what is done is not the source's part."""
    subject = Subject()
    (id_,) = subject.sqs.send("a")
    gate = Gate()
    gate.opened.set()
    async with subject.running(gate):
        ghost = subject.sqs.messages[id_]
        await subject.until(lambda: not subject.sqs.messages)
        subject.sqs.messages[id_] = ghost
        subject.sqs.show(id_)
        await subject.until(lambda: not subject.sqs.messages)

    assert gate.held == ["a", "a"]


async def test_message_whose_receipt_ran_out_is_finished_all_the_same() -> None:
    """Its heartbeat stops; its handler does not, and what it did is settled."""
    subject = Subject()
    subject.sqs.send("a")
    gate = Gate()
    subject.sqs.failures["change_message_visibility_batch"] = [
        error("InternalError", 500)
    ] * 100
    async with subject.running(gate):
        await until(lambda: gate.held == ["a"])
        subject.sqs.meanwhile["receive_message"] = anyio.sleep_forever
        for _ in range(12):
            subject.clock.advance(10)
            await settle()
        extensions = subject.sqs.count("change_message_visibility_batch")
        subject.sqs.failures.clear()
        subject.clock.advance(10)
        await settle()
        subject.clock.advance(40)
        await settle()
        after = subject.sqs.count("change_message_visibility_batch")
        gate.opened.set()
        await subject.until(lambda: subject.source.in_flight == 0)

    assert extensions >= 5
    assert after == extensions + 1
    assert gate.cancelled == 0


async def test_depth_is_shown_every_thirty_seconds() -> None:
    """The queue's own counts, and a failure to read them does no harm."""
    subject = Subject()
    subject.sqs.failures["get_queue_attributes"] = [error("AccessDenied", 403)]
    gate = Gate()
    async with subject.running(gate):
        subject.sqs.send("a")
        await until(lambda: gate.held == ["a"])
        before = subject.value("relay_queue_messages", state="in_flight")
        subject.clock.advance(30)
        await subject.until(
            lambda: subject.value("relay_queue_messages", state="in_flight") == 1
        )
        gate.opened.set()

    assert before == 0
    assert subject.value("relay_source_errors_total", reason="access_denied") == 1


async def test_backlog_that_the_queue_tells_of_opens_polls() -> None:
    """With messages waiting and room for them, more than one poll asks."""
    subject = Subject(max_messages=1000)
    subject.sqs.send(*(str(number) for number in range(500)))
    gate = Gate()
    subject.sqs.meanwhile["receive_message"] = anyio.sleep_forever
    async with subject.running(gate):
        await until(lambda: subject.value("relay_queue_polls") == 8)

    assert subject.value("relay_queue_polls") == 0


async def test_progress_is_a_receive_or_a_message_handled() -> None:
    """A source that cannot receive makes none, and its health can tell."""
    subject = Subject()
    start = subject.clock.monotonic()
    subject.sqs.failures["receive_message"] = [error("AccessDenied", 403)] * 4
    async with subject.running():
        await settle()
        subject.clock.advance(0.25)
        await settle()
        failing = subject.source.last_progress
        for _ in range(8):
            subject.clock.advance(30)
            await settle()
        working = subject.source.last_progress

    assert failing == start
    assert working > start + 30


async def test_source_works_against_the_emulator(moto: str) -> None:
    """Real calls over HTTP: messages are handled, deleted, and a stop is quick."""
    handled: list[str] = []
    async with AsyncExitStack() as stack:
        aws = Aws(region="eu-west-1", endpoint_url=moto)
        sqs = (await open_clients(stack, aws, queue_url=QUEUE_URL)).sqs
        url = (await sqs.create_queue(QueueName="relay"))["QueueUrl"]
        for number in range(12):
            await sqs.send_message(QueueUrl=url, MessageBody=str(number))
        telemetry = Telemetry()
        source = SqsSource(
            sqs,
            Source(queue_url=url, buckets=("org-trail-logs",)),
            telemetry=telemetry,
            clock=SystemClock(),
        )
        all_handled = anyio.Event()

        async def handle(message: Message) -> Outcome:
            handled.append(message.body)
            if len(handled) == 12:
                all_handled.set()
            return Done()

        with anyio.fail_after(10):
            async with anyio.create_task_group() as tg:
                await tg.start(source.run, handle)
                await all_handled.wait()
                await source.stop()
        attributes = await sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["All"]
        )

    assert sorted(handled, key=int) == [str(number) for number in range(12)]
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "0"
    assert attributes["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"
