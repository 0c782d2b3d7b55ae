"""Shows the relay's alarms in CloudWatch: by alarms of its own, or by a metric.

CloudWatch has no groups: of an alarm with ``group_by`` the mirror shows the state that
was told last, of whichever group. A native alarm that has data of its own goes back to
what that says at its next evaluation; one that mirrors should watch a metric without
data, and treat missing data as ``ignore``.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from relay.aws.errors import translated
from relay.config.aws_targets import CloudWatchTarget, MirrorMetric
from relay.model import AlarmState, Bundle, Notification
from relay.notify.content.fit import fit
from relay.notify.receivers.state_change import MAX_REASON_CHARS, bounded_reason_data

MAX_METRICS = 1_000
"""Of one request (API reference, PutMetricData)."""


class CloudWatchClient(Protocol):
    """The two calls of aiobotocore's CloudWatch client that are made here."""

    async def set_alarm_state(self, **arguments: object) -> Mapping[str, object]:
        """Put an alarm into a state."""
        ...

    async def put_metric_data(self, **arguments: object) -> Mapping[str, object]:
        """Write datapoints."""
        ...


class CloudWatchMirror:
    """Mirrors to one place; ``client_for`` gives the client of a region.

    Both ways may be repeated without harm: setting the state that is set already does
    nothing, and a datapoint that is there twice has the same Maximum.
    """

    def __init__(
        self,
        target: CloudWatchTarget,
        client_for: Callable[[str], Awaitable[CloudWatchClient]],
        *,
        home_region: str,
    ) -> None:
        self._metric = target.metric
        self._alarm_name = target.alarm_name
        self._region = target.region or home_region
        self._client_for = client_for

    async def send(self, bundle: Bundle) -> str:
        """Show what the bundle tells; return what was set or written.

        Raises TransientError or RejectedError.
        """
        client = await self._client_for(self._region)
        if self._metric is None:
            return await self._set_states(client, bundle)
        return await _put_datapoints(client, self._metric, bundle.notifications)

    async def _set_states(self, client: CloudWatchClient, bundle: Bundle) -> str:
        newest = {self._alarm_name or each.alarm: each for each in bundle.notifications}
        for name, notification in newest.items():
            data = bounded_reason_data(notification.reason_data)
            with translated(f"set the state of the alarm {name}"):
                await client.set_alarm_state(
                    AlarmName=name,
                    StateValue=notification.state.value,
                    StateReason=fit(notification.reason, max_chars=MAX_REASON_CHARS),
                    **({} if data is None else {"StateReasonData": data}),
                )
        return ", ".join(f"{name} is {each.state}" for name, each in newest.items())


async def _put_datapoints(
    client: CloudWatchClient,
    metric: MirrorMetric,
    notifications: Sequence[Notification],
) -> str:
    for some in _parts(notifications):
        with translated(f"put data of the metric {metric.namespace}/{metric.name}"):
            await client.put_metric_data(
                Namespace=metric.namespace,
                MetricData=[_datum(metric.name, each) for each in some],
            )
    count = len(notifications)
    return f"{count} datapoint{'' if count == 1 else 's'}"


def _datum(metric_name: str, notification: Notification) -> dict[str, object]:
    return {
        "MetricName": metric_name,
        "Dimensions": [{"Name": "AlarmName", "Value": _dimension(notification.alarm)}],
        "Timestamp": datetime.fromtimestamp(notification.at, UTC),
        "Value": 1.0 if notification.state is AlarmState.ALARM else 0.0,
        "Unit": "None",
    }


def _dimension(name: str) -> str:
    """Return ``name`` as a dimension's value may be (API reference, Dimension).

    Printable ASCII, not blank, not starting with a colon; what is not is one ``_``.
    """
    text = re.sub(r"[^\x20-\x7e]+|^:", "_", name)
    return text if text.strip() else "_"


def _parts(notifications: Sequence[Notification]) -> Iterator[Sequence[Notification]]:
    for start in range(0, len(notifications), MAX_METRICS):
        yield notifications[start : start + MAX_METRICS]
