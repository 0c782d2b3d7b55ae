"""An alarm's change of state as CloudWatch tells EventBridge and Lambda functions.

Members and their forms are CloudWatch's (CloudWatch User Guide, "Alarm events and
EventBridge" and "Invoke a Lambda function from an alarm"). One member of our own
follows at the end, ``relay``, which a consumer that does not know it does not see:

    id           idempotency key: equal at every attempt to send this notification
    severity, description, runbookUrl, labels, group, repeat
    total        how many datapoints made the condition true
    evidence     the newest of their records, newest first
    suppressed   how many more of the kind a limit left out before
"""

from relay.model import Notification, Trigger
from relay.notify.cloudwatch_message import encode, event, fitted, timestamp

SOURCE = "cloudtrail-relay"
"""Names that start with ``aws.`` are AWS's own: PutEvents refuses them."""
MAX_REASON_CHARS = 1_023
MAX_REASON_DATA_CHARS = 4_000
"""What an alarm holds (API reference, SetAlarmState)."""

_OVERHEAD_BYTES = 24 * 1024  # the reason's data, and what stands beside the texts


def change(notification: Notification, *, suppressed: int = 0) -> dict[str, object]:
    """Return alarmName, state, previousState, configuration and relay."""
    at = timestamp(notification.at)
    return {
        "alarmName": notification.alarm,
        "state": {
            "value": notification.state,
            "reason": notification.reason,
            **_reason_data(notification.reason_data),
            "timestamp": at,
        },
        "previousState": {"value": notification.old_state},
        "configuration": {
            "description": notification.description,
            **_condition(notification),
        },
        "relay": {
            "id": notification.id,
            "severity": notification.severity,
            "runbookUrl": notification.runbook_url,
            "labels": notification.labels,
            "group": notification.group,
            "repeat": notification.repeat,
            "total": notification.total,
            "evidence": [event(each) for each in notification.evidence],
            "suppressed": suppressed,
        },
    }


def short_enough(notification: Notification, max_bytes: int) -> Notification:
    """Return ``notification``, or one with less in it: its change fits ``max_bytes``.

    Evidence goes first, the oldest before the newest, and then long texts are cut.
    """
    if len(encode(change(notification))) <= max_bytes:
        return notification
    return fitted(notification, max_bytes - _OVERHEAD_BYTES)


def bounded_reason_data(text: str) -> str | None:
    """Return the reason's data; None when CloudWatch would not take it.

    It is JSON, so cutting it would spoil it.
    """
    return text if 0 < len(text) <= MAX_REASON_DATA_CHARS else None


def _reason_data(text: str) -> dict[str, object]:
    data = bounded_reason_data(text)
    return {} if data is None else {"reasonData": data}


def _condition(notification: Notification) -> dict[str, object]:
    if notification.trigger is not None:
        return {"metrics": [_metric(notification.trigger)]}
    if notification.composite is not None:
        return {"alarmRule": notification.composite.rule}
    return {}


def _metric(trigger: Trigger) -> dict[str, object]:
    stat: dict[str, object] = {
        "metric": {
            "namespace": trigger.namespace,
            "name": trigger.metric_name,
            "dimensions": trigger.dimensions,
        },
        "period": trigger.period_secs,
        "stat": trigger.statistic,
    }
    if trigger.unit is not None:
        stat["unit"] = trigger.unit
    return {"id": "m1", "metricStat": stat, "returnData": True}
