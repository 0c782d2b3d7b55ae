"""From the queue into the quarantine and back, through the pipeline: all arrives."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from relay.clock import SystemClock
from relay.errors import Reason
from relay.quarantine.keeper import Keeper
from relay.quarantine.open import open_dead_letters
from relay.quarantine.place import Place
from relay.quarantine.queue_place import QueuePlace
from relay.quarantine.s3_place import S3Place
from relay.quarantine.session import Session
from relay.source.outcome import Done, Leave, Outcome
from tests.quarantine.account import Account, made_account
from tests.quarantine.test_open import clients
from tests.support.bench import Bench, message, notice, root_login, working
from tests.support.world import BUCKET, log_key, record, s3_event

MAX_RECEIVES = 2


def queue(account: Account) -> Place:
    """Return a queue as a place."""
    return QueuePlace(
        account.sqs, account.quarantine_url, clock=SystemClock(), wait_secs=0
    )


def bucket(account: Account) -> Place:
    """Return a bucket as a place."""
    return S3Place(account.s3, account.bucket, clock=SystemClock())


@asynccontextmanager
async def quarantined(
    moto: str, tmp_path: Path, kind: Callable[[Account], Place]
) -> AsyncIterator[tuple[Account, Bench, Session]]:
    """Run a pipeline whose quarantine is a real place."""
    async with made_account(moto) as account:
        keeper = Keeper(
            kind(account),
            queue_url=account.queue_url,
            max_receives=MAX_RECEIVES,
            clock=SystemClock(),
        )
        session = Session(
            place=kind(account),
            queue_url=account.queue_url,
            sqs=account.sqs,
            clock=SystemClock(),
        )
        async with working(tmp_path, quarantine=keeper) as bench:
            yield account, bench, session


async def last_delivery(bench: Bench, body: str, id_: str = "m-1") -> Outcome:
    """Process a message that was received as often as it may be."""
    return await bench.pipeline.process(
        message(body, message_id=id_, receive_count=MAX_RECEIVES)
    )


async def replay_all(account: Account, session: Session) -> list[str]:
    """Replay everything; return the bodies that are in the source's queue then."""
    results = [result async for result in session.replay(None)]
    assert [result.error for result in results] == [None] * len(results)
    return await account.take(account.queue_url)


places = pytest.mark.parametrize("kind", [queue, bucket])


@places
async def test_broken_key_is_kept_and_comes_back(
    moto: str, tmp_path: Path, kind: Callable[[Account], Place]
) -> None:
    """Of fifty keys one is broken: it alone is replayed, once it is repaired."""
    async with quarantined(moto, tmp_path, kind) as (account, bench, session):
        keys = [bench.put(f"k-{n:02}", record(f"r-{n:02}")) for n in range(50)]
        whole = bench.bucket.objects[keys[7]]
        bench.bucket.objects[keys[7]] = whole[:-10]
        outcome = await last_delivery(bench, notice(*keys))
        (item,) = [held.item async for held in session.items(None)]
        bench.bucket.objects[keys[7]] = whole
        (body,) = await replay_all(account, session)
        before = len(bench.bucket.requests)
        back = await bench.pipeline.process(message(body, message_id="m-2"))
        asked = bench.bucket.requests[before:]
        left = [held async for held in session.items(None)]
        ledger = await bench.ledger()

    assert (outcome, back) == (Done(), Done())
    assert [(each.key, each.reason) for each in item.objects] == [
        (keys[7], "truncated")
    ]
    assert item.body == notice(*keys)
    assert json.loads(body) == json.loads(notice(keys[7]))
    assert asked == [keys[7]]
    assert sorted(bench.writer.ids) == [f"r-{n:02}" for n in range(50)]
    assert left == []
    assert ledger == {"received": 50, "relayed": 50}


