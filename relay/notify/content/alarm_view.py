"""One alarm's transition as a reader sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from relay.model import AlarmState, Notification
from relay.model.notify import CompositeTrigger
from relay.notify.content.facts import Row, duration, facts_of
from relay.notify.content.links import RUNBOOK, Link, links_of
from relay.notify.content.severity import color_of, icon_of, label_of
from relay.notify.plain import one_line
from relay.notify.text import title as title_of

_MAX_DESCRIPTION_CHARS = 2_000
_MAX_REASON_CHARS = 1_100  # CloudWatch's own limit is 1,023
_MAX_URL_CHARS = 2_000
_MAX_CHILDREN = 5
_COMPARISONS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What the view adds to what the notification itself knows.

    ``accounts`` maps account ids to the names that people give them. ``log_groups`` are
    where the relay writes records; the console's queries look there, in
    ``console_region`` (the relay's own when it is None).
    """

    accounts: Mapping[str, str] = field(default_factory=dict)
    log_groups: tuple[str, ...] = ()
    console_region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """One alarm's transition.

    ``state`` is CloudWatch's word, ``label`` people's (``ALARM``, ``RESOLVED``, ``NO
    DATA``). ``who``, ``what``, ``where``, ``source``, ``when``, ``result`` and
    ``count`` are told from the evidence, and empty without any. ``at`` is in seconds
    since the epoch. ``cause`` names the alarms that moved a composite one; ``runbook``
    may have several lines, as ``description``. ``group`` holds selectors and values;
    ``rows`` the evidence, newest first. What has no value is empty, never None.
    """

    id: str
    name: str
    title: str
    description: str
    runbook: str
    state: str
    label: str
    icon: str
    severity: str
    color: str
    is_firing: bool
    is_reminder: bool
    at: float
    changed: str
    cause: str
    who: str
    what: str
    where: str
    source: str
    when: str
    result: str
    count: str
    reason: str
    condition: str
    relay: str
    group: tuple[tuple[str, str], ...]
    runbook_url: str
    links: tuple[Link, ...]
    heading: str
    rows: tuple[Row, ...]

    @property
    def runbook_note(self) -> str:
        """What ``runbook_url`` says where it is no address to link to; or empty."""
        has_link = any(link.text == RUNBOOK for link in self.links)
        return "" if has_link else self.runbook_url

    @property
    def summary(self) -> str:
        """Who, what, where, from where, how many, and the cause, in one line."""
        facts = (self.who, self.what, self.where, self.source, self.result, self.count)
        return " · ".join(filter(None, (*facts, self.cause)))


def alarm_view(notification: Notification, background: Background) -> AlarmView:
    """Return the view of ``notification``."""
    facts = facts_of(notification, background.accounts)
    return AlarmView(
        id=notification.id,
        name=one_line(notification.alarm),
        title=title_of(notification),
        description=_lines(notification.description or ""),
        runbook=_lines(notification.runbook or ""),
        state=notification.state.value,
        label=label_of(notification.state),
        icon=icon_of(notification.state, notification.severity),
        severity=one_line(notification.severity or ""),
        color=color_of(notification.state, notification.severity),
        is_firing=notification.state is AlarmState.ALARM,
        is_reminder=notification.repeat,
        at=notification.at,
        changed=_changed(notification),
        who=facts.who,
        what=facts.what,
        where=facts.where,
        source=facts.source,
        when=facts.when,
        result=facts.result,
        count=facts.count,
        reason=one_line(notification.reason, _MAX_REASON_CHARS),
        condition=_condition(notification),
        cause=_cause(notification.composite),
        relay=_relay(notification, background.accounts),
        group=pairs(notification.group),
        runbook_url=one_line(notification.runbook_url or "", _MAX_URL_CHARS),
        links=links_of(
            notification,
            log_groups=background.log_groups,
            console_region=background.console_region or notification.region,
        ),
        heading=_heading(len(facts.rows), notification.total),
        rows=facts.rows,
    )


def pairs(texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return names and values, each on one line."""
    return tuple((one_line(name), one_line(text)) for name, text in texts.items())


def _changed(notification: Notification) -> str:
    at = datetime.fromtimestamp(notification.at, UTC)
    change = f"{notification.old_state} -> {notification.state}"
    muted = ", muted until now" if notification.after_mute else ""
    return f"{change} at {at:%Y-%m-%d %H:%M:%S} UTC{muted}"


def _condition(notification: Notification) -> str:
    if notification.composite is not None:
        return one_line(notification.composite.rule)
    trigger = notification.trigger
    if trigger is None:
        return ""
    if trigger.condition is not None:
        return one_line(trigger.condition)
    comparison = _COMPARISONS.get(
        trigger.comparison_operator, trigger.comparison_operator
    )
    text = (
        f"{trigger.statistic} of {trigger.namespace}/{trigger.metric_name}"
        f" {comparison} {trigger.threshold:g} within {duration(trigger.period_secs)}"
    )
    needed = trigger.datapoints_to_alarm or trigger.evaluation_periods
    if trigger.evaluation_periods > 1:
        text += f", in {needed} of {trigger.evaluation_periods} periods"
    return one_line(text)


def _cause(composite: CompositeTrigger | None) -> str:
    """Say which alarms have moved a composite one."""
    children = () if composite is None else composite.children
    named = [f"{child.alarm} {child.state}" for child in children[:_MAX_CHILDREN]]
    more = len(children) - len(named)
    return one_line(", ".join(named) + (f" and {more} more" if more else ""))


def _relay(notification: Notification, accounts: Mapping[str, str]) -> str:
    account = notification.account
    alias = accounts.get(account)
    shown = f"{alias} ({account})" if alias else account
    return one_line(f"{shown}, {notification.region}")


def _heading(shown: int, total: int) -> str:
    """Say how many records follow, and of how many."""
    if not shown:
        return ""
    # Evidence may come without a count; it must not say "newest 2 of 0".
    if shown < total:
        return f"The newest {shown} of {total:,} records:"
    return f"The {shown} records, newest first:" if shown > 1 else "The record:"


def _lines(text: str) -> str:
    lines = text[:_MAX_DESCRIPTION_CHARS].splitlines()
    return "\n".join(one_line(line, _MAX_DESCRIPTION_CHARS) for line in lines).strip()
