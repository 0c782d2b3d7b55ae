"""Every entry ends as done or dead, once; one target holds up no other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from structlog.testing import capture_logs

from relay.backoff import Backoff
from relay.errors import Reason, RejectedError, StateError, TransientError
from relay.model import Bundle, OutboxEntry
from relay.notify.outbox import MAX_RETRY_AFTER_SECS, Outbox, Sender
from relay.notify.targets import Address
from relay.state.store import Commit
from relay.telemetry import Telemetry
from tests.notify.examples import AT, entry, notification
from tests.support.clock import EagerClock, FakeClock

HOOK = Address(receiver="security", target=entry().target)
TOPIC = Address(receiver="pager", target="sns:arn:aws:sns:eu-west-1:1:pager")


class RecordingSender:
    """Takes everything, after the faults it was given (None: success)."""

    def __init__(self, *faults: Exception | None) -> None:
        self.faults = list(faults)
        self.attempts: list[str] = []

    async def send(self, bundle: Bundle) -> str:
        """Raise the next fault, if there is one left."""
        self.attempts.append(bundle.id)
        await anyio.lowlevel.checkpoint()
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        return "taken"


class HangingSender:
    """Answers only when it is released."""

    def __init__(self) -> None:
        self.started = anyio.Event()
        self.released = anyio.Event()

    async def send(self, bundle: Bundle) -> str:
        """Wait."""
        self.started.set()
        await self.released.wait()
        return "taken"


class Bench:
    """An outbox and all that it touches."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or EagerClock(AT)
        self.telemetry = Telemetry()
        self.commits: list[Commit] = []
        self.outbox = Outbox(
            commit=self.commit,
            telemetry=self.telemetry,
            clock=self.clock,
            backoff=Backoff(base_secs=1.0, cap_secs=300.0),
        )

    async def commit(self, commit: Commit) -> None:
        """Keep ``commit``."""
        await anyio.lowlevel.checkpoint()
        self.commits.append(commit)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the outbox for the body of the with statement."""
        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:
                await tasks.start(self.outbox.run)
                yield
                tasks.cancel_scope.cancel()

    async def deliver(self, sender: Sender, *entries: OutboxEntry) -> None:
        """Run until ``entries`` are done or dead, by ``sender`` for both targets."""
        self.outbox.replace_senders({HOOK: sender, TOPIC: sender})
        self.outbox.add(entries)
        async with self.running():
            while self.outbox.pending:
                await self.outbox.wait_idle()
                await anyio.lowlevel.checkpoint()

    @property
    def done(self) -> list[str]:
        """Return the ids of done entries, in order."""
        return [each for commit in self.commits for each in commit.outbox_done]

    @property
    def dead(self) -> list[tuple[str, str]]:
        """Return the dead entries and why."""
        return [each for commit in self.commits for each in commit.outbox_dead]

    @property
    def attempts(self) -> list[OutboxEntry]:
        """Return the entries that were committed with a new attempt."""
        return [each for commit in self.commits for each in commit.outbox]

    def value(self, name: str, **labels: str) -> float | None:
        """Return one sample of the registry."""
        return self.telemetry.registry.get_sample_value(name, labels)

    def sent(self, outcome: str) -> float | None:
        """Return the counter of the webhook target."""
        return self.value(
            "relay_notifications_total",
            receiver="security",
            type="webhook",
            outcome=outcome,
        )


def transient(retry_after_secs: float | None = None) -> TransientError:
    """Return a passing fault."""
    return TransientError(
        "busy", reason=Reason.UNAVAILABLE, retry_after_secs=retry_after_secs
    )


async def test_what_is_sent_is_done_and_counted() -> None:
    """Once, with the delay since its message was received."""
    bench, sender = Bench(FakeClock(AT)), RecordingSender()

    await bench.deliver(sender, entry(notification=notification(received_at=AT - 0.2)))

    assert bench.done == ["entry-1"]
    assert (bench.sent("sent"), bench.sent("dead")) == (1.0, 0.0)
    assert bench.value("relay_outbox_pending") == 0.0
    delay = bench.value("relay_delay_seconds_sum", stage="received_to_notified")
    assert delay == pytest.approx(0.2)


async def test_what_time_alone_caused_has_no_delay() -> None:
    """Nothing was received, so nothing is measured."""
    bench = Bench()

    await bench.deliver(
        RecordingSender(), entry(notification=notification(received_at=None))
    )

    count = bench.value("relay_delay_seconds_count", stage="received_to_notified")
    assert count == 0.0


async def test_series_exist_before_the_first_notification() -> None:
    """For every configured target and outcome, at 0."""
    bench = Bench()

    bench.outbox.replace_senders({HOOK: RecordingSender()})

    assert (bench.sent("sent"), bench.sent("dead")) == (0.0, 0.0)


async def test_an_entry_that_is_added_again_is_sent_once() -> None:
    """While it is pending and after it is done: no duplicates in one process."""
    bench, sender = Bench(), RecordingSender()
    bench.outbox.add([entry()])

    await bench.deliver(sender, entry())
    await bench.deliver(sender, entry())

    assert sender.attempts == ["notification-1"]


async def test_only_so_many_done_entries_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Memory is bounded; the oldest ids are forgotten first."""
    monkeypatch.setattr("relay.notify.outbox.MAX_REMEMBERED", 2)
    bench, sender = Bench(), RecordingSender()
    await bench.deliver(sender, entry(1), entry(2), entry(3))

    await bench.deliver(sender, entry(3), entry(1))

    assert sender.attempts[3:] == ["notification-1"]


