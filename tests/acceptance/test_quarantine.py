"""What cannot be processed is kept by the real daemon, and replayed by the command."""

import json
import sys
from pathlib import Path

import anyio

from tests.support.relay_process import running_relay
from tests.support.world import BUCKET, GROUP, log_file, log_key, made_world, record

KEPT = "kept"


async def quarantine(config: Path, *words: str) -> str:
    """Run ``relay quarantine``; return what it prints."""
    done = await anyio.run_process(
        [sys.executable, "-m", "relay", "quarantine", *words, "-c", str(config)]
    )
    return done.stdout.decode()


async def test_broken_object_is_kept_repaired_and_replayed(
    moto: str, tmp_path: Path
) -> None:
    """Nothing of the message is lost, nothing is relayed twice, the queue is empty."""
    whole = log_file([record("broken")])
    async with made_world(moto, tmp_path) as world:
        await world.s3.create_bucket(
            Bucket=KEPT, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        await world.put(log_key("broken"), whole[:-10])
        await world.put_records(log_key("good"), [record("good")])
        config = world.write_config(
            quarantine={"max_receives": 1, "s3": {"bucket": KEPT}},
            source={"queue_url": world.queue_url, "buckets": [BUCKET]},
        )
        async with running_relay(config) as relay:
            await world.announce([log_key("good"), log_key("broken")])
            await world.send("surely not JSON")
            await relay.until("relay_messages_deleted_total", 2)
            kept = json.loads(await quarantine(config, "list", "--json"))["items"]
            broken = next(each["id"] for each in kept if each["objects"])
            await world.put(log_key("broken"), whole)
            said = await quarantine(config, "replay", broken)
            await relay.until("relay_records_total", 2, outcome="relayed")
            await relay.until("relay_messages_deleted_total", 3)
            quarantined = await relay.metric("relay_messages_quarantined_total")
            depth = await world.depth(world.queue_url)
        left = json.loads(await quarantine(config, "list", "--json"))["items"]

    assert sorted(each["reason"] for each in kept) == ["not_json", "truncated"]
    assert said == "replayed 1 of 1 items\n"
    assert [each["reason"] for each in left] == ["not_json"]
    assert quarantined == 2
    assert depth == 0
    assert sorted(json.loads(each)["eventID"] for each in world.messages(GROUP)) == [
        "broken",
        "good",
    ]
