"""relay.pipeline: every record ends somewhere, and the outcome of a message says it."""

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from relay.config.source_section import Limits
from relay.errors import Reason, StateError, TransientError
from relay.model import Destination, RejectedBy
from relay.pipeline import FAULTS_TOLD, INLINE_BYTES
from relay.source.outcome import Done, Leave, Outcome, Retry
from tests.support.bench import message, notice, root_login, working
from tests.support.fake_bucket import LAST_MODIFIED
from tests.support.fake_quarantine import FakeQuarantine
from tests.support.world import (
    ACCOUNT,
    BUCKET,
    GROUP,
    REGION,
    log_file,
    log_key,
    record,
    s3_event,
)

# --- one object -----------------------------------------------------------------------


async def test_announced_object_goes_all_the_way(tmp_path: Path) -> None:
    """Its records are log events, its match an alarm, its message done."""
    async with working(tmp_path) as bench:
        key = bench.put("a", record("1"), root_login("2"))
        outcome = await bench.deliver(key)
        ledger = await bench.ledger()
        relayed = await bench.relayed(key)

    assert outcome == Done()
    assert bench.writer.ids == ["1", "2"]
    assert [entry.notification.alarm for entry in bench.outbox.entries] == [
        "root-login"
    ]
    assert ledger == {"received": 2, "relayed": 2}
    assert relayed == [True]
    assert bench.metric("relay_records_received_total") == 2
    assert bench.metric("relay_records_total", outcome="relayed") == 2


async def test_a_record_that_no_log_event_holds_is_shrunk(tmp_path: Path) -> None:
    """It is relayed as valid JSON of 1 MiB at most, which names the object that has the
    whole of it; the rules saw all of it."""
    large = root_login("1") | {"requestParameters": {"policy": "x" * 1_100_000}}
    async with working(tmp_path) as bench:
        key = bench.put("a", large, record("2"))
        await bench.deliver(key)
        ledger = await bench.ledger()
        shrunk, untouched = (event for _, event in bench.writer.events)

    found = json.loads(shrunk.message)
    assert shrunk.size_bytes == len(shrunk.text) <= 1_048_550
    note = found["relayShrunk"]
    assert (note["bucket"], note["key"]) == (BUCKET, key)
    assert note["omitted"] == ["$.requestParameters.policy"]
    assert json.loads(untouched.message) == record("2")
    assert ledger == {"received": 2, "relayed": 2}
    assert len(bench.outbox.entries) == 1
    assert bench.metric("relay_log_events_shrunk_total") == 1


async def test_log_events_are_the_records_as_delivered(tmp_path: Path) -> None:
    """Group and stream as configured, and the object's own time by default."""
    async with working(tmp_path) as bench:
        await bench.deliver(bench.put("a", record("1")))
        ((destination, event),) = bench.writer.events

    assert destination == Destination(
        group=GROUP, stream=f"{ACCOUNT}_CloudTrail_{REGION}"
    )
    assert event.timestamp_ms == LAST_MODIFIED.timestamp() * 1000
    assert json.loads(event.message) == record("1")


async def test_every_stage_is_timed_and_measured(tmp_path: Path) -> None:
    """CloudTrail's delay and relay's own are told apart."""
    async with working(tmp_path) as bench:
        await bench.deliver(
            bench.put(
                "a",
                record("1", eventTime="2026-11-24T12:00:00Z"),
                record("2", eventTime="2026-11-24T12:04:00Z"),
                record("3", eventTime="2026-11-24T12:01:00Z"),
            )
        )

        def delay(stage: str) -> tuple[float, float]:
            name = "relay_delay_seconds"
            return (
                bench.metric(f"{name}_count", stage=stage),
                bench.metric(f"{name}_sum", stage=stage),
            )

        delays = {
            stage: delay(stage)
            for stage in ("event_to_object", "object_to_message", "message_to_received")
        }

    assert delays == {
        "event_to_object": (2, 300.0 + 60.0),
        "object_to_message": (1, 8.0),
        "message_to_received": (1, 1.0),
    }
    for stage in ("received_to_decoded", "received_to_decided", "received_to_logged"):
        assert delay(stage)[0] == 1
    assert bench.metric("relay_objects_total", kind="events") == 1
    assert bench.metric("relay_deliveries_total", kind="cloudtrail") == 1
    assert bench.metric("relay_decompressed_bytes_total") > 0


