"""What goes out because of a transition, and what is on its way."""

import msgspec

from relay.model.alarms import AlarmState
from relay.model.rules import Evidence


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """The alarm's condition, as CloudWatch's own message carries it.

    ``datapoints_to_alarm`` is None when the definition does not name it.
    """

    namespace: str
    metric_name: str
    statistic: str
    comparison_operator: str
    threshold: float
    period_secs: int
    evaluation_periods: int
    datapoints_to_alarm: int | None
    treat_missing_data: str
    unit: str | None = None
    dimensions: dict[str, str] = {}


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out because of a transition; every receiver renders it its own way.

    ``id`` is the idempotency key: the same for every attempt and every target.
    ``group`` maps ``group_by`` selectors to values; ``labels`` are what routes match on
    (``alarm``, ``severity``, and the definition's own). ``account`` and ``region`` are
    the relay's own, for the alarm's ARN. ``repeat`` is set on a reminder.
    """

    id: str
    alarm: str
    state: AlarmState
    old_state: AlarmState
    at: float
    reason: str
    reason_data: str
    trigger: Trigger
    account: str
    region: str
    configured_at: float
    description: str | None = None
    severity: str | None = None
    runbook_url: str | None = None
    group: dict[str, str] = {}
    labels: dict[str, str] = {}
    total: int = 0
    evidence: tuple[Evidence, ...] = ()
    received_at: float | None = None
    repeat: bool = False


class OutboxEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One notification on its way to one target of one receiver.

    ``target`` names the target across restarts and reloads, such as
    ``sns:arn:aws:sns:eu-west-1:123456789012:security``; it holds no secret.
    """

    id: str
    receiver: str
    target: str
    notification: Notification
    created_at: float
    attempts: int = 0
    next_attempt_at: float = 0.0
