"""A notification and what leads to it, each with what a test wants changed."""

from typing import Any

from relay.config.rules import AlarmDefinition, MetricName
from relay.model import (
    AlarmKey,
    AlarmState,
    Bundle,
    Evidence,
    Notification,
    OutboxEntry,
    Transition,
    Trigger,
)
from relay.patterns import parse_selector

AT = 1_789_384_724.401  # 2026-09-14T11:18:44.401Z

EVIDENCE = Evidence(
    event_id="5c5c1a53-0d2f-4b6e-9d43-6a0e0f3f8f11",
    event_time="2026-09-14T11:13:02Z",
    event_name="ConsoleLogin",
    event_source="signin.amazonaws.com",
    principal="alice",
    principal_type="IAMUser",
    account="111122223333",
    region="eu-west-1",
    source_ip="203.0.113.7",
    user_agent="Mozilla/5.0",
    error_code="AuthFailure",
    error_message="Failed authentication",
    bucket="org-trail-logs",
    key="AWSLogs/111122223333/CloudTrail/eu-west-1/2026/09/14/x.json.gz",
)

TRIGGER = Trigger(
    namespace="CISBenchmark",
    metric_name="ConsoleLoginFailures",
    statistic="Sum",
    comparison_operator="GreaterThanOrEqualToThreshold",
    threshold=3.0,
    period_secs=300,
    evaluation_periods=1,
    datapoints_to_alarm=None,
    treat_missing_data="notBreaching",
)


def notification(**changes: Any) -> Notification:  # noqa: ANN401 - any member
    """Return failed logins of alice that raised an alarm."""
    members: dict[str, Any] = {
        "id": "1f" * 32,
        "alarm": "console-login-failures",
        "state": AlarmState.ALARM,
        "old_state": AlarmState.OK,
        "at": AT,
        "reason": "Threshold Crossed: 1 datapoint [3.0 (14/09/26 11:13:00)] was greater"
        " than or equal to the threshold (3.0).",
        "reason_data": "{}",
        "trigger": TRIGGER,
        "account": "111122223333",
        "region": "eu-west-1",
        "configured_at": AT - 86_400,
        "description": "Someone is guessing passwords.",
        "severity": "high",
        "runbook_url": "https://wiki.example.com/cis-4-6",
        "group": {"$.userIdentity.userName": "alice"},
        "labels": {"alarm": "console-login-failures", "severity": "high"},
        "total": 3,
        "evidence": (EVIDENCE,),
        "received_at": AT - 0.2,
    }
    return Notification(**members | changes)


def bundle(**changes: Any) -> Bundle:  # noqa: ANN401 - any member
    """Return what one target is sent of one notification, with other members of it."""
    one = notification(**changes)
    return Bundle(id=one.id, receiver="security", notifications=(one,))


def entry(number: int = 1, **changes: Any) -> OutboxEntry:  # noqa: ANN401 - any member
    """Return an outbox entry; another ``number`` is another notification."""
    members: dict[str, Any] = {
        "id": f"entry-{number}",
        "receiver": "security",
        "target": "webhook:https://hooks.example.com/#0123456789ab",
        "notification": notification(id=f"notification-{number}"),
        "created_at": AT,
    }
    return OutboxEntry(**members | changes)


def definition(**changes: Any) -> AlarmDefinition:  # noqa: ANN401 - any member
    """Return the definition behind ``notification``."""
    members: dict[str, Any] = {
        "name": "console-login-failures",
        "metric": MetricName(namespace="CISBenchmark", name="ConsoleLoginFailures"),
        "fingerprint": "f1",
        "threshold": 3.0,
        "group_by": (parse_selector("$.userIdentity.userName"),),
        "description": "Someone is guessing passwords.",
        "severity": "high",
        "runbook_url": "https://wiki.example.com/cis-4-6",
        "labels": (("alarm", "console-login-failures"), ("severity", "high")),
    }
    return AlarmDefinition(**members | changes)


def transition(**changes: Any) -> Transition:  # noqa: ANN401 - any member
    """Return what led to ``notification``."""
    members: dict[str, Any] = {
        "alarm": AlarmKey(name="console-login-failures", fingerprint="f1"),
        "group": ("alice",),
        "old": AlarmState.OK,
        "new": AlarmState.ALARM,
        "at": AT,
        "reason": "Threshold Crossed",
        "reason_data": "{}",
        "total": 3,
        "evidence": (EVIDENCE,),
        "received_at": AT - 0.2,
    }
    return Transition(**members | changes)