@places
async def test_unreadable_message_comes_back_as_it_was(
    moto: str, tmp_path: Path, kind: Callable[[Account], Place]
) -> None:
    """A newer relay may understand it."""
    async with quarantined(moto, tmp_path, kind) as (account, bench, session):
        outcome = await last_delivery(bench, '{"Records": "of another kind"}')
        bodies = await replay_all(account, session)

    assert outcome == Done()
    assert bodies == ['{"Records": "of another kind"}']


async def test_alarm_of_a_replayed_object_is_raised_once(
    moto: str, tmp_path: Path
) -> None:
    """Forbidden for long, then allowed and replayed twice: counted and relayed once."""
    async with quarantined(moto, tmp_path, bucket) as (account, bench, session):
        key = bench.put("a", root_login("1"))
        bench.bucket.faults[key] = [("AccessDenied", 403)]
        outcome = await last_delivery(bench, notice(key))
        (body,) = await replay_all(account, session)
        back = [
            await bench.pipeline.process(message(body, message_id=id_))
            for id_ in ("m-2", "m-3")
        ]
        ledger = await bench.ledger()

    assert [outcome, *back] == [Done()] * 3
    assert bench.writer.ids == ["1"]
    assert len(bench.outbox.entries) == 1
    assert ledger == {"received": 2, "relayed": 1, "duplicate": 1}


async def test_what_is_still_broken_is_kept_again(moto: str, tmp_path: Path) -> None:
    """Replayed in vain it comes back into the quarantine, and is not lost."""
    async with quarantined(moto, tmp_path, queue) as (account, bench, session):
        await last_delivery(bench, notice(log_key("gone")))
        (body,) = await replay_all(account, session)
        outcome = await last_delivery(bench, body, "m-2")
        ids = [held.item.id async for held in session.items(None)]

    assert outcome == Done()
    assert ids == ["m-2"]


async def test_message_larger_than_the_queue_takes_is_kept_in_parts(
    moto: str, tmp_path: Path
) -> None:
    """Thousands of keys that are no log files: all are replayed."""
    keys = [f"{'junk' * 20}/{n}" for n in range(1_500)]
    async with quarantined(moto, tmp_path, queue) as (account, bench, session):
        outcome = await last_delivery(bench, notice(*keys))
        items = [held.item async for held in session.items(None)]
        bodies = await replay_all(account, session)

    assert outcome == Done()
    assert len(items) > 1
    assert sorted(each.key for item in items for each in item.objects) == sorted(keys)
    assert len(bodies) == len(items)


async def test_missing_place_leaves_the_message(moto: str, tmp_path: Path) -> None:
    """It stays in the queue until a person has made the place, and is kept then."""
    async with quarantined(moto, tmp_path, queue) as (account, bench, _):
        await account.sqs.delete_queue(QueueUrl=account.quarantine_url)
        first = await last_delivery(bench, "{")
        await account.sqs.create_queue(QueueName="quarantine")
        second = await last_delivery(bench, "{")
        errors = bench.metric("relay_quarantine_errors_total", reason="not_found")

    assert not isinstance(first, Done | Leave)
    assert first.reason is Reason.NOT_FOUND
    assert second == Done()
    assert errors == 1


async def test_dead_letter_comes_back(moto: str, tmp_path: Path) -> None:
    """Without a quarantine SQS moves the message; the way back is the same."""
    async with (
        made_account(moto) as account,
        clients(moto) as aws,
        working(tmp_path) as bench,
    ):
        sent = json.dumps(s3_event([log_key("a")], BUCKET))
        left = await last_delivery(bench, sent)
        await account.send(account.dead_letter_url, sent)  # as SQS does
        session = Session(
            place=await open_dead_letters(account.queue_url, aws, SystemClock()),
            queue_url=account.queue_url,
            sqs=account.sqs,
            clock=SystemClock(),
        )
        bench.put("a", record("1"))
        (body,) = await replay_all(account, session)
        back = await bench.pipeline.process(message(body, message_id="m-2"))
        depth = await account.depth(account.dead_letter_url)

    assert left == Leave(reason=Reason.NO_SUCH_KEY)
    assert back == Done()
    assert bench.writer.ids == ["1"]
    assert depth == (0, 0)
