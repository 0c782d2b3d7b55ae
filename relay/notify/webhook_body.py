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
runbook      the runbook's own text, of several lines, or null
labels       the alarm's labels
group        selector -> value, of an alarm with group_by
total        how many datapoints made the condition true
evidence     the newest of their records, newest first; each an object of strings:
             event_id, event_time, event_name, event_source, principal,
             principal_type, account, region, source_ip, user_agent, error_code,
             error_message, bucket, key; what is not known is absent
repeat       true on a reminder that the alarm still is in ALARM
cloudwatch   the message that a CloudWatch alarm would publish, with Evidence
suppressed   how many similar notifications a limit left out before this one

Where a route groups notifications, or a limit has gathered them, several come in one
document. Then all of the above is said of the newest, ``id`` is the whole's, and there
are three members more:

group_labels   what they have in common: label -> value
notifications  all of them, newest first, each with the members id to repeat
count          how many they are; more than the list when that had no room

A document has at most 256 KiB. What would make it larger is left out: evidence first,
then the oldest notifications.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate

import msgspec

from relay.model import AlarmState, Bundle, Notification
from relay.notify.cloudwatch_message import fitted, render

VERSION = "1"
MAX_BODY_BYTES = 256 * 1024


def render_body(bundle: Bundle, *, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Return the document, encoded, of at most ``max_bytes``."""
    newest_first = bundle.notifications[::-1]
    full = _encoded(bundle, bundle.newest, newest_first)
    if len(full) <= max_bytes:
        return full
    bare = [msgspec.structs.replace(each, evidence=()) for each in newest_first]
    shorter = _encoded(bundle, bundle.newest, bare)
    if len(shorter) <= max_bytes:
        return shorter
    # A quarter for the newest: it stands there twice, once as CloudWatch's message.
    newest = fitted(bundle.newest, max_bytes // 4)
    room = max_bytes - len(_encoded(bundle, newest, []))
    sizes = accumulate(len(msgspec.json.encode(_members(each))) + 1 for each in bare)
    kept = sum(size <= room for size in sizes)
    return _encoded(bundle, newest, bare[:kept])


def _encoded(
    bundle: Bundle, newest: Notification, listed: Sequence[Notification]
) -> bytes:
    document: dict[str, object] = {
        "version": VERSION,
        **_members(newest),
        "id": bundle.id,
        "cloudwatch": render(newest, action_arn=None),
        "suppressed": bundle.suppressed,
    }
    if len(bundle.notifications) > 1:
        document |= {
            "group_labels": bundle.group_labels,
            "notifications": [_members(each) for each in listed],
            "count": len(bundle.notifications),
        }
    return msgspec.json.encode(document)


def _members(notification: Notification) -> dict[str, object]:
    return {
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
        "runbook": notification.runbook,
        "labels": notification.labels,
        "group": notification.group,
        "total": notification.total,
        "evidence": notification.evidence,
        "repeat": notification.repeat,
    }


def _status(state: AlarmState) -> str:
    return "firing" if state is AlarmState.ALARM else "resolved"


def _utc(at: float | None) -> str | None:
    if at is None:
        return None
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
