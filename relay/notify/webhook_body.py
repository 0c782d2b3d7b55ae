"""The JSON document that a webhook receives, version 1.

version      "1"; a change that breaks a reader gives another number
id           idempotency key: equal for every attempt to send this notification
status       "firing" (in ALARM) or "resolved" (no longer)
alarm        the alarm's name
state        "OK", "ALARM" or "INSUFFICIENT_DATA"; old_state likewise
time         when the alarm changed its state: ISO 8601, UTC, milliseconds
received_at  when the message that caused it was received, or null
reason       CloudWatch's wording of why
severity     the alarm's severity, or null
description  the alarm's description, or null
runbook_url  the alarm's runbook, or null
labels       the alarm's labels
group        selector -> value, of an alarm with group_by
total        how many datapoints made the condition true
evidence     the newest of their records, newest first; each an object of strings:
             event_id, event_time, event_name, event_source, principal,
             principal_type, account, region, source_ip, user_agent, error_code,
             error_message, bucket, key; what is not known is absent
repeat       true on a reminder that the alarm still is in ALARM
cloudwatch   the message that a CloudWatch alarm would publish, with Evidence
"""

from datetime import UTC, datetime

import msgspec

from relay.model import AlarmState, Notification
from relay.notify.cloudwatch_message import render

VERSION = "1"


def render_body(notification: Notification) -> bytes:
    """Return the document, encoded."""
    return msgspec.json.encode(
        {
            "version": VERSION,
            "id": notification.id,
            "status": _status(notification.state),
            "alarm": notification.alarm,
            "state": notification.state,
            "old_state": notification.old_state,
            "time": _utc(notification.at),
            "received_at": _utc(notification.received_at),
            "reason": notification.reason,
            "severity": notification.severity,
            "description": notification.description,
            "runbook_url": notification.runbook_url,
            "labels": notification.labels,
            "group": notification.group,
            "total": notification.total,
            "evidence": notification.evidence,
            "repeat": notification.repeat,
            "cloudwatch": render(notification, action_arn=None),
        }
    )


def _status(state: AlarmState) -> str:
    return "firing" if state is AlarmState.ALARM else "resolved"


def _utc(at: float | None) -> str | None:
    if at is None:
        return None
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
