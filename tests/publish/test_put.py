"""relay.publish.put: what arrives at CloudWatch, by moto over HTTP."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from relay.aws.clients import open_clients
from relay.config.aws_section import Aws
from relay.errors import Reason, TransientError
from relay.publish.batching import requests
from relay.publish.put import put
from tests.publish.test_batching import MINUTE, point, series
from tests.support.clock import FakeClock
from tests.support.fake_cloudwatch import FakeCloudWatch, client_error

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"


async def test_values_and_counts_arrive(moto: str) -> None:
    """CloudWatch can tell sum, number and extremes: all values are there, in time."""
    of = series(user="alice")
    async with AsyncExitStack() as stack:
        aws = await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)
        client = await aws.client_for("cloudwatch", "eu-west-1")
        for request in requests({point(1.5, of=of): 2, point(4.0, of=of): 1}):
            await put(client, request)

        found = await client.get_metric_statistics(
            Namespace="n",
            MetricName="m",
            Dimensions=[{"Name": "user", "Value": "alice"}],
            StartTime=MINUTE - 600,
            EndTime=MINUTE + 600,
            Period=60,
            Statistics=["Sum", "SampleCount", "Minimum", "Maximum"],
        )

    (datapoint,) = found["Datapoints"]
    assert datapoint["Timestamp"] == datetime.fromtimestamp(MINUTE, tz=UTC)
    assert (datapoint["Sum"], datapoint["SampleCount"]) == (7.0, 3.0)
    assert (datapoint["Minimum"], datapoint["Maximum"]) == (1.5, 4.0)


async def test_large_request_arrives(moto: str) -> None:
    """Thousands of values, which the SDK sends compressed."""
    points = {
        point(float(n), of=series(f"m{m}")): 1 for m in range(40) for n in range(150)
    }
    async with AsyncExitStack() as stack:
        aws = await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)
        client = await aws.client_for("cloudwatch", "eu-west-1")
        for request in requests(points):
            await put(client, request)

        found = await client.get_metric_statistics(
            Namespace="n",
            MetricName="m39",
            StartTime=MINUTE,
            EndTime=MINUTE + 60,
            Period=60,
            Statistics=["SampleCount", "Maximum"],
        )

    (datapoint,) = found["Datapoints"]
    assert (datapoint["SampleCount"], datapoint["Maximum"]) == (150.0, 149.0)


async def test_errors_are_relays_own() -> None:
    """They name the namespace."""
    cloudwatch = FakeCloudWatch(FakeClock())
    cloudwatch.faults.append(client_error("Throttling", 400))
    (request,) = requests({point(): 1})

    with pytest.raises(TransientError, match="publish metrics to n") as caught:
        await put(cloudwatch, request)

    assert caught.value.reason is Reason.THROTTLED
