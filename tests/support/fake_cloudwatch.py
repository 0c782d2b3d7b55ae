"""CloudWatch's PutMetricData with its documented limits, in the process."""

from collections import Counter
from typing import Any

from botocore.exceptions import ClientError

from relay.clock import Clock

_MAX_DATA, _MAX_VALUES, _MAX_VALUE = 1_000, 150, 2.0**360
_DAY_SECS = 86_400


class FakeCloudWatch:
    """Implements relay.publish.put.CloudWatchClient; ``faults`` are raised first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.faults: list[Exception] = []
        self.refused_metrics: set[str] = set()
        """Names that it takes offence at, for whatever reason."""
        self.calls = 0
        self.kept: Counter[tuple[str, str, int, float]] = Counter()
        """How often (namespace, metric, minute, value) was published."""

    async def put_metric_data(self, **arguments: Any) -> object:  # noqa: ANN401 - AWS JSON
        """Keep all of a valid request, or refuse all of it."""
        self.calls += 1
        if self.faults:
            raise self.faults.pop(0)
        data = arguments["MetricData"]
        if len(data) > _MAX_DATA or not all(map(self._is_valid, data)):
            raise client_error("InvalidParameterValue", 400)
        for datum in data:
            for value, count in zip(datum["Values"], datum["Counts"], strict=True):
                place = (arguments["Namespace"], datum["MetricName"])
                self.kept[*place, datum["Timestamp"], value] += int(count)
        return {}

    def _is_valid(self, datum: dict[str, Any]) -> bool:
        ahead = datum["Timestamp"] - self._clock.now()
        return (
            len(datum["Values"]) <= _MAX_VALUES
            and all(-_MAX_VALUE <= value <= _MAX_VALUE for value in datum["Values"])
            and -14 * _DAY_SECS <= ahead <= 7_200
            and datum["MetricName"] not in self.refused_metrics
        )


def client_error(code: str, status: int) -> ClientError:
    """Return what botocore raises for an error of the service."""
    return ClientError(
        {"Error": {"Code": code, "Message": ""},
         "ResponseMetadata": {"HTTPStatusCode": status}},
        "PutMetricData",
    )  # fmt: skip
