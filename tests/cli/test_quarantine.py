"""``relay quarantine``: what is listed, shown, sent back, and said of what is not."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import pytest
import yaml
from typer.testing import CliRunner, Result

from relay.cli import app
from relay.clock import SystemClock
from relay.errors import Reason
from relay.quarantine.item import FailedObject, Item
from relay.quarantine.queue_place import QueuePlace
from relay.quarantine.s3_place import S3Place
from tests.quarantine.account import BUCKET, PREFIX, REGION, Account, made_account
from tests.quarantine.examples import QUEUE_URL, item

BROKEN = Item(
    id="m-broken",
    message_id="m-broken",
    queue_url=QUEUE_URL,
    sent_at="2026-11-24T12:05:00Z",
    quarantined_at="2026-11-24T12:15:00Z",
    receive_count=5,
    reason="truncated",
    error="s3://b/k1\x1b[2J: cut short",
    objects=tuple(
        FailedObject(
            bucket="b",
            key=key,
            version_id=None,
            reason=Reason.TRUNCATED,
            error="cut short",
        )
        for key in ("k1\x1b[2J", "k2")
    ),
    replay='{"s3Bucket":"b","s3ObjectKey":["k1","k2"]}',
    body="the original",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A command line before an account."""

    account: Account
    config: Path

    async def relay(self, *words: str) -> Result:
        """Run ``relay quarantine`` with these words."""
        line = ["quarantine", *words, "--config", str(self.config)]
        return await anyio.to_thread.run_sync(
            lambda: CliRunner().invoke(app, line, catch_exceptions=False)
        )


@asynccontextmanager
async def desk(
    moto: str, folder: Path, *, quarantine: Mapping[str, object] | None = None
) -> AsyncIterator[Desk]:
    """Make an account and a configuration; the bucket is the quarantine by default."""
    section = quarantine or {"s3": {"bucket": BUCKET, "prefix": PREFIX}}
    async with made_account(moto) as account:
        path = folder / "relay.yaml"
        path.write_text(
            yaml.safe_dump(
                {
                    "aws": {"region": REGION, "endpoint_url": moto},
                    "source": {"queue_url": account.queue_url, "buckets": ["trail"]},
                    "quarantine": dict(section),
                    "logs": {"group": "/relay/cloudtrail"},
                }
            )
        )
        yield Desk(account=account, config=path)


async def put(desk: Desk, *items: Item) -> None:
    """Keep items in the bucket."""
    place = S3Place(desk.account.s3, desk.account.bucket, clock=SystemClock())
    for each in items:
        await place.put(each)


# --- list -----------------------------------------------------------------------------


async def test_list_has_a_line_for_each_item(moto: str, tmp_path: Path) -> None:
    """Id, times, reason and objects; what a key may hold cannot harm the terminal."""
    async with desk(moto, tmp_path) as at:
        await put(at, BROKEN, item("m-unread"))
        result = await at.relay("list")

    heading, *lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert heading.split() == ["ID", "SENT", "RECEIVED", "REASON", "OBJECTS"]
    assert [line.split(maxsplit=4) for line in lines] == [
        [
            "m-broken",
            "2026-11-24T12:05:00Z",
            "5",
            "truncated",
            "s3://b/k1\\u001b[2J and 1 more",
        ],
        ["m-unread", "2026-11-24T12:05:00Z", "5", "not_json", "-"],
    ]
    assert result.stderr == f"2 items in s3://{BUCKET}/{PREFIX}\n"


async def test_list_of_nothing_is_no_failure(moto: str, tmp_path: Path) -> None:
    """Exit 0: there is nothing to do."""
    async with desk(moto, tmp_path) as at:
        result = await at.relay("list")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("0 items in ")


async def test_list_for_programs_is_one_document(moto: str, tmp_path: Path) -> None:
    """All that is known, but for the bodies."""
    async with desk(moto, tmp_path) as at:
        await put(at, BROKEN)
        result = await at.relay("list", "--json")

    document = json.loads(result.stdout)
    assert document["place"] == f"s3://{BUCKET}/{PREFIX}"
    (found,) = document["items"]
    assert found["id"] == "m-broken"
    assert [each["key"] for each in found["objects"]] == ["k1\x1b[2J", "k2"]
    assert not {"body", "body_gzip", "replay"} & found.keys()


# --- show -----------------------------------------------------------------------------


async def test_show_has_the_bodies(moto: str, tmp_path: Path) -> None:
    """The message as it was, and what would be sent."""
    async with desk(moto, tmp_path) as at:
        await put(at, BROKEN, item("m-unread"))
        result = await at.relay("show", "m-broken")

    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert document["error"] == "s3://b/k1\x1b[2J: cut short"
    assert document["body"] == "the original"
    assert document["replay"] == '{"s3Bucket":"b","s3ObjectKey":["k1","k2"]}'
    assert "\x1b" not in result.stdout


async def test_show_of_an_unknown_item_fails(moto: str, tmp_path: Path) -> None:
    """Exit 1, and where it is not."""
    async with desk(moto, tmp_path) as at:
        result = await at.relay("show", "m-1")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"no item m-1 in s3://{BUCKET}/{PREFIX}\n"


# --- replay ---------------------------------------------------------------------------


