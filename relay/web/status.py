"""What the daemon says of itself: one document, served as JSON under /api/status.

Times are texts such as ``2026-09-14T05:42:40Z``, durations seconds. The ledger's counts
are durable: they go back to when the state store was made, over all restarts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relay.accounting.balance import Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigStatus:
    """The configuration in force."""

    path: str
    loaded_at: str
    metric_filters: int
    alarms: int
    receivers: int
    self_watch_rules: int = 0
    """Built-in rules that are on; the other counts leave them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadStatus:
    """The last reload; with ``problems`` it was refused, and nothing has changed."""

    at: str
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """The queue, and the messages under way.

    ``quiet_secs`` is how long ago the last receive was answered or the last message
    done. ``queue`` is SQS's own approximate count by state, read every 30 s.
    """

    in_flight: int
    oldest_in_flight_secs: float
    quiet_secs: float
    queue: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStatus:
    """One alarm group in ALARM; ``group`` maps its selectors to their values.

    ``actions_suppressed_by`` is why nobody is told: CloudWatch's WaitPeriod,
    ExtensionPeriod or Alarm, or our MuteRule; None when nothing holds its actions back.
    """

    alarm: str
    group: Mapping[str, str]
    since: str | None
    reason: str
    actions_suppressed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStatus:
    """Notifications not yet accepted; ``oldest_secs`` is None when there are none."""

    pending: int
    oldest_secs: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All of it.

    ``problems`` is why the daemon is not healthy. ``in_alarm`` are the newest of those
    that ``alarms`` counts under ALARM.
    """

    version: str
    process_id: int
    started_at: str
    uptime_secs: float
    healthy: bool
    problems: Sequence[str]
    config: ConfigStatus | None
    last_reload: ReloadStatus | None
    source: SourceStatus | None
    ledger: Sequence[Balance]
    alarms: Mapping[str, int]
    in_alarm: Sequence[AlarmStatus]
    outbox: OutboxStatus
