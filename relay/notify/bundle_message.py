"""A bundle as one CloudWatch message: the newest alarm's, and what else there is.

A single notification is exactly what a CloudWatch alarm publishes. Several are the
newest one's message with three members more, which a consumer that does not know them
does not see:

    GroupedAlarms       all that are told of, newest first: AlarmName, NewStateValue,
                        OldStateValue, StateChangeTime, NewStateReason, Group, Labels,
                        Total (of datapoints) and Evidence, the newest record
    GroupedAlarmsTotal  how many these are; more than the list where that had no room
    Suppressed          how many more a limit left out before
"""

from collections.abc import Iterable
from itertools import accumulate

from relay.model import Bundle, Notification
from relay.notify.cloudwatch_message import (
    ATTRIBUTES_BYTES,
    MAX_MESSAGE_BYTES,
    encode,
    event,
    fitted,
    render,
    render_json,
    timestamp,
)
from relay.notify.plain import shorten

_MAX_REASON_CHARS = 256


def render_bundle(
    bundle: Bundle,
    *,
    action_arn: str | None,
    max_bytes: int = MAX_MESSAGE_BYTES - ATTRIBUTES_BYTES,
) -> str:
    """Return the message as JSON text of at most ``max_bytes`` in UTF-8.

    When it would be larger, evidence goes first, that of the grouped alarms before that
    of the newest; then the oldest grouped alarms. It always is whole JSON.
    """
    if len(bundle.notifications) == 1 and not bundle.suppressed:
        return render_json(bundle.newest, action_arn=action_arn, max_bytes=max_bytes)
    newest_first = bundle.notifications[::-1]
    full = _encoded(bundle, bundle.newest, map(_grouped, newest_first), action_arn)
    if len(full) <= max_bytes:
        return full.decode()
    bare = [_without_evidence(_grouped(each)) for each in newest_first]
    shorter = _encoded(bundle, bundle.newest, bare, action_arn)
    if len(shorter) <= max_bytes:
        return shorter.decode()
    # Half for the newest alarm with its evidence, the rest for as many as fit.
    newest = fitted(bundle.newest, max_bytes // 2)
    room = max_bytes - len(_encoded(bundle, newest, (), action_arn))
    sizes = accumulate(len(encode(each)) + 1 for each in bare)
    kept = sum(size <= room for size in sizes)
    return _encoded(bundle, newest, bare[:kept], action_arn).decode()


def _encoded(
    bundle: Bundle,
    newest: Notification,
    grouped: Iterable[dict[str, object]],
    action_arn: str | None,
) -> bytes:
    return encode(
        render(newest, action_arn=action_arn)
        | {
            "GroupedAlarms": list(grouped),
            "GroupedAlarmsTotal": len(bundle.notifications),
            "Suppressed": bundle.suppressed,
        }
    )


def _grouped(notification: Notification) -> dict[str, object]:
    return {
        "AlarmName": notification.alarm,
        "NewStateValue": notification.state,
        "OldStateValue": notification.old_state,
        "StateChangeTime": timestamp(notification.at),
        "NewStateReason": shorten(notification.reason, _MAX_REASON_CHARS),
        "Group": notification.group,
        "Labels": notification.labels,
        "Total": notification.total,
        "Evidence": event(notification.evidence[0]) if notification.evidence else None,
    }


def _without_evidence(grouped: dict[str, object]) -> dict[str, object]:
    return grouped | {"Evidence": None}
