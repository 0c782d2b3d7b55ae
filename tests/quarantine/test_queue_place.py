"""relay.quarantine.queue_place: a queue is looked through and left as it was."""

import json
from typing import cast

import pytest

from relay.clock import SystemClock
from relay.errors import Reason, RejectedError, TransientError
from relay.quarantine.item import decode_item
from relay.quarantine.queue_place import QueuePlace, SqsClient, send
from tests.quarantine.account import made_account
from tests.quarantine.examples import item
from tests.quarantine.flaky import Flaky
from tests.support.clock import FakeClock


async def test_item_is_a_message_that_a_person_can_read(moto: str) -> None:
    """JSON, and nothing but it."""
    async with made_account(moto) as account:
        place = QueuePlace(account.sqs, account.quarantine_url, clock=SystemClock())
        await place.put(item())
        (body,) = await account.take(account.quarantine_url)

    assert json.loads(body)["message_id"] == "m-1"
    assert decode_item(body) == item()


async def test_queue_says_itself_how_much_it_takes(moto: str) -> None:
    """One that was made before 2025 takes 256 KiB; it is asked once."""
    async with made_account(moto) as account:
        sqs = Flaky(account.sqs)
        place = QueuePlace(
            cast(SqsClient, sqs), account.quarantine_url, clock=SystemClock()
        )
        sizes = [await place.max_item_bytes() for _ in range(2)]

    assert sizes == [262_144, 262_144]
    assert sqs.calls["get_queue_attributes"] == 1


async def test_dead_letter_is_an_item_without_a_reason(moto: str) -> None:
    """Its id is the message's own, its body what is sent again."""
    async with made_account(moto) as account:
        id_ = await account.send(account.dead_letter_url, "as it was")
        place = QueuePlace(account.sqs, account.dead_letter_url, clock=SystemClock())
        (held,) = [held async for held in place.items([id_])]

    assert (held.item.id, held.item.message_id) == (id_, id_)
    assert held.item.to_send() == "as it was"
    assert (held.item.reason, held.item.objects) == (None, ())
    assert held.item.receive_count == 1
    assert held.item.sent_at.startswith("20")


async def test_messages_are_hidden_while_they_are_looked_at(moto: str) -> None:
    """Then they are there for everybody again, at once."""
    async with made_account(moto) as account:
        for n in range(12):
            await account.send(account.dead_letter_url, f"b-{n}")
        place = QueuePlace(account.sqs, account.dead_letter_url, clock=SystemClock())
        found = [held async for held in place.items(None)]
        during = await account.depth(account.dead_letter_url)
        await place.give_back()
        after = await account.depth(account.dead_letter_url)

    assert len(found) == 12
    assert (during, after) == ((0, 12), (12, 0))


async def test_giving_back_in_vain_is_no_fault(moto: str) -> None:
    """They come back by themselves after a minute."""
    async with made_account(moto) as account:
        await account.send(account.dead_letter_url, "b")
        sqs = Flaky(account.sqs)
        sqs.failures["change_message_visibility_batch"] = ["AccessDenied"]
        place = QueuePlace(
            cast(SqsClient, sqs), account.dead_letter_url, clock=SystemClock()
        )
        found = [held async for held in place.items(None)]
        await place.give_back()

    assert len(found) == 1
    assert sqs.calls["change_message_visibility_batch"] == 1


class Repeating:
    """SQS without attributes that shows the same message again and again."""

    def __init__(self) -> None:
        self.receives = 0

    async def receive_message(self, **_: object) -> object:
        """Return the one message, with another receipt every time."""
        self.receives += 1
        handle = f"r-{self.receives}"
        message = {"MessageId": "m", "ReceiptHandle": handle, "Body": "b"}
        return {"Messages": [message]}


async def test_message_that_comes_again_meanwhile_ends_the_search() -> None:
    """Its minute was over before the queue's end was reached: nothing new comes."""
    sqs = Repeating()
    place = QueuePlace(cast(SqsClient, sqs), "http://q/1/q", clock=FakeClock(now=60.0))
    found = [held async for held in place.items(None)]

    assert [held.item.sent_at for held in found] == ["1970-01-01T00:01:00Z"]
    assert sqs.receives == 2


async def test_missing_queue_is_told(moto: str) -> None:
    """With its URL; the daemon retries the message until there is one."""
    async with made_account(moto) as account:
        url = account.quarantine_url + "-not"
        place = QueuePlace(account.sqs, url, clock=SystemClock())
        with pytest.raises(RejectedError, match="quarantine-not") as raised:
            await place.put(item())

    assert raised.value.reason is Reason.NOT_FOUND


async def test_denied_queue_is_told(moto: str) -> None:
    """Once, without another try."""
    async with made_account(moto) as account:
        sqs = Flaky(account.sqs)
        sqs.failures["send_message"] = ["AccessDenied"] * 2
        place = QueuePlace(
            cast(SqsClient, sqs), account.quarantine_url, clock=SystemClock()
        )
        with pytest.raises(TransientError) as raised:
            await place.put(item())

    assert raised.value.reason is Reason.ACCESS_DENIED
    assert sqs.calls["send_message"] == 1


class Recording:
    """SQS that keeps what it is asked."""

    def __init__(self) -> None:
        self.requests: list[dict[str, object]] = []

    async def send_message(self, **request: object) -> None:
        """Keep the request."""
        self.requests.append(request)


async def test_fifo_queue_is_given_group_and_id() -> None:
    """No item waits for another one; one that is sent twice arrives once."""
    sqs = Recording()
    for url in ("http://q/1/plain", "http://q/1/q.fifo"):
        await send(cast(SqsClient, sqs), url, "body", id="m-1")

    assert sqs.requests == [
        {"QueueUrl": "http://q/1/plain", "MessageBody": "body"},
        {
            "QueueUrl": "http://q/1/q.fifo",
            "MessageBody": "body",
            "MessageGroupId": "m-1",
            "MessageDeduplicationId": "m-1",
        },
    ]
