"""The message that a CloudWatch alarm publishes, and three members of our own.

Members, their order and their forms are those of a single-metric alarm's message, or
of a composite alarm's, so that what reads CloudWatch's own notifications reads these
(CloudWatch User Guide, "Notifying users on alarm changes"). ``Evidence``, ``Group`` and
``Labels`` follow at the end; a consumer that does not know them does not see them.
"""

from datetime import UTC, datetime
from itertools import accumulate, groupby

import msgspec

from relay.model import AlarmState, Evidence, Notification
from relay.model.notify import CompositeTrigger, Trigger
from relay.notify.plain import shorten
from relay.notify.regions import display_name, partition

MAX_MESSAGE_BYTES = 256 * 1024
"""What SNS publishes (API reference, Publish); the attributes count as well."""
ATTRIBUTES_BYTES = 4 * 1024
"""Kept free for the message attributes."""
MAX_CHILDREN = 10
"""Triggering children that are told; CloudWatch names no more in its mail."""
MAX_SUBJECT_CHARS = 100
"""CloudWatch cuts an alarm's name so that the subject has exactly this length."""

_MAX_TEXT_CHARS = 1_024  # of a single text, once the message is too large
_STATISTICS = {
    "SampleCount": "SAMPLE_COUNT",
    "Sum": "SUM",
    "Average": "AVERAGE",
    "Minimum": "MINIMUM",
    "Maximum": "MAXIMUM",
}
# JSON allows these two in a string, SQS and SNS (XML 1.0) nowhere.
_NONCHARACTERS = (("\ufffe".encode(), b"\\ufffe"), ("\uffff".encode(), b"\\uffff"))


def render_json(
    notification: Notification,
    *,
    action_arn: str | None,
    max_bytes: int = MAX_MESSAGE_BYTES - ATTRIBUTES_BYTES,
) -> str:
    """Return the message as JSON text of at most ``max_bytes`` in UTF-8.

    When it would be larger, the oldest evidence goes first; then long texts are cut,
    and at last ``Group`` and ``Labels`` are left empty.
    """
    encoded = encode(render(notification, action_arn=action_arn))
    if len(encoded) > max_bytes:
        encoded = encode(render(fitted(notification, max_bytes), action_arn=action_arn))
    return encoded.decode()


def render(notification: Notification, *, action_arn: str | None) -> dict[str, object]:
    """Return the whole message; ``action_arn`` is the topic or queue that gets it.

    That of a composite alarm has ``AlarmRule`` and ``TriggeringChildren``, no
    ``Trigger``, and some members elsewhere, as CloudWatch's own.
    """
    composite = notification.composite
    shown = (
        _of_composite(notification, composite, action_arn)
        if composite is not None
        else _of_metric_alarm(notification, action_arn)
    )
    return shown | {
        "Evidence": {
            "Total": notification.total,
            "Events": [event(each) for each in notification.evidence],
        },
        "Group": notification.group,
        "Labels": notification.labels,
    }


def subject(notification: Notification) -> str:
    """Return CloudWatch's subject, such as ``ALARM: "name" in EU (Ireland)``.

    A run of non-ASCII characters is one ``_``; a long name is cut, with ``...``.
    """
    start = f'{notification.state}: "'
    end = f'" in {display_name(notification.region)}'
    room = MAX_SUBJECT_CHARS - len(start) - len(end)
    return start + shorten(_ascii(notification.alarm), room) + end


def alarm_arn(notification: Notification) -> str:
    """Return the ARN that the alarm would have in CloudWatch."""
    return _arn(notification, notification.alarm)


def timestamp(at: float) -> str:
    """Return ``at`` as CloudWatch writes it: ``2026-09-14T11:18:44.401+0000``."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "+0000")


def event(evidence: Evidence) -> dict[str, object]:
    """Say what is known of one record, under CloudTrail's own names."""
    identity = {"type": evidence.principal_type, "principal": evidence.principal}
    members: dict[str, object] = {
        "eventID": evidence.event_id,
        "eventTime": evidence.event_time,
        "eventName": evidence.event_name,
        "eventSource": evidence.event_source,
        "userIdentity": {k: v for k, v in identity.items() if v is not None} or None,
        "recipientAccountId": evidence.account,
        "awsRegion": evidence.region,
        "sourceIPAddress": evidence.source_ip,
        "userAgent": evidence.user_agent,
        "errorCode": evidence.error_code,
        "errorMessage": evidence.error_message,
        "s3Bucket": evidence.bucket,
        "s3ObjectKey": evidence.key,
    }
    return {name: value for name, value in members.items() if value is not None}


