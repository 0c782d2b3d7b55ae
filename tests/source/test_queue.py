"""relay.source.queue, over the emulator and the fake: so the fake cannot lie."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
from _pytest.fixtures import FixtureRequest

from relay.aws.clients import open_clients
from relay.clock import Clock, SystemClock
from relay.config.aws_section import Aws
from relay.errors import Reason, RejectedError, TransientError
from relay.source.queue import Queue, SqsClient, Visibility
from tests.source.fake_sqs import QUEUE_URL, FakeSqs
from tests.source.fake_sqs import error as sqs_error
from tests.support.clock import EagerClock, FakeClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A queue with messages ``a`` and ``b`` in it."""

    queue: Queue
    client: SqsClient
    url: str
    clock: Clock


@asynccontextmanager
async def moto_subject(endpoint_url: str) -> AsyncIterator[Subject]:
    """Give a queue of the emulator."""
    async with AsyncExitStack() as stack:
        aws = Aws(region="eu-west-1", endpoint_url=endpoint_url)
        sqs = (await open_clients(stack, aws, queue_url=QUEUE_URL)).sqs
        url = (await sqs.create_queue(QueueName="relay"))["QueueUrl"]
        for body in ("a", "b"):
            await sqs.send_message(QueueUrl=url, MessageBody=body)
        clock = SystemClock()
        yield Subject(
            queue=Queue(sqs, url, clock=clock), client=sqs, url=url, clock=clock
        )


@asynccontextmanager
async def fake_subject() -> AsyncIterator[Subject]:
    """Give a queue of the fake."""
    clock = FakeClock()
    sqs = FakeSqs(clock)
    sqs.send("a", "b")
    yield Subject(
        queue=Queue(sqs, QUEUE_URL, clock=clock), client=sqs, url=QUEUE_URL, clock=clock
    )


@asynccontextmanager
async def subject_of(request: FixtureRequest) -> AsyncIterator[Subject]:
    """Give the subject that the test's ``kind`` names."""
    if request.node.callspec.params["kind"] == "fake":
        async with fake_subject() as subject:
            yield subject
    else:
        async with moto_subject(request.getfixturevalue("moto")) as subject:
            yield subject


both = pytest.mark.parametrize("kind", ["fake", "moto"])


@both
async def test_messages_come_with_their_attributes(
    kind: str, request: FixtureRequest
) -> None:
    """Body, receipt, sending time and receive count are read."""
    async with subject_of(request) as subject:
        before = subject.clock.now()
        messages = await subject.queue.receive(
            max_messages=10, visibility_timeout_secs=30
        )

    assert sorted(each.body for each in messages) == ["a", "b"]
    assert [each.receive_count for each in messages] == [1, 1]
    assert len({each.receipt_handle for each in messages} - {""}) == 2
    for each in messages:
        assert before - 10 < each.sent_at <= each.received_at + 0.001


@both
async def test_no_more_than_asked_for_are_received(
    kind: str, request: FixtureRequest
) -> None:
    """``max_messages`` is kept."""
    async with subject_of(request) as subject:
        messages = await subject.queue.receive(
            max_messages=1, visibility_timeout_secs=30
        )

    assert len(messages) == 1


@both
async def test_deleted_messages_are_gone(kind: str, request: FixtureRequest) -> None:
    """A delete without failures empties the queue."""
    async with subject_of(request) as subject:
        messages = await subject.queue.receive(
            max_messages=10, visibility_timeout_secs=30
        )
        failures = await subject.queue.delete(
            [each.receipt_handle for each in messages]
        )
        depth = await subject.queue.depth()

    assert failures == {}
    assert depth == {"visible": 0, "in_flight": 0, "delayed": 0}


