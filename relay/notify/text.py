"""A notification as plain text for people: what fired, who did it, where, and when.

Nothing that comes out of a record can start a line of its own or hide: see
``relay.notify.plain``.
"""

from relay.clock import isoformat
from relay.model import Evidence, Notification
from relay.notify.plain import one_line
from relay.notify.regions import event_url

_MAX_TITLE_CHARS = 150
_MAX_REASON_CHARS = 1_100  # CloudWatch's own limit is 1,023
_MAX_DESCRIPTION_CHARS = 2_000


def title(notification: Notification) -> str:
    """Return one line that says the state, the severity, the alarm and its group."""
    repeat = "Reminder: " if notification.repeat else ""
    severity = f" ({notification.severity})" if notification.severity else ""
    group = ", ".join(notification.group.values())
    suffix = f" [{group}]" if group else ""
    text = f"{repeat}{notification.state}{severity}: {notification.alarm}{suffix}"
    return one_line(text, _MAX_TITLE_CHARS)


def body(notification: Notification) -> str:
    """Return the whole text, evidence newest first; it ends with a newline."""
    sections = [
        [title(notification)],
        _description(notification),
        _facts(notification),
        *_evidence(notification),
        _links(notification),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _description(notification: Notification) -> list[str]:
    lines = (notification.description or "")[:_MAX_DESCRIPTION_CHARS].splitlines()
    return [one_line(line, _MAX_DESCRIPTION_CHARS) for line in lines]


def _facts(notification: Notification) -> list[str]:
    change = f"{notification.old_state} -> {notification.state}"
    group = [
        f"Group:    {one_line(f'{selector} = {value}')}"
        for selector, value in notification.group.items()
    ]
    return [
        f"State:    {change} at {isoformat(notification.at)}",
        f"Reason:   {one_line(notification.reason, _MAX_REASON_CHARS)}",
        *group,
        f"Metric:   {_condition(notification)}",
        f"Relay in: account {notification.account}, {notification.region}",
    ]


def _condition(notification: Notification) -> str:
    trigger = notification.trigger
    needed = trigger.datapoints_to_alarm or trigger.evaluation_periods
    condition = (
        f"{trigger.statistic} of {trigger.namespace}/{trigger.metric_name}"
        f" {trigger.comparison_operator} {trigger.threshold:g}"
        f" for {needed} of {trigger.evaluation_periods}"
        f" periods of {trigger.period_secs} s"
    )
    return one_line(condition)


def _evidence(notification: Notification) -> list[list[str]]:
    shown, total = len(notification.evidence), notification.total
    if not shown:
        return []
    # Evidence may come without a count; it must not say "newest 2 of 0".
    heading = (
        f"The newest {shown} of {total} records:"
        if shown < total
        else f"The {shown} records, newest first:"
        if shown > 1
        else "The record:"
    )
    return [[heading], *map(_event, notification.evidence)]


def _event(evidence: Evidence) -> list[str]:
    what = _joined(evidence.event_name, evidence.event_source, form="{} ({})")
    error = _joined(evidence.error_code, evidence.error_message, form="{}: {}")
    where = [
        evidence.source_ip and f"from {evidence.source_ip}",
        evidence.account and f"account {evidence.account}",
        evidence.region,
    ]
    stored = _joined(evidence.bucket, evidence.key, form="s3://{}/{}")
    rows = [
        ("what", what),
        ("who", _joined(evidence.principal_type, evidence.principal, form="{} {}")),
        ("where", ", ".join(filter(None, where))),
        ("with", evidence.user_agent),
        ("error", error),
        ("event", evidence.event_id),
        ("object", stored),
    ]
    when = one_line(evidence.event_time or "at an unknown time")
    return [f"* {when}"] + [
        f"  {name:<7} {one_line(text)}" for name, text in rows if text
    ]


def _joined(first: str | None, second: str | None, *, form: str) -> str:
    """Return both in ``form``, or the one that is there, or nothing."""
    if first and second:
        return form.format(first, second)
    return first or second or ""


def _links(notification: Notification) -> list[str]:
    lines = []
    if notification.runbook_url:
        lines.append(f"Runbook:  {one_line(notification.runbook_url, 2_000)}")
    for evidence in notification.evidence[:1]:
        url = event_url(evidence.region or "", evidence.event_id or "")
        if url:
            lines.append(f"Console:  {url}")
    return lines
