"""relay.set_aside: what cannot be processed is kept before its message is deleted."""

from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from relay.errors import Reason, RejectedError, StateError, TransientError
from relay.faults import Failure
from relay.model import Delivery, DeliveryKind
from relay.set_aside import SetAside
from relay.source.outcome import Done, Leave, Retry
from tests.support.bench import Bench, message, root_login, working
from tests.support.fake_quarantine import FakeQuarantine
from tests.support.world import BUCKET, log_key, record


def failed(
    reason: Reason, kind: type[TransientError] | type[RejectedError] = RejectedError
) -> Failure:
    """Return the failure of an object that nothing is known of."""
    delivery = Delivery(bucket=BUCKET, key=log_key("x"), kind=DeliveryKind.CLOUDTRAIL)
    return Failure(delivery=delivery, error=kind("x", reason=reason))


def balance(bench: Bench) -> tuple[float, float]:
    """Return both sides of this process's ledger."""
    return (
        bench.metric("relay_records_received_total"),
        bench.metric("relay_records_total"),
    )


# --- when -----------------------------------------------------------------------------


async def test_message_is_kept_when_it_came_often_enough(tmp_path: Path) -> None:
    """Until then it is left in the queue; then the quarantine has it: it is done."""
    quarantine = FakeQuarantine(max_receives=3)
    async with working(tmp_path, quarantine=quarantine) as bench:
        key = log_key("gone")
        early = [await bench.deliver(key, receive_count=n) for n in (1, 2)]
        kept_early = len(quarantine.kept)
        last = await bench.deliver(key, receive_count=3)

    assert early == [Leave(reason=Reason.NO_SUCH_KEY)] * 2
    assert kept_early == 0
    assert last == Done()
    assert quarantine.keys == [[key]]
    assert quarantine.kept[0].is_whole
    assert bench.metric("relay_messages_quarantined_total", reason="no_such_key") == 1
    assert bench.metric("relay_objects_quarantined_total", reason="no_such_key") == 1


async def test_unreadable_message_is_kept_as_well(tmp_path: Path) -> None:
    """It names no object: its body is all that there is."""
    quarantine = FakeQuarantine()
    async with working(tmp_path, quarantine=quarantine) as bench:
        outcome = await bench.pipeline.process(message("{", receive_count=2))

    assert outcome == Done()
    (kept,) = quarantine.kept
    assert kept.message.body == "{"
    assert [each.delivery for each in kept.failures] == [None]
    assert bench.metric("relay_messages_quarantined_total", reason="not_json") == 1
    assert bench.metric("relay_objects_quarantined_total") == 0


@pytest.mark.parametrize(
    ("failure", "is_kept"),
    [
        (failed(Reason.TRUNCATED), True),
        (failed(Reason.KMS, TransientError), True),
        (failed(Reason.ACCESS_DENIED, TransientError), True),
        (failed(Reason.CREDENTIALS, TransientError), True),
        (failed(Reason.THROTTLED, TransientError), False),
        (failed(Reason.UNAVAILABLE, TransientError), False),
        (failed(Reason.TIMEOUT, TransientError), False),
        (failed(Reason.NETWORK, TransientError), False),
        (failed(Reason.INTERNAL, TransientError), False),
    ],
    ids=lambda value: value.error.reason if isinstance(value, Failure) else "",
)
async def test_only_what_a_person_must_repair_is_kept(
    tmp_path: Path, failure: Failure, is_kept: bool
) -> None:
    """An outage passes, and takes no message with it, however long it lasts."""
    quarantine = FakeQuarantine()
    async with working(tmp_path) as bench:
        set_aside = SetAside(quarantine, bench.shared)
        outcome = await set_aside.outcome(
            message("x", receive_count=99), [failure], is_whole=True
        )

    assert outcome == (Done() if is_kept else Retry(reason=failure.error.reason))
    assert len(quarantine.kept) == is_kept