async def test_replay_sends_items_back(moto: str, tmp_path: Path) -> None:
    """Those that are named; the others stay."""
    async with desk(moto, tmp_path) as at:
        await put(at, BROKEN, item("m-unread"))
        result = await at.relay("replay", "m-broken")
        bodies = await at.account.take(at.account.queue_url)
        left = await at.account.keys()

    assert (result.exit_code, result.stdout) == (0, "replayed 1 of 1 items\n")
    assert bodies == ['{"s3Bucket":"b","s3ObjectKey":["k1","k2"]}']
    assert left == [f"{PREFIX}20261124T120500Z_m-unread.json"]


async def test_replay_of_everything_empties_the_place(
    moto: str, tmp_path: Path
) -> None:
    """And a second time there is nothing to do, which is no failure."""
    async with desk(moto, tmp_path) as at:
        await put(at, *(item(f"m-{n}", body=f"b-{n}") for n in range(12)))
        first = await at.relay("replay", "--all", "--json")
        second = await at.relay("replay", "--all")
        bodies = await at.account.take(at.account.queue_url)

    document = json.loads(first.stdout)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert len(document["replayed"]) == 12
    assert (document["failed"], document["missing"]) == ([], [])
    assert second.stdout == "replayed 0 of 0 items\n"
    assert sorted(bodies) == sorted(f"b-{n}" for n in range(12))


async def test_replay_tells_what_is_missing(moto: str, tmp_path: Path) -> None:
    """Exit 1; what is there was sent all the same."""
    async with desk(moto, tmp_path) as at:
        await put(at, item("m-1"), item("m-2"))
        result = await at.relay("replay", "m-1", "m-7")
        document = json.loads((await at.relay("replay", "m-8", "--json")).stdout)
        bodies = await at.account.take(at.account.queue_url)

    assert result.exit_code == 1
    assert result.stdout == "replayed 1 of 2 items\n"
    assert result.stderr == f"no item m-7 in s3://{BUCKET}/{PREFIX}\n"
    assert document["missing"] == ["m-8"]
    assert bodies == ["the body"]


async def test_replay_tells_what_fails(moto: str, tmp_path: Path) -> None:
    """An item without a body stays, with its reason; the others are sent."""
    async with desk(moto, tmp_path) as at:
        await put(at, item("m-1", body=None), item("m-2"))
        result = await at.relay("replay", "--all")
        document = json.loads((await at.relay("replay", "--all", "--json")).stdout)
        left = await at.account.keys()

    error = "quarantine item m-1: has no body"
    assert result.exit_code == 1
    assert result.stdout == "replayed 1 of 2 items\n"
    assert result.stderr == f"m-1: not sent: {error}\n"
    assert document["failed"] == [{"id": "m-1", "sent": False, "error": error}]
    assert len(left) == 1


@pytest.mark.parametrize("words", [(), ("--all", "m-1")], ids=["neither", "both"])
def test_replay_of_nothing_in_particular_is_wrong_usage(words: tuple[str, ...]) -> None:
    """Exit 2, before anything is read."""
    result = CliRunner().invoke(app, ["quarantine", "replay", *words])

    assert result.exit_code == 2
    assert "give the ids of items, or --all" in result.stderr


# --- other places ---------------------------------------------------------------------


async def test_queue_is_read_and_left_as_it_was(moto: str, tmp_path: Path) -> None:
    """A quarantine that is a queue; its items can be listed, then replayed."""
    queue_url = f"{moto}/123456789012/quarantine"
    async with desk(moto, tmp_path, quarantine={"queue_url": queue_url}) as at:
        await QueuePlace(at.account.sqs, queue_url, clock=SystemClock()).put(BROKEN)
        listed = await at.relay("list", "--json")
        visible = await at.account.depth(queue_url)
        replayed = await at.relay("replay", "m-broken")
        depth = await at.account.depth(queue_url)
        bodies = await at.account.take(at.account.queue_url)

    assert [each["id"] for each in json.loads(listed.stdout)["items"]] == ["m-broken"]
    assert visible == (1, 0)
    assert replayed.exit_code == 0
    assert depth == (0, 0)
    assert bodies == [BROKEN.replay]


async def test_dead_letters_are_another_place(moto: str, tmp_path: Path) -> None:
    """They are there without a reason, whatever is configured."""
    async with desk(moto, tmp_path) as at:
        id_ = await at.account.send(at.account.dead_letter_url, "as it was")
        listed = await at.relay("list", "--dead-letters")
        replayed = await at.relay("replay", id_, "--dead-letters")
        bodies = await at.account.take(at.account.queue_url)

    assert listed.stdout.splitlines()[1].split()[::3] == [id_, "-"]
    assert replayed.exit_code == 0
    assert bodies == ["as it was"]


# --- what stands in the way -----------------------------------------------------------


async def test_place_that_cannot_be_read_fails(moto: str, tmp_path: Path) -> None:
    """Exit 1, with what S3 says."""
    nowhere = {"s3": {"bucket": "nowhere"}}
    async with desk(moto, tmp_path, quarantine=nowhere) as at:
        result = await at.relay("list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("list s3://nowhere/relay-quarantine/: NoSuchBucket")


def test_configuration_that_cannot_be_used_is_invalid(tmp_path: Path) -> None:
    """Exit 2, with every problem."""
    path = tmp_path / "relay.yaml"
    path.write_text("quarantine: {}\nlogs: {group: /x}\n")
    result = CliRunner().invoke(app, ["quarantine", "list", "--config", str(path)])

    assert result.exit_code == 2
    assert "source" in result.stderr
    assert "quarantine" in result.stderr
