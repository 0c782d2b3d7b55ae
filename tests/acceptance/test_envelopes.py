"""Whatever way an object is announced, its records arrive, each once."""

import json
from pathlib import Path

import pytest

from tests.support.relay_process import running_relay
from tests.support.world import (
    BUCKET,
    Shape,
    World,
    log_key,
    made_world,
    record,
    s3_event,
)


async def arrived_ids(world: World) -> list[str]:
    """Return the event ids in CloudWatch Logs, sorted."""
    return sorted(json.loads(message)["eventID"] for message in world.messages())


@pytest.mark.parametrize("shape", list(Shape), ids=str)
async def test_announced_object_is_relayed(
    moto: str, tmp_path: Path, shape: Shape
) -> None:
    """Two objects, one with a space and a percent sign in its prefix, arrive whole."""
    async with made_world(moto, tmp_path) as world:
        keys = [log_key("plain"), f"my logs 100%/{log_key('odd')}"]
        for name, key in zip("ab", keys, strict=True):
            await world.put_records(key, [record(f"{name}-{n}") for n in range(3)])
        async with running_relay(world.write_config()) as relay:
            await world.announce(keys, shape)
            await relay.until("relay_records_total", 6, outcome="relayed")
            await relay.until_true(
                lambda samples: samples["relay_messages_in_flight", frozenset()] == 0
            )
            left = await world.depth(world.queue_url)
            arrived = await arrived_ids(world)

    assert arrived == ["a-0", "a-1", "a-2", "b-0", "b-1", "b-2"]
    assert left == 0


async def test_understood_messages_without_objects_are_done(
    moto: str, tmp_path: Path
) -> None:
    """Test events, validations and confirmations leave the queue; they are counted."""
    confirmation = {
        "Type": "SubscriptionConfirmation",
        "MessageId": "m",
        "Token": "t",
        "TopicArn": "arn:aws:sns:eu-west-1:999988887777:theirs",
        "Message": "You have chosen to subscribe ...",
        "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Confirm",
        "Timestamp": "2026-11-24T12:00:00.000Z",
        "SignatureVersion": "1",
    }
    removed = s3_event([log_key("x")], BUCKET)
    removed["Records"][0]["eventName"] = "ObjectRemoved:Delete"  # type: ignore[index]  # built as such
    async with (
        made_world(moto, tmp_path) as world,
        running_relay(world.write_config()) as relay,
    ):
        await world.send(
            json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})
        )
        await world.send("CloudTrail validation message.")
        await world.send(json.dumps(confirmation))
        await world.send(json.dumps(removed))
        await relay.until("relay_messages_deleted_total", 4)
        left = await world.depth(world.queue_url)
        kinds = {
            dict(labels)["kind"]: value
            for (name, labels), value in (await relay.metrics()).items()
            if name == "relay_messages_ignored_total" and value
        }

    assert left == 0
    assert kinds == {
        "s3_test": 1,
        "cloudtrail_validation": 1,
        "subscription_confirmation": 1,
        "s3_other_event": 1,
    }
