"""What goes out because of a transition, and what is on its way."""

from enum import StrEnum

import msgspec

from relay.model.alarms import AlarmState, Child
from relay.model.rules import Evidence


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """The alarm's condition, as CloudWatch's own message carries it.

    ``datapoints_to_alarm`` is None when the definition does not name it, and
    ``low_samples`` (``evaluate`` or ``ignore``) where it plays no part. ``condition``
    says in words what CloudWatch has no members for; else it is None.
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
    low_samples: str | None = None
    condition: str | None = None


class CompositeTrigger(msgspec.Struct, frozen=True, kw_only=True):
    """A composite alarm's rule, as it is written, and which alarms have moved it."""

    rule: str
    children: tuple[Child, ...] = ()


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What goes out because of a transition; every receiver renders it its own way.

    ``id`` is the idempotency key: the same for every attempt and every target. An alarm
    on a metric has a ``trigger``, one on other alarms is ``composite``; the other of
    the two is None. ``runbook`` is a text of several lines. ``group`` maps ``group_by``
    selectors to values; ``labels`` are what routes match on (``alarm``, ``severity``,
    and the definition's own). ``account`` and ``region`` are the relay's own, for the
    alarm's ARN. ``notify_on`` are the states that the alarm tells of. ``after_mute``:
    told at the end of a mute rule's window. ``repeat`` is set on a reminder.
    ``opened_by`` is the id of the notification that told of this alarm: its own, or for
    what follows (reminders, the end) that of the first; None when nobody knows.
    """

    id: str
    alarm: str
    state: AlarmState
    old_state: AlarmState
    at: float
    reason: str
    reason_data: str
    trigger: Trigger | None
    account: str
    region: str
    configured_at: float
    description: str | None = None
    severity: str | None = None
    runbook_url: str | None = None
    runbook: str | None = None
    composite: CompositeTrigger | None = None
    group: dict[str, str] = {}
    labels: dict[str, str] = {}
    total: int = 0
    evidence: tuple[Evidence, ...] = ()
    received_at: float | None = None
    after_mute: bool = False
    repeat: bool = False
    opened_by: str | None = None
    notify_on: tuple[AlarmState, ...] = (AlarmState.ALARM, AlarmState.OK)


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """What one target is sent at once: one notification, or several put together.

    ``id`` is the idempotency key, equal at every attempt; a single notification's is
    its own. ``notifications`` are at least one, oldest first. ``group_labels`` are what
    they have in common where a route groups them. ``suppressed`` counts more of the
    same kind, which a limit has left out.
    """

    id: str
    receiver: str
    notifications: tuple[Notification, ...]
    group_labels: dict[str, str] = {}
    suppressed: int = 0

    @property
    def newest(self) -> Notification:
        """The last of the notifications."""
        return self.notifications[-1]


class Suppression(StrEnum):
    """Why somebody is not told of an alarm now; a metric label."""

    SILENCE = "silence"
    INHIBITION = "inhibition"
    INTERVAL = "interval"


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Mutes alarms whose labels fit all ``matchers``, from the one time to the other.

    Those are texts such as ``severity="low"``.
    """

    id: str
    matchers: tuple[str, ...]
    starts_at: float
    ends_at: float
    created_by: str
    comment: str


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
