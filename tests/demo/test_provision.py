"""The AWS side, on the emulator: what is delivered reaches the queue."""

import json
from contextlib import AsyncExitStack
from dataclasses import replace

from relay.clock import SystemClock
from relay.demo.cloud import Cloud, open_cloud
from relay.demo.delivery import deliver, object_key
from relay.demo.provision import Provisioned, provision
from relay.demo.readback import count_messages, read_event_ids
from relay.demo.scenario import build


async def built(stack: AsyncExitStack, moto: str) -> tuple[Cloud, Provisioned]:
    """Build everything on a fresh emulator."""
    cloud = await open_cloud(stack, moto)
    return cloud, await provision(cloud)


async def test_trail_is_logging_into_its_bucket_and_topic(moto: str) -> None:
    """The trail exists as a user would have it, and its bucket lets CloudTrail in."""
    async with AsyncExitStack() as stack:
        cloud, place = await built(stack, moto)
        trails = (await cloud.cloudtrail.describe_trails())["trailList"]
        status = await cloud.cloudtrail.get_trail_status(Name=trails[0]["Name"])
        policy = await cloud.s3.get_bucket_policy(Bucket=place.bucket)

    assert [trail["S3BucketName"] for trail in trails] == [place.bucket]
    assert trails[0]["IsMultiRegionTrail"]
    assert status["IsLogging"]
    sources = {
        each["Condition"]["StringEquals"]["aws:SourceArn"]
        for each in json.loads(policy["Policy"])["Statement"]
    }
    assert sources == {trails[0]["TrailARN"]}


async def test_queue_has_a_dead_letter_queue(moto: str) -> None:
    """What cannot be processed has somewhere to go."""
    async with AsyncExitStack() as stack:
        cloud, place = await built(stack, moto)
        found = await cloud.sqs.get_queue_attributes(
            QueueUrl=place.queue_url, AttributeNames=["RedrivePolicy"]
        )
        dead = await count_messages(cloud, place.dead_letter_queue_url)

    target = json.loads(found["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"]
    assert target.endswith(":relay-dead-letters")
    assert dead == 0


async def test_delivery_is_announced_after_the_object_is_there(moto: str) -> None:
    """Each notice comes to the queue in SNS's envelope and names objects that exist."""
    step = build(seed=1, now=1_777_300_000.0).steps[-1]
    async with AsyncExitStack() as stack:
        cloud, place = await built(stack, moto)
        await cloud.sqs.purge_queue(QueueUrl=place.queue_url)
        sent = await deliver(cloud, place, replace(step, announced_twice=True))
        answer = await cloud.sqs.receive_message(
            QueueUrl=place.queue_url, MaxNumberOfMessages=10
        )
        stored = await cloud.s3.get_object(
            Bucket=place.bucket, Key=object_key(step.files[0])
        )
        body = await stored["Body"].read()

    envelopes = [json.loads(message["Body"]) for message in answer["Messages"]]
    assert sent == len(envelopes) == 2
    assert json.loads(envelopes[0]["Message"]) == {
        "s3Bucket": place.bucket,
        "s3ObjectKey": [object_key(step.files[0])],
    }
    assert body.startswith(b"\x1f\x8b")


async def test_event_ids_are_read_back_from_all_streams(moto: str) -> None:
    """Every stream is read to its end; an id that is there twice counts twice."""
    async with AsyncExitStack() as stack:
        cloud, place = await built(stack, moto)
        for stream, ids in {"a": ["1", "2"], "b": ["2"], "empty": []}.items():
            await cloud.logs.create_log_stream(
                logGroupName=place.log_group, logStreamName=stream
            )
            events = [
                {
                    "timestamp": int(SystemClock().now() * 1000),
                    "message": json.dumps({"eventID": each}),
                }
                for each in ids
            ]
            if events:
                await cloud.logs.put_log_events(
                    logGroupName=place.log_group, logStreamName=stream, logEvents=events
                )
        found = await read_event_ids(cloud, place.log_group)

    assert found == {"1": 1, "2": 2}