async def test_a_passing_fault_is_tried_again_and_remembered() -> None:
    """Each attempt is committed, so that a restart goes on from there."""
    bench, sender = Bench(), RecordingSender(transient(), transient())

    await bench.deliver(sender, entry())

    assert bench.done == ["entry-1"]
    assert [each.attempts for each in bench.attempts] == [1, 2]
    assert all(each.next_attempt_at >= AT for each in bench.attempts)
    errors = bench.value("relay_notification_errors_total", reason="unavailable")
    assert errors == 2.0


@pytest.mark.parametrize(
    ("wish_secs", "expected"), [(90.0, 90.0), (1e9, MAX_RETRY_AFTER_SECS)]
)
async def test_a_targets_wish_is_heeded(wish_secs: float, expected: float) -> None:
    """Retry-After is the least wait, up to an hour."""
    bench, sender = Bench(), RecordingSender(transient(wish_secs))

    await bench.deliver(sender, entry())

    assert bench.attempts[0].next_attempt_at == pytest.approx(AT + expected, abs=2)
    assert bench.clock.now() >= AT + expected


async def test_a_restored_entry_waits_for_its_time() -> None:
    """``next_attempt_at`` of the store holds over a restart."""
    bench = Bench()

    await bench.deliver(RecordingSender(), entry(attempts=3, next_attempt_at=AT + 50))

    assert bench.clock.now() >= AT + 50


async def test_the_first_failure_and_the_recovery_are_logged() -> None:
    """Not every attempt."""
    bench, sender = Bench(), RecordingSender(transient(), transient(), transient())

    with capture_logs() as logs:
        await bench.deliver(sender, entry())

    assert [(each["log_level"], each["event"]) for each in logs] == [
        ("warning", "sending failed, will retry"),
        ("info", "target accepts again"),
    ]
    assert logs[0]["error"] == "busy"


async def test_what_is_refused_is_dead_and_says_why() -> None:
    """It is logged for a person to act on, and the next entry goes out."""
    refusal = RejectedError("status 400", reason=Reason.REFUSED)
    bench, sender = Bench(), RecordingSender(refusal)

    with capture_logs() as logs:
        await bench.deliver(sender, entry(1), entry(2))

    assert bench.dead == [("entry-1", "status 400")]
    assert bench.done == ["entry-2"]
    assert (bench.sent("sent"), bench.sent("dead")) == (1.0, 1.0)
    assert bench.value("relay_notification_errors_total", reason="refused") == 1.0
    assert [each["log_level"] for each in logs] == ["error"]


async def test_a_bug_in_a_sender_loses_nothing() -> None:
    """It is logged with its trace, counted, and tried again like a passing fault."""
    bench, sender = Bench(), RecordingSender(KeyError("oops"))

    with capture_logs() as logs:
        await bench.deliver(sender, entry())

    assert bench.done == ["entry-1"]
    assert bench.value("relay_notification_errors_total", reason="internal") == 1.0
    assert logs[0]["event"] == "sender failed"


async def test_a_target_that_is_not_configured_makes_entries_dead() -> None:
    """A receiver was renamed or removed while the entry waited."""
    bench = Bench()

    await bench.deliver(RecordingSender(), entry(target="sns:gone"))

    assert bench.dead == [("entry-1", "its target is no longer configured")]


async def test_one_alarms_entries_stay_in_order_at_a_target() -> None:
    """A resolved notification never overtakes the one that fired."""
    bench, sender = Bench(), RecordingSender(transient(), transient())

    await bench.deliver(sender, entry(1), entry(2), entry(3))

    assert bench.done == ["entry-1", "entry-2", "entry-3"]


async def test_one_refused_again_and_again_does_not_hold_up_other_alarms() -> None:
    """Each alarm waits for itself; the target as a whole only a moment."""
    bench, sender = Bench(), RecordingSender(*[transient()] * 2)
    other = notification(id="other", alarm="other")

    await bench.deliver(sender, entry(1), entry(2, notification=other))

    assert sorted(bench.done) == ["entry-1", "entry-2"]
    assert sender.attempts[:2] == ["notification-1", "other"]