async def test_object_without_times_is_relayed(tmp_path: Path) -> None:
    """No record, or one without eventTime: no delay of events to show."""
    async with working(tmp_path) as bench:
        outcome = await bench.deliver(bench.put("a"), bench.put("b", {"eventID": "1"}))
        shown = bench.metric("relay_delay_seconds_count", stage="event_to_object")

    assert outcome == Done()
    assert bench.writer.ids == ["1"]
    assert shown == 0


async def test_alarm_does_not_wait_for_cloudwatch_logs(tmp_path: Path) -> None:
    """While no log event is taken, the notification is out and durable already."""
    async with working(tmp_path) as bench:
        bench.writer.gate = anyio.Event()
        key = bench.put("a", root_login("1"))
        async with anyio.create_task_group() as tg:
            tg.start_soon(bench.deliver, key)
            with anyio.fail_after(10):
                while not bench.outbox.entries:
                    await anyio.lowlevel.checkpoint()
            relayed = await bench.relayed(key)
            bench.writer.gate.set()

    assert relayed == [False]
    assert bench.writer.ids == ["1"]


async def test_dropped_and_rejected_records_are_in_the_ledger(tmp_path: Path) -> None:
    """By a route, or by CloudWatch Logs with its reason: every record has a line."""
    async with working(tmp_path) as bench:
        bench.writer.refuses = {"3": RejectedBy.TOO_LARGE, "4": RejectedBy.TOO_OLD}
        outcome = await bench.deliver(
            bench.put(
                "a",
                record("1"),
                record("2", userAgent="health-checker/2"),
                *[record(event_id) for event_id in "345"],
            )
        )
        ledger = await bench.ledger()

    assert outcome == Done()
    assert bench.writer.ids == ["1", "5"]
    assert ledger == {
        "received": 5,
        "relayed": 2,
        "dropped": 1,
        "rejected too_large": 1,
        "rejected too_old": 1,
    }
    assert bench.metric("relay_records_total") == 5


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (
            f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/2026/11/24/x.json.gz",
            "digest",
        ),
        (f"AWSLogs/{ACCOUNT}/CloudTrail/", "marker"),
    ],
)
async def test_object_without_records_is_not_read(
    tmp_path: Path, key: str, kind: str
) -> None:
    """Digests and markers are known by their key, counted, and done."""
    async with working(tmp_path) as bench:
        outcome = await bench.deliver(key)
        ledger = await bench.ledger()

    assert outcome == Done()
    assert bench.bucket.reads == []
    assert bench.metric("relay_objects_total", kind=kind) == 1
    assert ledger == {}


# --- twice, changed, half done --------------------------------------------------------


async def test_object_that_is_announced_again_is_a_duplicate(tmp_path: Path) -> None:
    """It is not even read: S3 says that it is the same."""
    async with working(tmp_path) as bench:
        key = bench.put("a", record("1"), root_login("2"))
        await bench.deliver(key)
        outcome = await bench.deliver(key)
        ledger = await bench.ledger()

    assert outcome == Done()
    assert bench.bucket.reads == [key]
    assert bench.writer.ids == ["1", "2"]
    assert ledger == {"received": 4, "relayed": 2, "duplicate": 2}
    assert bench.metric("relay_objects_duplicate_total") == 1
    assert bench.metric("relay_records_received_total") == bench.metric(
        "relay_records_total"
    )


async def test_overwritten_object_is_another_one(tmp_path: Path) -> None:
    """A new etag is relayed; the events that were in the old one count once."""
    async with working(tmp_path) as bench:
        key = bench.put("a", root_login("1"))
        await bench.deliver(key)
        bench.put("a", root_login("1"), record("2"))
        outcome = await bench.deliver(key)
        ledger = await bench.ledger()
        relayed = await bench.relayed(key)

    assert outcome == Done()
    assert bench.writer.ids == ["1", "1", "2"]
    assert ledger == {"received": 3, "relayed": 3, "repeated": 1}
    assert relayed == [True, True]
    assert bench.metric("relay_filter_repeats_total") == 1
    assert len(bench.outbox.entries) == 1