@both
async def test_visibility_zero_shows_a_message_again(
    kind: str, request: FixtureRequest
) -> None:
    """The next receive has it, counted once more, under a new receipt."""
    async with subject_of(request) as subject:
        first, other = await subject.queue.receive(
            max_messages=10, visibility_timeout_secs=30
        )
        hidden = await subject.queue.depth()
        failures = await subject.queue.change_visibility(
            [
                Visibility(receipt_handle=first.receipt_handle, secs=0),
                Visibility(receipt_handle=other.receipt_handle, secs=60),
            ]
        )
        (again,) = await subject.queue.receive(
            max_messages=10, visibility_timeout_secs=30
        )

    assert hidden == {"visible": 0, "in_flight": 2, "delayed": 0}
    assert failures == {}
    assert (again.id, again.receive_count) == (first.id, 2)
    assert again.receipt_handle != first.receipt_handle


@both
async def test_invalid_receipt_fails_alone(kind: str, request: FixtureRequest) -> None:
    """The failure is of that entry, by its index; the others are carried out."""
    async with subject_of(request) as subject:
        messages = await subject.queue.receive(
            max_messages=10, visibility_timeout_secs=30
        )
        failures = await subject.queue.change_visibility(
            [
                Visibility(receipt_handle="nonsense", secs=0),
                *(
                    Visibility(receipt_handle=each.receipt_handle, secs=0)
                    for each in messages
                ),
            ]
        )
        depth = await subject.queue.depth()

    assert {index: error.reason for index, error in failures.items()} == {
        0: Reason.RECEIPT_INVALID
    }
    assert depth["visible"] == 2


async def test_missing_queue_is_named(moto: str) -> None:
    """A call of a queue that is not there says which."""
    async with moto_subject(moto) as subject:
        queue = Queue(subject.client, subject.url + "-gone", clock=SystemClock())
        with pytest.raises(RejectedError, match="relay-gone") as caught:
            await queue.receive(max_messages=1, visibility_timeout_secs=30)

    assert caught.value.reason is Reason.NOT_FOUND


async def test_long_poll_without_a_message_is_empty() -> None:
    """After 20 s SQS answers without messages."""
    clock = EagerClock()
    queue = Queue(FakeSqs(clock), QUEUE_URL, clock=clock)
    messages = await queue.receive(max_messages=10, visibility_timeout_secs=30)

    assert messages == []
    assert clock.slept == [20]


async def test_old_receipt_deletes_nothing() -> None:
    """SQS accepts the delete and keeps the message that was received again."""
    async with fake_subject() as subject:
        first, _ = await subject.queue.receive(
            max_messages=10, visibility_timeout_secs=0
        )
        await subject.queue.receive(max_messages=10, visibility_timeout_secs=0)
        failures = await subject.queue.delete([first.receipt_handle])
        depth = await subject.queue.depth()

    assert failures == {}
    assert depth["visible"] == 2


async def test_failed_entries_are_transient_or_rejected() -> None:
    """Of an entry that failed SQS says whether the sender is at fault."""
    clock = FakeClock()
    sqs = FakeSqs(clock)
    sqs.entry_failures["delete_message_batch"] = [
        {"Code": "InternalError", "SenderFault": False},
        {"Code": "InvalidParameterValue", "SenderFault": True, "Message": "expired"},
    ]
    failures = await Queue(sqs, QUEUE_URL, clock=clock).delete(["x", "y"])

    assert isinstance(failures[0], TransientError)
    assert isinstance(failures[1], RejectedError)
    assert "InvalidParameterValue: expired" in str(failures[1])


async def test_failed_call_is_translated() -> None:
    """The SDK's error does not come through."""
    clock = FakeClock()
    sqs = FakeSqs(clock)
    sqs.failures["get_queue_attributes"] = [sqs_error("AccessDenied", 403)]
    with pytest.raises(TransientError, match="read the depth of") as caught:
        await Queue(sqs, QUEUE_URL, clock=clock).depth()

    assert caught.value.reason is Reason.ACCESS_DENIED


async def test_message_without_attributes_was_sent_now() -> None:
    """An emulator that leaves attributes out does no harm."""
    clock = FakeClock()
    sqs = FakeSqs(clock, has_attributes=False)
    sqs.send("a")
    (message,) = await Queue(sqs, QUEUE_URL, clock=clock).receive(
        max_messages=1, visibility_timeout_secs=30
    )

    assert (message.sent_at, message.receive_count) == (clock.now(), 1)
