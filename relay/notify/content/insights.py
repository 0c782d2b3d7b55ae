"""The console's address of a CloudWatch Logs Insights query, in its own encoding.

The page's state is one value after ``queryDetail=``: objects are ``~(key~value)``,
lists ``~(~value)``, texts start with ``'`` and hold ``*`` and two hexadecimal digits
for all but a few characters. That is percent-encoded twice, and ``%`` written ``$``:
``~(`` is ``$257E$2528``. No AWS page documents it; it is what the console itself shows
in the address bar for such a query.
"""

import re
from datetime import UTC, datetime

from relay.clock import parse_isoformat
from relay.model import Notification
from relay.notify.regions import console_host

MARGIN_SECS = 900.0
"""Looked at before the oldest record: CloudWatch Logs' time is that of the delivery."""
MAX_WINDOW_SECS = 14 * 86_400.0
MAX_GROUPS = 50
"""Log groups of one query (CloudWatch Logs User Guide, "CloudWatch Logs quotas")."""

_MARKS = {"~": "$257E", "(": "$2528", ")": "$2529", "'": "$2527"}
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_MAX_NAMES = 10
_MAX_VALUE_CHARS = 100
_LIMIT = 1_000


def insights_url(
    notification: Notification, *, region: str, log_groups: tuple[str, ...]
) -> str | None:
    """Return where the console shows the records of the alarm's window.

    None without log groups, or for a region whose console is not known.
    """
    host = console_host(region)
    if host is None or not log_groups:
        return None
    start, end = _window(notification)
    detail = (
        f"~(end~{_text(_time(end))}~start~{_text(_time(start))}"
        f"~timeType~{_text('ABSOLUTE')}~tz~{_text('UTC')}"
        f"~editorString~{_text(query(notification))}"
        f"~source~(~{'~'.join(map(_text, log_groups[:MAX_GROUPS]))}))"
    )
    for mark, code in _MARKS.items():
        detail = detail.replace(mark, code)
    return (
        f"https://{host}/cloudwatch/home?region={region}"
        f"#logsV2:logs-insights$3FqueryDetail$3D{detail}"
    )


def query(notification: Notification) -> str:
    """Return the query: the same events, of the same group, newest first."""
    names = dict.fromkeys(
        each.event_name
        for each in notification.evidence
        if each.event_name and _NAME.fullmatch(each.event_name)
    )
    conditions = []
    if names:
        listed = ", ".join(f'"{name}"' for name in list(names)[:_MAX_NAMES])
        conditions.append(f"eventName in [{listed}]")
    conditions += [
        f'{selector.removeprefix("$.")} = "{value}"'
        for selector, value in notification.group.items()
        if _is_field(selector) and _is_plain(value)
    ]
    return "\n| ".join(
        [
            "fields @timestamp, eventTime, eventName, userIdentity.arn,"
            " sourceIPAddress, errorCode, recipientAccountId, awsRegion",
            *(f"filter {condition}" for condition in conditions),
            "sort @timestamp desc",
            f"limit {_LIMIT}",
        ]
    )


def _window(notification: Notification) -> tuple[float, float]:
    trigger, times = notification.trigger, [notification.at]
    if trigger is not None:
        times.append(notification.at - trigger.period_secs * trigger.evaluation_periods)
    if notification.composite is not None:
        times += [child.at for child in notification.composite.children]
    for each in notification.evidence:
        try:
            times.append(parse_isoformat(each.event_time or ""))
        except (ValueError, OverflowError):
            continue
    # A record may name any time; a query costs by what it reads.
    start = max(min(times), notification.at - MAX_WINDOW_SECS)
    return start - MARGIN_SECS, notification.at + MARGIN_SECS


def _time(at: float) -> str:
    shown = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return shown.replace("+00:00", "Z")


def _text(text: str) -> str:
    escaped = "".join(
        character
        if character.isascii() and (character.isalnum() or character in "-._")
        else "".join(f"*{byte:02x}" for byte in character.encode())
        for character in text
    )
    return f"'{escaped}"


def _is_plain(text: str) -> bool:
    """Tell whether ``text`` can stand in a query's quotes and mean only itself."""
    is_readable = (
        text.isascii() and text.isprintable() and len(text) <= _MAX_VALUE_CHARS
    )
    return is_readable and not set(text) & {'"', "\\"}


def _is_field(selector: str) -> bool:
    path = selector.removeprefix("$.")
    is_path = path != selector and path.isascii()
    return is_path and all(part.isidentifier() for part in path.split("."))
