"""relay.lost: what can never be relayed is told, and settled in the ledger."""

import json
from dataclasses import replace
from pathlib import Path

import anyio
from structlog.testing import capture_logs

from relay.accounting.balance import Balance, balances_of
from relay.errors import Reason, TransientError
from relay.lost import LEFT_BEHIND_SECS, settle_left_behind
from relay.source.outcome import Done, Retry
from relay.state.store import Commit
from tests.support.bench import NOW, Bench, message, working
from tests.support.world import BUCKET, log_key, record, s3_event

TOLD = "records were counted, but can not be relayed any more"
OUTAGE = TransientError("not now", reason=Reason.UNAVAILABLE)


async def balance(bench: Bench) -> Balance:
    """Return the one row of the ledger."""
    (row,) = balances_of(await bench.shared.accounting.statement())
    return row


async def counted_only(bench: Bench, name: str, *records: object) -> str:
    """Have an object counted whose log events cannot be written; return its key."""
    key = bench.put(name, *records)
    bench.writer.faults.append(OUTAGE)
    assert isinstance(await bench.deliver(key), Retry)
    return key


async def test_overwritten_object_is_settled(tmp_path: Path) -> None:
    """Counted, not relayed, and then something else is stored under its key."""
    with capture_logs() as logged:
        async with working(tmp_path) as bench:
            key = await counted_only(bench, "a", record("1"), record("2"))
            bench.put("a", record("3"))
            outcome = await bench.deliver(key)
            again = await bench.deliver(key)
            row = await balance(bench)
            shown = bench.metric("relay_records_total", reason="overwritten")

    assert (outcome, again) == (Done(), Done())
    assert row.lost == {"overwritten": 2}
    assert (row.received, row.relayed, row.duplicate, row.in_flight) == (4, 1, 1, 0)
    assert row.balances
    assert shown == 2
    assert [
        (line["log_level"], line["reason"], line["records"], line["object"])
        for line in logged
        if line["event"] == TOLD
    ] == [("error", "overwritten", 2, f"s3://{BUCKET}/{key}")]


async def test_other_versions_of_an_object_are_not_lost(tmp_path: Path) -> None:
    """Where a notice names the version, the one before is still there to be read."""
    async with working(tmp_path) as bench:
        key = await counted_only(bench, "a", record("1"))
        before = bench.bucket.objects[key]
        bench.put("a", record("2"))
        notice = s3_event([key], BUCKET)
        notice["Records"][0]["s3"]["object"]["versionId"] = "v2"  # type: ignore[index]  # a dict of dicts
        await bench.pipeline.process(message(json.dumps(notice), message_id="m-2"))
        meanwhile = await balance(bench)
        bench.bucket.objects[key] = before
        await bench.deliver(key)
        row = await balance(bench)

    assert (meanwhile.lost, meanwhile.in_flight) == ({}, 1)
    assert (row.received, row.relayed, row.in_flight) == (2, 2, 0)
    assert sorted(bench.writer.ids) == ["1", "2"]


async def test_content_that_comes_back_is_received_again(tmp_path: Path) -> None:
    """Settled as lost, and then it is there after all: it is relayed, once counted."""
    async with working(tmp_path) as bench:
        key = await counted_only(bench, "a", record("1"))
        before = bench.bucket.objects[key]
        bench.put("a", record("2"))
        await bench.deliver(key)
        bench.bucket.objects[key] = before
        outcome = await bench.deliver(key)
        row = await balance(bench)

    assert outcome == Done()
    assert sorted(bench.writer.ids) == ["1", "2"]
    assert (row.received, row.relayed, row.lost) == (3, 2, {"overwritten": 1})
    assert row.balances


async def test_left_behind_is_settled_after_thirty_days(tmp_path: Path) -> None:
    """Its message can be nowhere any more; what is younger may still come."""
    with capture_logs() as logged:
        async with working(tmp_path) as bench:
            key = await counted_only(bench, "a", record("1"), record("2"))
            await settle_left_behind(bench.shared)
            before = await balance(bench)
            bench.shared.clock.advance(LEFT_BEHIND_SECS + 1)  # type: ignore[attr-defined]  # a FakeClock
            await counted_only(bench, "b", record("3"))
            await settle_left_behind(bench.shared)
            row = await balance(bench)

    assert (before.lost, before.in_flight) == ({}, 2)
    assert (row.lost, row.in_flight, row.balances) == ({"expired": 2}, 1, True)
    assert [line["object"] for line in logged if line["event"] == TOLD] == [
        f"s3://{BUCKET}/{key}"
    ]


async def test_object_that_is_being_relayed_is_not_settled_too(tmp_path: Path) -> None:
    """However old it is: whoever holds its lock settles it."""
    async with working(tmp_path) as bench:
        key = bench.put("a", record("1"))
        bench.writer.gate = anyio.Event()
        async with anyio.create_task_group() as tg:
            tg.start_soon(bench.deliver, key)
            with anyio.fail_after(5):
                while not (await bench.store.statement()).in_flight:
                    await anyio.lowlevel.checkpoint()
            bench.shared.clock.advance(LEFT_BEHIND_SECS + 1)  # type: ignore[attr-defined]  # a FakeClock
            tg.start_soon(settle_left_behind, bench.shared)
            await anyio.wait_all_tasks_blocked()
            bench.writer.gate.set()
        row = await balance(bench)

    assert (row.received, row.relayed, row.lost) == (1, 1, {})


async def test_other_contents_of_the_key_are_left_alone(tmp_path: Path) -> None:
    """Only the very mark that is too old is settled."""
    async with working(tmp_path) as bench:
        await counted_only(bench, "a", record("1"))
        (old,) = await bench.shared.accounting.left_behind(NOW + 1)
        bench.shared.clock.advance(LEFT_BEHIND_SECS + 1)  # type: ignore[attr-defined]  # a FakeClock
        newer = replace(old, etag="newer")
        now = bench.shared.clock.now()
        await bench.shared.accounting.commit(Commit(at=now, objects=[newer]))
        await settle_left_behind(bench.shared)
        marks = await bench.store.marks([(BUCKET, log_key("a"))])

    assert {mark.etag: mark.records for mark in marks[BUCKET, log_key("a")]} == {
        "newer": 1,
        old.etag: 0,
    }