async def test_older_version_that_is_back_is_a_duplicate(tmp_path: Path) -> None:
    """With several known etags the object is read, and known by its etag then."""
    async with working(tmp_path) as bench:
        key = bench.put("a", record("1"))
        await bench.deliver(key)
        bench.put("a", record("2"))
        await bench.deliver(key)
        bench.put("a", record("1"))
        outcome = await bench.deliver(key)
        ledger = await bench.ledger()

    assert outcome == Done()
    assert bench.bucket.reads == [key] * 3
    assert bench.writer.ids == ["1", "2"]
    assert ledger == {"received": 3, "relayed": 2, "duplicate": 1}


async def test_counted_object_is_relayed_without_being_counted_again(
    tmp_path: Path,
) -> None:
    """After a crash between the branches the log events follow; the alarm is not."""
    async with working(tmp_path) as bench:
        bench.writer.gate = anyio.Event()
        key = bench.put("a", root_login("1"), record("2"))
        async with anyio.create_task_group() as tg:
            tg.start_soon(bench.deliver, key)
            with anyio.fail_after(10):
                while await bench.relayed(key) != [False]:
                    await anyio.lowlevel.checkpoint()
            tg.cancel_scope.cancel()
    async with working(tmp_path) as bench:
        bench.bucket.objects[key] = log_file([root_login("1"), record("2")])
        outcome = await bench.deliver(key, receive_count=2)
        ledger = await bench.ledger()

    assert outcome == Done()
    assert bench.writer.ids == ["1", "2"]
    assert bench.outbox.entries == []
    assert bench.metric("relay_filter_repeats_total") == 0
    assert ledger == {"received": 2, "relayed": 2}
    assert bench.metric("relay_records_received_total") == 2


async def test_object_that_comes_again_in_one_process_is_received_once(
    tmp_path: Path,
) -> None:
    """As after a reload whose drain timed out: both ledgers balance in the end."""
    async with working(tmp_path) as bench:
        key = bench.put("a", record("1"), record("2"))
        bench.writer.faults = [
            TransientError("the log writer is not running", reason=Reason.INTERNAL)
        ]
        first = await bench.deliver(key)
        second = await bench.deliver(key, receive_count=2)
        ledger = await bench.ledger()

    assert (first, second) == (Retry(reason=Reason.INTERNAL), Done())
    assert ledger == {"received": 2, "relayed": 2}
    assert bench.metric("relay_records_total") == 2
    assert bench.metric("relay_records_received_total") == 2


async def test_object_in_two_messages_at_once_is_relayed_once(tmp_path: Path) -> None:
    """The second waits for the first, and is a duplicate then."""
    async with working(tmp_path) as bench:
        bench.writer.gate = anyio.Event()
        key = bench.put("a", root_login("1"), record("2"))
        outcomes: list[Outcome] = []

        async def deliver(message_id: str) -> None:
            outcomes.append(
                await bench.pipeline.process(
                    message(notice(key), message_id=message_id)
                )
            )

        async with anyio.create_task_group() as tg:
            tg.start_soon(deliver, "m-1")
            tg.start_soon(deliver, "m-2")
            with anyio.fail_after(10):
                while await bench.relayed(key) != [False]:
                    await anyio.lowlevel.checkpoint()
            bench.writer.gate.set()
        ledger = await bench.ledger()

    assert outcomes == [Done(), Done()]
    assert bench.writer.ids == ["1", "2"]
    assert len(bench.outbox.entries) == 1
    assert ledger == {"received": 4, "relayed": 2, "duplicate": 2}
    assert len(bench.shared.locks) == 0


# --- what goes wrong ------------------------------------------------------------------


async def test_one_bad_object_hurts_no_other(tmp_path: Path) -> None:
    """Of three objects one is broken: two are relayed, the message is left."""
    async with working(tmp_path) as bench:
        keys = [bench.put(name, record(name)) for name in "abc"]
        bench.bucket.objects[keys[1]] = bench.bucket.objects[keys[1]][:-10]
        with capture_logs() as logged:
            outcome = await bench.deliver(*keys)
        ledger = await bench.ledger()

    assert outcome == Leave(reason=Reason.TRUNCATED)
    assert sorted(bench.writer.ids) == ["a", "c"]
    assert ledger == {"received": 2, "relayed": 2}
    assert bench.metric("relay_object_errors_total", reason="truncated") == 1
    (told,) = [line for line in logged if line["log_level"] == "error"]
    assert f"s3://{BUCKET}/{keys[1]}" in told["error"]


