"""Made-up notifications, to try templates and receivers on."""

from enum import StrEnum

import msgspec

from relay.model import AlarmState, Bundle, Evidence, Notification, Trigger
from relay.model.alarms import Child
from relay.model.notify import CompositeTrigger

AT = 1_789_384_724.0  # 2026-09-14T11:18:44Z

_BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)


class Sample(StrEnum):
    """What a template must be able to say."""

    ALARM = "alarm"
    RESOLVED = "resolved"
    GROUPED = "grouped"
    COMPOSITE = "composite"
    MINIMAL = "minimal"


def sample_bundle(sample: Sample, *, receiver: str = "sample") -> Bundle:
    """Return the bundle of ``sample``; ``minimal`` has only what is always there."""
    notifications = _notifications(sample)
    if len(notifications) == 1:
        (one,) = notifications
        return Bundle(id=one.id, receiver=receiver, notifications=notifications)
    return Bundle(
        id="0f" * 32,
        receiver=receiver,
        notifications=notifications,
        group_labels={"account": "111122223333"},
        suppressed=7,
    )


def _notifications(sample: Sample) -> tuple[Notification, ...]:
    match sample:
        case Sample.ALARM:
            return (_failed_logins(),)
        case Sample.RESOLVED:
            return (_resolved(),)
        case Sample.GROUPED:
            return (_resolved(), _role_used(), _root_used())
        case Sample.COMPOSITE:
            return (_composite(),)
        case Sample.MINIMAL:
            return (_minimal(),)


def _failed_logins() -> Notification:
    records = tuple(
        Evidence(
            event_id=f"5c5c1a53-0d2f-4b6e-9d43-6a0e0f3f8f1{number}",
            event_time=f"2026-09-14T11:1{3 - number}:02Z",
            event_name="ConsoleLogin",
            event_source="signin.amazonaws.com",
            principal="alice",
            principal_type="IAMUser",
            account="111122223333",
            region="eu-west-1",
            source_ip="203.0.113.7",
            user_agent=_BROWSER,
            error_message="Failed authentication",
            bucket="org-trail-logs",
            key="AWSLogs/111122223333/CloudTrail/eu-west-1/2026/09/14/sample.json.gz",
        )
        for number in range(3)
    )
    return msgspec.structs.replace(
        _minimal(),
        id="1f" * 32,
        alarm="console-login-failures",
        reason="Threshold Crossed: 1 datapoint [3.0 (14/09/26 11:13:00)] was greater"
        " than or equal to the threshold (3.0).",
        description="Someone is guessing passwords.",
        severity="high",
        runbook_url="https://wiki.example.com/console-login-failures",
        group={"$.userIdentity.userName": "alice"},
        labels={"alarm": "console-login-failures", "severity": "high"},
        total=3,
        evidence=records,
        received_at=AT - 0.2,
    )


def _resolved() -> Notification:
    return msgspec.structs.replace(
        _failed_logins(),
        id="2f" * 32,
        state=AlarmState.OK,
        old_state=AlarmState.ALARM,
        reason="Threshold Crossed: 1 datapoint [0.0 (14/09/26 11:18:00)] was not"
        " greater than or equal to the threshold (3.0).",
        total=0,
        evidence=(),
        received_at=None,
    )


def _role_used() -> Notification:
    first = _failed_logins()
    record = msgspec.structs.replace(
        first.evidence[0],
        event_name="StopLogging",
        event_source="cloudtrail.amazonaws.com",
        principal="Administrator/bob@example.com",
        principal_type="AssumedRole",
        user_agent="aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 os/linux#6.1",
        error_code="AccessDenied",
        error_message="User is not authorized to perform: cloudtrail:StopLogging",
    )
    return msgspec.structs.replace(
        first,
        id="3f" * 32,
        alarm="trail-changed",
        severity="medium",
        description=None,
        group={},
        labels={"alarm": "trail-changed", "severity": "medium"},
        total=1,
        evidence=(record,),
    )


def _root_used() -> Notification:
    first = _failed_logins()
    record = msgspec.structs.replace(
        first.evidence[0],
        event_name="CreateAccessKey",
        event_source="iam.amazonaws.com",
        principal="root",
        principal_type="Root",
        region="us-east-1",
        error_message=None,
    )
    return msgspec.structs.replace(
        first,
        id="4f" * 32,
        alarm="root-account-used",
        severity="critical",
        description="The root user did something.\nNobody should need to.",
        group={},
        labels={"alarm": "root-account-used", "severity": "critical"},
        total=1,
        evidence=(record,),
    )


def _composite() -> Notification:
    moved = ("console-login-failures", "trail-changed")
    return msgspec.structs.replace(
        _failed_logins(),
        id="6f" * 32,
        alarm="break-in",
        severity="critical",
        reason="arn:aws:cloudwatch:eu-west-1:111122223333:alarm:trail-changed"
        " transitioned to ALARM at Monday 14 September, 2026 11:18:44 UTC",
        trigger=None,
        composite=CompositeTrigger(
            rule=" AND ".join(f'ALARM("{name}")' for name in moved),
            children=tuple(
                Child(alarm=name, state=AlarmState.ALARM, at=AT) for name in moved
            ),
        ),
        description=None,
        runbook="Lock the user out.\nThen look at what else the address did.",
        group={},
        labels={"alarm": "break-in", "severity": "critical"},
        after_mute=True,
    )


def _minimal() -> Notification:
    return Notification(
        id="5f" * 32,
        alarm="sample",
        state=AlarmState.ALARM,
        old_state=AlarmState.OK,
        at=AT,
        reason="Threshold Crossed",
        reason_data="{}",
        trigger=Trigger(
            namespace="CloudTrailRelay",
            metric_name="Sample",
            statistic="Sum",
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=3.0,
            period_secs=300,
            evaluation_periods=1,
            datapoints_to_alarm=None,
            treat_missing_data="notBreaching",
        ),
        account="111122223333",
        region="eu-west-1",
        configured_at=AT - 86_400,
    )
