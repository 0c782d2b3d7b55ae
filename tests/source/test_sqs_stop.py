"""relay.source.sqs: however the run ends, no message stays hidden that need not."""

import anyio
import pytest
from structlog.testing import capture_logs

from relay.source.queue import LONG_POLL_SECS
from relay.source.sqs import LAST_POLLS_SECS
from tests.source.running_source import Gate, Subject
from tests.source.waiting import settle, until


async def test_stop_waits_for_what_is_under_way() -> None:
    """A drain receives nothing new, lets handlers end and deletes what they did."""
    subject = Subject()
    subject.sqs.send("a")
    gate = Gate()
    async with anyio.create_task_group() as tg:
        await tg.start(subject.source.run, gate)
        await until(lambda: gate.held == ["a"])
        tg.start_soon(subject.source.stop)
        await settle()
        (late,) = subject.sqs.send("late")
        await settle()
        gate.opened.set()

    assert list(subject.sqs.messages) == [late]
    assert subject.sqs.messages[late].receive_count == 0
    assert gate.held == ["a"]
    assert gate.cancelled == 0


async def test_drain_that_takes_too_long_hands_back() -> None:
    """After ``drain_timeout`` handlers are cancelled and their messages shown again."""
    subject = Subject(drain_timeout=20)
    ids = subject.sqs.send(*(str(number) for number in range(12)))
    gate = Gate()
    async with anyio.create_task_group() as tg:
        await tg.start(subject.source.run, gate)
        await until(lambda: len(gate.held) == 12)
        tg.start_soon(subject.source.stop)
        await settle()
        subject.clock.advance(19)
        await settle()
        before = gate.cancelled
        subject.clock.advance(1)

    assert (before, gate.cancelled) == (0, 12)
    assert {subject.sqs.hidden_secs(each) for each in ids} == {0}
    assert subject.value("relay_messages_handed_back_total") == 12
    assert subject.source.in_flight == 0


async def test_cancelled_run_hands_back_at_once() -> None:
    """Whoever cancels the run does not leave messages hidden either."""
    subject = Subject()
    (id_,) = subject.sqs.send("a")
    gate = Gate()
    async with anyio.create_task_group() as tg:
        await tg.start(subject.source.run, gate)
        await until(lambda: gate.held == ["a"])
        tg.cancel_scope.cancel()

    assert gate.cancelled == 1
    assert subject.sqs.hidden_secs(id_) == 0


async def test_stop_does_not_wait_for_a_queue_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Handing back has a time limit; it is said what stays hidden."""
    monkeypatch.setattr("relay.source.sqs.HAND_BACK_TIMEOUT_SECS", 0.01)
    subject = Subject()
    subject.sqs.send("a")
    subject.sqs.meanwhile["change_message_visibility_batch"] = anyio.sleep_forever
    gate = Gate()
    with capture_logs() as logs:
        async with anyio.create_task_group() as tg:
            await tg.start(subject.source.run, gate)
            await until(lambda: gate.held == ["a"])
            tg.cancel_scope.cancel()

    assert [each["event"] for each in logs] == [
        "messages come again only after the visibility timeout"
    ]


async def test_retiring_source_sees_its_polls_to_their_end() -> None:
    """What an open long poll brings is handled; then no other poll is begun."""
    subject = Subject()
    gate = Gate()
    gate.opened.set()
    async with anyio.create_task_group() as tg:
        await tg.start(subject.source.run, gate)
        await settle()
        tg.start_soon(subject.source.retire)
        await settle()
        subject.sqs.send("on an open poll")
        await until(lambda: gate.held == ["on an open poll"])
        subject.clock.advance(LONG_POLL_SECS)

    assert subject.sqs.messages == {}
    assert subject.source.in_flight == 0


async def test_retiring_source_waits_no_longer_than_a_poll() -> None:
    """A queue that does not answer does not keep it; ``stop`` ends it at once."""
    subject = Subject()
    subject.sqs.meanwhile["receive_message"] = anyio.sleep_forever
    gate = Gate()
    async with anyio.create_task_group() as tg:
        await tg.start(subject.source.run, gate)
        await settle()
        tg.start_soon(subject.source.retire)
        await settle()
        subject.clock.advance(LAST_POLLS_SECS)
    hurried = Subject()
    hurried.sqs.meanwhile["receive_message"] = anyio.sleep_forever
    with anyio.fail_after(2):
        async with anyio.create_task_group() as tg:
            await tg.start(hurried.source.run, gate)
            tg.start_soon(hurried.source.retire)
            await settle()
            await hurried.source.stop()

    assert gate.held == []


async def test_source_that_was_never_run_is_stopped_at_once() -> None:
    """And it receives nothing when it is run after all."""
    subject = Subject()
    (id_,) = subject.sqs.send("a")
    gate = Gate()
    with anyio.fail_after(2):
        await subject.source.stop()
        await subject.source.run(gate)

    assert gate.held == []
    assert subject.sqs.messages[id_].receive_count == 0