async def test_message_with_hope_comes_again(tmp_path: Path) -> None:
    """One object gone for good, one forbidden for now: the message is retried.

    What was done by then is not done again.
    """
    async with working(tmp_path) as bench:
        forbidden, good = bench.put("f", record("f")), bench.put("g", record("g"))
        bench.bucket.faults[forbidden] = [("AccessDenied", 403)]
        first = await bench.deliver(forbidden, log_key("gone"), good)
        second = await bench.deliver(forbidden, good, receive_count=2)
        ledger = await bench.ledger()

    assert first == Retry(reason=Reason.ACCESS_DENIED)
    assert second == Done()
    assert sorted(bench.writer.ids) == ["f", "g"]
    assert ledger == {"received": 3, "relayed": 2, "duplicate": 1}


async def test_the_longest_wish_is_heeded(tmp_path: Path) -> None:
    """Several failures of one message: it comes again when all may succeed."""
    async with working(tmp_path) as bench:
        keys = [bench.put(name, record(name)) for name in "abc"]
        bench.writer.faults = [
            TransientError("x", reason=Reason.UNAVAILABLE, retry_after_secs=wish)
            for wish in (5.0, None, 60.0)
        ]
        outcome = await bench.deliver(*keys)

    assert outcome == Retry(reason=Reason.UNAVAILABLE, after_secs=60.0)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (notice(log_key("a"), bucket="elses"), Reason.FOREIGN_BUCKET),
        (notice("holiday/photo.jpg"), Reason.NOT_A_LOG_FILE),
        (json.dumps(s3_event([log_key("gone")], BUCKET)), Reason.NO_SUCH_KEY),
    ],
)
async def test_object_that_cannot_be_read_is_left(
    tmp_path: Path, body: str, reason: Reason
) -> None:
    """Another bucket, another kind of file, not there: counted, never deleted."""
    async with working(tmp_path) as bench:
        outcome = await bench.pipeline.process(message(body))

    assert outcome == Leave(reason=reason)
    assert bench.metric("relay_object_errors_total", reason=reason) == 1
    assert bench.bucket.reads == []


async def test_message_that_says_nothing_is_left(tmp_path: Path) -> None:
    """Not JSON: it waits for the dead-letter queue."""
    async with working(tmp_path) as bench:
        outcome = await bench.pipeline.process(message("{"))

    assert outcome == Leave(reason=Reason.NOT_JSON)


async def test_thousands_of_bad_keys_are_told_by_a_few_examples(tmp_path: Path) -> None:
    """All are counted; the log has ten of them and how many there are."""
    keys = [f"junk/{number}" for number in range(100)]
    async with working(tmp_path) as bench:
        with capture_logs() as logged:
            outcome = await bench.deliver(*keys)

    errors = [line for line in logged if line["log_level"] == "error"]
    assert outcome == Leave(reason=Reason.NOT_A_LOG_FILE)
    assert bench.metric("relay_object_errors_total", reason="not_a_log_file") == 100
    assert len(errors) == FAULTS_TOLD + 1
    assert errors[-1]["failures"] == 100


async def test_state_error_passes_through_as_itself(tmp_path: Path) -> None:
    """The source stops on it: nothing may be acknowledged without a state store."""

    async def marks(bucket: str, key: str) -> Sequence[object]:
        raise StateError("state file x: disk is full")

    async with working(tmp_path) as bench:
        bench.shared.accounting.marks = marks  # type: ignore[method-assign,assignment]  # a store that broke
        keys = [bench.put(name, record(name)) for name in "abc"]
        with pytest.raises(StateError, match="disk is full"):
            await bench.deliver(*keys)

    assert bench.writer.ids == []


async def test_bug_in_a_branch_is_not_hidden(tmp_path: Path) -> None:
    """What is no error of relay's own comes out; the source leaves the message."""
    async with working(tmp_path) as bench:
        bench.writer.faults = [ValueError("a bug")]
        with pytest.raises(ExceptionGroup) as raised:
            await bench.deliver(bench.put("a", record("1")))

    assert raised.group_contains(ValueError, match="a bug")