async def test_message_with_hope_is_not_kept(tmp_path: Path) -> None:
    """One object is broken, another throttled: it comes again for the latter."""
    quarantine = FakeQuarantine()
    async with working(tmp_path, quarantine=quarantine) as bench:
        slow = bench.put("slow", record("1"))
        bench.writer.faults = [TransientError("slow", reason=Reason.THROTTLED)]
        first = await bench.deliver(log_key("gone"), slow, receive_count=2)
        second = await bench.deliver(log_key("gone"), slow, receive_count=3)

    assert first == Retry(reason=Reason.THROTTLED)
    assert second == Done()
    assert quarantine.keys == [[log_key("gone")]]
    assert bench.writer.ids == ["1"]


# --- a quarantine that fails ----------------------------------------------------------


async def test_message_stays_in_the_queue_when_it_is_not_kept(tmp_path: Path) -> None:
    """Each attempt is counted; the cause is told once, and again after a success."""
    denied = TransientError("send to q: AccessDenied", reason=Reason.ACCESS_DENIED)
    quarantine = FakeQuarantine(faults=[denied, denied])
    async with working(tmp_path, quarantine=quarantine) as bench:
        with capture_logs() as logged:
            outcomes = [
                await bench.deliver(log_key("gone"), receive_count=n) for n in (2, 3, 4)
            ]
            quarantine.faults = [denied]
            await bench.deliver(log_key("lost"), receive_count=2)

    assert outcomes == [Retry(reason=Reason.ACCESS_DENIED)] * 2 + [Done()]
    assert bench.metric("relay_quarantine_errors_total", reason="access_denied") == 3
    events = [line["event"] for line in logged if line["log_level"] == "error"]
    assert events == [
        "object set aside, its message stays in the queue",
        "message could not be quarantined, it stays in the queue",
        "message quarantined",
        "object set aside, its message stays in the queue",
        "message could not be quarantined, it stays in the queue",
    ]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (
            TransientError("x", reason=Reason.THROTTLED, retry_after_secs=7.0),
            Retry(reason=Reason.THROTTLED, after_secs=7.0),
        ),
        (
            RejectedError("no such queue", reason=Reason.NOT_FOUND),
            Retry(reason=Reason.NOT_FOUND),
        ),
    ],
    ids=["throttled", "missing"],
)
async def test_message_comes_again_whatever_is_wrong_with_the_quarantine(
    tmp_path: Path, fault: TransientError | RejectedError, outcome: Retry
) -> None:
    """A person can make a missing queue: that the message is retried is right."""
    quarantine = FakeQuarantine(faults=[fault])
    async with working(tmp_path, quarantine=quarantine) as bench:
        found = await bench.deliver(log_key("gone"), receive_count=2)

    assert found == outcome


# --- the ledger -----------------------------------------------------------------------


async def test_unseen_records_are_not_in_the_ledger(tmp_path: Path) -> None:
    """Nobody knows how many there were: the object is counted, no record is."""
    async with working(tmp_path, quarantine=FakeQuarantine()) as bench:
        await bench.deliver(log_key("gone"), receive_count=2)
        ledger = await bench.ledger()

    assert ledger == {}
    assert bench.metric("relay_objects_quarantined_total") == 1


async def counted_only(bench: Bench, key: str) -> None:
    """Count an object whose log events are never acknowledged, as a crash leaves it."""
    bench.writer.faults = [TransientError("stopped", reason=Reason.INTERNAL)]
    await bench.deliver(key)


async def test_counted_records_are_quarantined_in_the_ledger(tmp_path: Path) -> None:
    """They were received, and end in a line of their own: it balances, durably."""
    async with working(tmp_path, quarantine=FakeQuarantine()) as bench:
        key = bench.put("a", record("1"), root_login("2"))
        await counted_only(bench, key)
        del bench.bucket.objects[key]
        outcome = await bench.deliver(key, receive_count=2)
        ledger = await bench.ledger()
        marks = await bench.store.marks([(BUCKET, key)])

    assert outcome == Done()
    assert ledger == {"received": 2, "quarantined no_such_key": 2}
    assert balance(bench) == (2, 2)
    assert [(mark.relayed, mark.records) for mark in marks[BUCKET, key]] == [(False, 0)]


