"""From a record in S3 to a datapoint in CloudWatch, and to an alarm about the trail."""

import json
from pathlib import Path

from aiobotocore.session import AioSession

from relay.clock import parse_isoformat
from tests.support.relay_process import running_relay
from tests.support.world import BUCKET, REGION, World, log_key, made_world, record

AT = "2026-11-24T12:00:30Z"
"""In the world's time everything happens now; records may be older."""


async def published(world: World, name: str) -> float:
    """Return the sum of a metric's datapoints in CloudWatch, over all time."""
    session = AioSession()
    async with session.create_client(
        "cloudwatch", region_name=REGION, endpoint_url=world.moto_url
    ) as client:
        found = await client.get_metric_statistics(
            Namespace="Security",
            MetricName=name,
            StartTime=parse_isoformat(AT) - 86_400 * 365,
            EndTime=parse_isoformat(AT) + 86_400 * 3_650,
            Period=60,
            Statistics=["Sum"],
        )
    return float(sum(point["Sum"] for point in found["Datapoints"]))


async def test_published_filter_reaches_cloudwatch_once(
    moto: str, tmp_path: Path
) -> None:
    """Two matches, one of which comes again in another object: a sum of two."""
    async with made_world(moto, tmp_path) as world:
        world.write_rules(
            metric_filters=[
                {
                    "name": "calls",
                    "pattern": "{ $.eventName = DescribeInstances }",
                    "metric": {"namespace": "Security", "name": "Calls"},
                    "publish": True,
                }
            ]
        )
        first, second = record("event-1", eventTime=AT), record("event-2", eventTime=AT)
        await world.put_records(log_key("a"), [first, second])
        await world.put_records(log_key("b"), [second])
        async with running_relay(world.write_config()) as relay:
            await world.announce([log_key("a"), log_key("b")])
            await relay.until(
                "relay_metric_data_published_total", 2, outcome="published"
            )
        sum_ = await published(world, "Calls")

    assert sum_ == 2


async def test_who_stops_the_trail_is_told(moto: str, tmp_path: Path) -> None:
    """Without any rule file: the trail's bucket is changed, and the receiver hears."""
    async with made_world(moto, tmp_path) as world:
        world.write_rules()
        direct = await world.queue("direct")
        config = world.write_config(
            self_watch={"enabled": True},
            notify={
                "receivers": [{"name": "all", "sqs": [{"queue_url": direct}]}],
                "route": {"receiver": "all"},
            },
        )
        change = record(
            "event-1",
            eventSource="s3.amazonaws.com",
            eventName="DeleteBucketPolicy",
            requestParameters={"bucketName": BUCKET},
        )
        await world.put_records(log_key("a"), [change])
        async with running_relay(config) as relay:
            await world.announce([log_key("a")])
            (told,) = [json.loads(each) for each in await world.receive(direct)]
            at_rest = await relay.metric("relay_alarms", state="OK")

    assert (told["AlarmName"], told["NewStateValue"]) == ("self-watch-bucket", "ALARM")
    assert told["Labels"]["origin"] == "self"
    assert told["Evidence"]["Events"][0]["eventID"] == "event-1"
    # Four other changes, both delays, and the account and region that was heard of.
    assert at_rest == 7