async def test_message_that_comes_again_is_read_only_as_far_as_it_must(
    tmp_path: Path,
) -> None:
    """Of fifty keys one was broken: the second delivery is one GetObject, no more."""
    async with working(tmp_path) as bench:
        keys = [bench.put(f"k-{n}", record(f"r-{n}")) for n in range(50)]
        whole = bench.bucket.objects[keys[7]]
        bench.bucket.objects[keys[7]] = whole[:-10]
        first = await bench.deliver(*keys)
        before = len(bench.bucket.requests)
        second = await bench.deliver(*keys, receive_count=2)
        again = bench.bucket.requests[before:]
        bench.bucket.objects[keys[7]] = whole
        third = await bench.deliver(*keys, receive_count=3)
        ledger = await bench.ledger()

    assert (first, second) == (Leave(reason=Reason.TRUNCATED),) * 2
    assert before == 50
    assert again == [keys[7]]
    assert third == Done()
    assert sorted(bench.writer.ids) == sorted(f"r-{n}" for n in range(50))
    assert ledger == {"received": 50, "relayed": 50}
    assert len(bench.shared.remaining) == 0


async def test_after_a_restart_marks_tell_what_is_done(tmp_path: Path) -> None:
    """The memory is gone; S3 is asked for each, and sends only the broken one."""
    async with working(tmp_path) as bench:
        keys = [bench.put(name, record(name)) for name in "abc"]
        bench.bucket.objects[keys[1]] = bench.bucket.objects[keys[1]][:-10]
        await bench.deliver(*keys)
    async with working(tmp_path) as bench:
        for name, key in zip("abc", keys, strict=True):
            assert bench.put(name, record(name)) == key
        outcome = await bench.deliver(*keys, receive_count=2)
        ledger = await bench.ledger()

    assert outcome == Done()
    assert sorted(bench.bucket.requests) == keys
    assert bench.bucket.reads == [keys[1]]
    assert ledger == {"received": 5, "relayed": 3, "duplicate": 2}


async def test_broken_key_of_many_is_quarantined_alone(tmp_path: Path) -> None:
    """The others are relayed and are not in it; the message is done."""
    quarantine = FakeQuarantine(max_receives=2)
    async with working(tmp_path, quarantine=quarantine) as bench:
        keys = [bench.put(f"k-{n}", record(f"r-{n}")) for n in range(50)]
        bench.bucket.objects[keys[7]] = b"not gzip, not JSON"
        outcomes = [await bench.deliver(*keys, receive_count=n) for n in (1, 2)]

    assert outcomes == [Leave(reason=Reason.BAD_JSON), Done()]
    assert quarantine.keys == [[keys[7]]]
    assert not quarantine.kept[0].is_whole
    assert len(bench.shared.remaining) == 0


async def test_hostile_keys_leave_a_bounded_memory(tmp_path: Path) -> None:
    """Ten thousand bad keys, as many as a message holds: 10 000 numbers are kept."""
    keys = [f"junk/{number}" for number in range(10_000)]
    async with working(tmp_path) as bench:
        for _ in range(2):
            await bench.deliver(*keys)
        held = len(bench.shared.remaining)

    assert held == 10_000


async def test_message_that_is_too_old_is_left(tmp_path: Path) -> None:
    """Nothing of it is read; as all that is not processed it can be quarantined."""
    quarantine = FakeQuarantine(max_receives=2)
    async with working(tmp_path, quarantine=quarantine, max_age_secs=0.5) as bench:
        key = bench.put("a", record("1"))
        first = await bench.deliver(key)
        second = await bench.deliver(key, receive_count=2)

    assert (first, second) == (Leave(reason=Reason.TOO_OLD), Done())
    assert bench.bucket.requests == []
    assert quarantine.kept[0].message.body == notice(key)


# --- messages without objects ---------------------------------------------------------


async def test_message_without_objects_is_done(tmp_path: Path) -> None:
    """S3's test event: understood, counted, deleted."""
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})
    async with working(tmp_path) as bench:
        with capture_logs() as logged:
            outcome = await bench.pipeline.process(message(body))

    assert outcome == Done()
    assert bench.metric("relay_messages_ignored_total", kind="s3_test") == 1
    assert [line for line in logged if line["log_level"] != "debug"] == []


async def test_subscription_that_waits_is_told_to_the_operator(tmp_path: Path) -> None:
    """relay confirms nothing by itself: the log has the address to open."""
    body = json.dumps(
        {
            "Type": "SubscriptionConfirmation",
            "TopicArn": "arn:aws:sns:eu-west-1:999988887777:theirs",
            "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Confirm",
        }
    )
    async with working(tmp_path) as bench:
        with capture_logs() as logged:
            outcome = await bench.pipeline.process(message(body))

    (told,) = [line for line in logged if line["log_level"] == "warning"]
    assert outcome == Done()
    assert told["subscribe_url"].startswith("https://sns.eu-west-1.amazonaws.com/")
    assert told["topic_arn"] == "arn:aws:sns:eu-west-1:999988887777:theirs"