async def test_quarantined_records_that_come_back_are_received_again(
    tmp_path: Path,
) -> None:
    """Replayed, they are relayed; for alarms they were counted before."""
    async with working(tmp_path, quarantine=FakeQuarantine()) as bench:
        key = bench.put("a", record("1"), root_login("2"))
        await counted_only(bench, key)
        body = bench.bucket.objects.pop(key)
        await bench.deliver(key, receive_count=2)
        bench.bucket.objects[key] = body
        outcome = await bench.deliver(key)
        ledger = await bench.ledger()
        relayed = await bench.relayed(key)

    assert outcome == Done()
    assert bench.writer.ids == ["1", "2"]
    assert len(bench.outbox.entries) == 1
    assert ledger == {"received": 4, "quarantined no_such_key": 2, "relayed": 2}
    assert balance(bench) == (4, 4)
    assert relayed == [True]


async def test_records_are_quarantined_once(tmp_path: Path) -> None:
    """Replayed in vain, the same records are not counted a second time."""
    async with working(tmp_path, quarantine=FakeQuarantine()) as bench:
        key = bench.put("a", record("1"))
        await counted_only(bench, key)
        del bench.bucket.objects[key]
        for _ in range(2):
            await bench.deliver(key, receive_count=2)
        ledger = await bench.ledger()

    assert ledger == {"received": 1, "quarantined no_such_key": 1}


async def test_empty_object_that_was_left_half_done_is_finished(tmp_path: Path) -> None:
    """Its mark holds no records because it has none, not because it was set aside."""
    async with working(tmp_path) as bench:
        key = bench.put("a")
        await counted_only(bench, key)
        outcome = await bench.deliver(key)
        ledger = await bench.ledger()

    assert outcome == Done()
    assert ledger == {"received": 0}


async def test_object_that_another_message_relays_is_not_quarantined(
    tmp_path: Path,
) -> None:
    """The ledger waits for whoever has the object, and then finds it relayed."""
    quarantine = FakeQuarantine()
    async with working(tmp_path, quarantine=quarantine) as bench:
        key = bench.put("a", record("1"))
        bench.writer.gate = anyio.Event()
        error = RejectedError("gone", reason=Reason.NO_SUCH_KEY)
        delivery = Delivery(bucket=BUCKET, key=key, kind=DeliveryKind.CLOUDTRAIL)
        set_aside = SetAside(quarantine, bench.shared)

        async def give_up() -> None:
            failure = Failure(delivery=delivery, error=error)
            await set_aside.outcome(
                message("x", receive_count=9), [failure], is_whole=True
            )

        async with anyio.create_task_group() as tg:
            tg.start_soon(bench.deliver, key)
            with anyio.fail_after(10):
                while await bench.relayed(key) != [False]:
                    await anyio.lowlevel.checkpoint()
                tg.start_soon(give_up)
                while not quarantine.kept:
                    await anyio.lowlevel.checkpoint()
            bench.writer.gate.set()
        ledger = await bench.ledger()

    assert ledger == {"received": 1, "relayed": 1}


async def test_message_is_not_done_before_the_ledger_says_so(tmp_path: Path) -> None:
    """A store that fails ends the daemon; the message comes again."""
    quarantine = FakeQuarantine()
    async with working(tmp_path, quarantine=quarantine) as bench:
        key = bench.put("a", record("1"))
        await counted_only(bench, key)
        del bench.bucket.objects[key]
        accounting = bench.shared.accounting

        async def commit(_commit: object) -> None:
            raise StateError("state file x: disk is full")

        accounting.commit = commit  # type: ignore[method-assign,assignment]  # a store that broke
        with pytest.raises(StateError, match="disk is full"):
            await bench.deliver(key, receive_count=2)

    assert quarantine.keys == [[key]]
