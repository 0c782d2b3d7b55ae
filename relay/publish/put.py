"""One PutMetricData call: a request in AWS's own words."""

from typing import Protocol

from relay.aws.errors import translated
from relay.publish.batching import Datum, Request

_NO_UNIT = "None"


class CloudWatchClient(Protocol):
    """The one call of aiobotocore's CloudWatch client that is made here."""

    async def put_metric_data(self, **arguments: object) -> object:
        """Publish the data of one namespace; the SDK compresses what is large."""
        ...


async def put(client: CloudWatchClient, request: Request) -> None:
    """Publish ``request``. Raises TransientError or RejectedError."""
    with translated(f"publish metrics to {request.namespace}"):
        await client.put_metric_data(
            Namespace=request.namespace,
            MetricData=[_datum(each) for each in request.data],
        )


def _datum(datum: Datum) -> dict[str, object]:
    series = datum.series
    return {
        "MetricName": series.name,
        "Dimensions": [
            {"Name": name, "Value": value} for name, value in series.dimensions
        ],
        "Timestamp": datum.minute,
        "Values": [point.value for point, _ in datum.points],
        "Counts": [float(times) for _, times in datum.points],
        "Unit": series.unit or _NO_UNIT,
        "StorageResolution": 60,
    }