async def test_a_hanging_target_holds_up_no_other() -> None:
    """Each target has a lane of its own."""
    bench, hanging, sender = Bench(), HangingSender(), RecordingSender()
    bench.outbox.replace_senders({HOOK: hanging, TOPIC: sender})

    async with bench.running():
        bench.outbox.add([entry(1), entry(2, receiver="pager", target=TOPIC.target)])
        await hanging.started.wait()
        while not bench.done:
            await anyio.lowlevel.checkpoint()

        assert bench.done == ["entry-2"]
        hanging.released.set()
        await bench.outbox.wait_idle()
    assert bench.done == ["entry-2", "entry-1"]


async def test_a_reload_tries_at_once_what_waited() -> None:
    """A new configuration may have put right what was wrong."""
    bench = Bench(FakeClock(AT))
    bench.outbox.replace_senders({HOOK: RecordingSender(transient(60.0))})

    async with bench.running():
        bench.outbox.add([entry()])
        await bench.outbox.wait_idle()
        assert bench.done == []

        bench.outbox.replace_senders({HOOK: RecordingSender()})
        await bench.outbox.wait_idle()

    assert bench.done == ["entry-1"]
    assert bench.clock.now() == AT


async def test_a_reload_leaves_what_is_being_sent_alone() -> None:
    """It ends by the sender that it began with; what follows goes by the new one."""
    bench, hanging, sender = Bench(), HangingSender(), RecordingSender()
    bench.outbox.replace_senders({HOOK: hanging})

    async with bench.running():
        bench.outbox.add([entry(1), entry(2)])
        await hanging.started.wait()
        bench.outbox.replace_senders({HOOK: sender})
        hanging.released.set()
        await bench.outbox.wait_idle()

    assert bench.done == ["entry-1", "entry-2"]
    assert sender.attempts == ["notification-2"]


async def test_idle_means_nothing_is_due() -> None:
    """A stop need not wait for what waits for a retry: it is durable."""
    bench = Bench(FakeClock(AT))
    bench.outbox.replace_senders({HOOK: RecordingSender(transient(60.0))})

    async with bench.running():
        bench.outbox.add([entry()])
        await bench.outbox.wait_idle()

    assert bench.outbox.pending == 1
    assert [each.attempts for each in bench.attempts] == [1]


async def test_a_wait_ends_when_its_time_has_come() -> None:
    """Without anything new to send."""
    bench, sender = Bench(FakeClock(AT)), RecordingSender(transient(60.0))
    bench.outbox.replace_senders({HOOK: sender})

    async with bench.running():
        bench.outbox.add([entry()])
        await bench.outbox.wait_idle()
        bench.clock.advance(61.0)
        while not bench.done:
            await anyio.lowlevel.checkpoint()

    assert len(sender.attempts) == 2


async def test_what_was_sent_is_committed_even_when_stopped_meanwhile() -> None:
    """Else it would be sent again by the next process."""
    bench = Bench()
    committing, go_on = anyio.Event(), anyio.Event()
    keep = bench.commit

    async def slow_commit(commit: Commit) -> None:
        committing.set()
        await go_on.wait()
        await keep(commit)

    bench.outbox = Outbox(
        commit=slow_commit, telemetry=bench.telemetry, clock=bench.clock
    )
    bench.outbox.replace_senders({HOOK: RecordingSender()})
    bench.outbox.add([entry()])
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            await tasks.start(bench.outbox.run)
            await committing.wait()
            tasks.cancel_scope.cancel()
            go_on.set()

    assert bench.done == ["entry-1"]


async def test_a_stop_does_not_wait_for_a_commit_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What commits may have been stopped first; the next process sends it again."""
    monkeypatch.setattr("relay.notify.outbox.COMMIT_GRACE_SECS", 0.01)
    bench, committing = Bench(), anyio.Event()

    async def stuck(commit: Commit) -> None:
        committing.set()
        await anyio.sleep_forever()

    bench.outbox = Outbox(commit=stuck, telemetry=bench.telemetry, clock=bench.clock)
    bench.outbox.replace_senders({HOOK: RecordingSender()})
    bench.outbox.add([entry()])
    with capture_logs() as logs, anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            await tasks.start(bench.outbox.run)
            await committing.wait()
            tasks.cancel_scope.cancel()

    assert [each["event"] for each in logs] == [
        "commit not confirmed, may be sent again"
    ]


async def test_a_failed_commit_ends_the_run() -> None:
    """The store cannot be trusted: the daemon must stop."""
    bench = Bench()

    async def broken(commit: Commit) -> None:
        raise StateError("disk full")

    bench.outbox = Outbox(commit=broken, telemetry=bench.telemetry, clock=bench.clock)
    bench.outbox.replace_senders({HOOK: RecordingSender()})
    bench.outbox.add([entry()])

    with anyio.fail_after(5), pytest.raises(ExceptionGroup) as caught:
        await bench.outbox.run()

    assert caught.group_contains(StateError, match="disk full")