# --- sizes ----------------------------------------------------------------------------


def big_file(*event_ids: str) -> bytes:
    """Return a log file that is too big for the event loop, and deflates badly."""
    padding = random.Random(1).randbytes(INLINE_BYTES).hex()  # noqa: S311 - padding
    return log_file([record(event_id, padding=padding) for event_id in event_ids])


async def test_big_object_is_decoded_in_a_thread(tmp_path: Path) -> None:
    """While the thread is taken a big object waits, and small ones go on."""
    async with working(tmp_path) as bench:
        big, small = log_key("big"), bench.put("small", record("2"))
        bench.bucket.objects[big] = big_file("1")
        other = object()
        await bench.shared.decoders.acquire_on_behalf_of(other)
        async with anyio.create_task_group() as tg:
            tg.start_soon(bench.deliver, big)
            with anyio.fail_after(10):
                while not bench.shared.decoders.statistics().tasks_waiting:
                    await anyio.lowlevel.checkpoint()
            await bench.deliver(small)
            meanwhile = list(bench.writer.ids)
            bench.shared.decoders.release_on_behalf_of(other)

    assert meanwhile == ["2"]
    assert bench.writer.ids == ["2", "1"]


async def test_object_that_understates_its_size_is_decoded_in_a_thread(
    tmp_path: Path,
) -> None:
    """It cannot make the event loop wait: the thread's turn is its turn."""
    text = json.dumps({"Records": [record("1", padding="x" * 20 * 2**20)]})
    async with working(tmp_path) as bench:
        key = log_key("liar")
        bench.bucket.objects[key] = gzip.compress(text.encode()) + gzip.compress(b"")
        other = object()
        await bench.shared.decoders.acquire_on_behalf_of(other)
        with anyio.move_on_after(10):
            async with anyio.create_task_group() as tg:
                tg.start_soon(bench.deliver, key)
                while not (
                    bench.writer.events
                    or bench.shared.decoders.statistics().tasks_waiting
                ):
                    await anyio.lowlevel.checkpoint()
                early = list(bench.writer.ids)
                bench.shared.decoders.release_on_behalf_of(other)

    assert early == []
    assert bench.writer.ids == ["1"]


async def test_bytes_in_flight_are_held_and_given_back(tmp_path: Path) -> None:
    """While an object is under way its real size counts against the budget."""
    async with working(tmp_path) as bench:
        bench.writer.gate = anyio.Event()
        key = bench.put("a", record("1"))
        size_bytes = len(gzip.decompress(bench.bucket.objects[key]))
        async with anyio.create_task_group() as tg:
            tg.start_soon(bench.deliver, key)
            with anyio.fail_after(10):
                while await bench.relayed(key) != [False]:
                    await anyio.lowlevel.checkpoint()
            held = bench.shared.budget.used_bytes
            bench.writer.gate.set()

    assert held == size_bytes
    assert bench.shared.budget.used_bytes == 0


async def test_limits_of_one_object_hold(tmp_path: Path) -> None:
    """More records than allowed: set aside, nothing of it relayed or counted."""
    async with working(tmp_path) as bench:
        outcome = await bench.deliver(bench.put("a", *[{"eventID": "x"}] * 5_001))
        ledger = await bench.ledger()

    assert outcome == Leave(reason=Reason.TOO_MANY_RECORDS)
    assert bench.writer.ids == []
    assert ledger == {}


async def test_single_record_beyond_all_measure_is_set_aside(tmp_path: Path) -> None:
    """It is not decompressed to its end, and gives back what it held."""
    small = Limits(decompressed=2**20)
    async with working(tmp_path, limits=small) as bench:
        key = bench.put("a", record("1", padding="x" * 40 * 2**20))
        outcome = await bench.deliver(key)
        held = bench.shared.budget.used_bytes

    assert outcome == Leave(reason=Reason.DECOMPRESSED_TOO_LARGE)
    assert held == 0
    assert bench.metric("relay_decompressed_bytes_total") == 0