def fitted(notification: Notification, max_bytes: int) -> Notification:
    """Return ``notification`` with less in it, so that the message fits."""
    bare = msgspec.structs.replace(notification, evidence=())
    if _size_bytes(bare) > max_bytes:
        bare = _with_short_texts(bare)
    if _size_bytes(bare) > max_bytes:
        bare = msgspec.structs.replace(bare, group={}, labels={})
    room = max_bytes - _size_bytes(bare)
    sizes = [len(encode(event(each))) + 1 for each in notification.evidence]
    kept = sum(total <= room for total in accumulate(sizes))
    return msgspec.structs.replace(bare, evidence=notification.evidence[:kept])


def encode(value: dict[str, object]) -> bytes:
    """Return ``value`` as JSON that SQS and SNS take."""
    encoded = msgspec.json.encode(value)
    for character, escape in _NONCHARACTERS:
        encoded = encoded.replace(character, escape)
    return encoded


def _of_metric_alarm(
    notification: Notification, action_arn: str | None
) -> dict[str, object]:
    return {
        "AlarmName": notification.alarm,
        "AlarmDescription": notification.description,
        "AWSAccountId": notification.account,
        "AlarmConfigurationUpdatedTimestamp": timestamp(notification.configured_at),
        **_change(notification),
        "OldStateValue": notification.old_state,
        "ActionExecutedAfterMuteWindow": notification.after_mute,
        **_actions(notification, action_arn),
        "Trigger": _trigger(notification.trigger),
    }


def _of_composite(
    notification: Notification, composite: CompositeTrigger, action_arn: str | None
) -> dict[str, object]:
    return {
        "AlarmName": notification.alarm,
        "AlarmDescription": notification.description,
        "AWSAccountId": notification.account,
        **_change(notification),
        # It begins with the name of an alarm, where CloudWatch has the ARN.
        "NewStateReason": _arn(notification, notification.reason),
        **_actions(notification, action_arn),
        "ActionExecutedAfterMuteWindow": notification.after_mute,
        "OldStateValue": notification.old_state,
        "AlarmRule": composite.rule,
        "TriggeringChildren": [
            {
                "Arn": _arn(notification, child.alarm),
                "State": {"Value": child.state, "Timestamp": timestamp(child.at)},
            }
            for child in composite.children[:MAX_CHILDREN]
        ],
    }


def _change(notification: Notification) -> dict[str, object]:
    return {
        "NewStateValue": notification.state,
        "NewStateReason": notification.reason,
        "StateChangeTime": timestamp(notification.at),
        "Region": display_name(notification.region),
        "AlarmArn": alarm_arn(notification),
    }


def _arn(notification: Notification, alarm: str) -> str:
    return (
        f"arn:{partition(notification.region)}:cloudwatch:{notification.region}"
        f":{notification.account}:alarm:{alarm}"
    )


def _actions(notification: Notification, arn: str | None) -> dict[str, object]:
    names = {
        "OKActions": AlarmState.OK,
        "AlarmActions": AlarmState.ALARM,
        "InsufficientDataActions": AlarmState.INSUFFICIENT_DATA,
    }
    return {
        name: [arn] if arn is not None and state in notification.notify_on else []
        for name, state in names.items()
    }


def _trigger(trigger: Trigger | None) -> dict[str, object]:
    if trigger is None:
        return {}
    members: dict[str, object] = {
        "MetricName": trigger.metric_name,
        "Namespace": trigger.namespace,
        **_statistic(trigger.statistic),
        "Unit": trigger.unit,
        "Dimensions": [
            {"value": value, "name": name} for name, value in trigger.dimensions.items()
        ],
        "Period": trigger.period_secs,
        "EvaluationPeriods": trigger.evaluation_periods,
    }
    if trigger.datapoints_to_alarm is not None:
        members["DatapointsToAlarm"] = trigger.datapoints_to_alarm
    return members | {
        "ComparisonOperator": trigger.comparison_operator,
        "Threshold": float(trigger.threshold),
        "TreatMissingData": trigger.treat_missing_data,
        "EvaluateLowSampleCountPercentile": trigger.low_samples or "",
    }


def _statistic(name: str) -> dict[str, object]:
    if name in _STATISTICS:
        return {"StatisticType": "Statistic", "Statistic": _STATISTICS[name]}
    return {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": name}


def _with_short_texts(notification: Notification) -> Notification:
    return msgspec.structs.replace(
        notification,
        reason=shorten(notification.reason, _MAX_TEXT_CHARS),
        description=shorten(notification.description or "", _MAX_TEXT_CHARS) or None,
        group=_short_values(notification.group),
        labels=_short_values(notification.labels),
    )


def _short_values(texts: dict[str, str]) -> dict[str, str]:
    return {name: shorten(text, _MAX_TEXT_CHARS) for name, text in texts.items()}


def _size_bytes(notification: Notification) -> int:
    # The longest ARN that stands in both action lists: a queue's or topic's.
    arn = "x" * 512
    return len(encode(render(notification, action_arn=arn)))


def _ascii(text: str) -> str:
    runs = groupby(text, str.isascii)
    return "".join("".join(run) if is_ascii else "_" for is_ascii, run in runs)
