"""A bundle as syslog messages (RFC 5424); pure.

The structured data say everything by name, so that no reader has to parse the text::

    <131>1 2026-09-14T11:18:44.401000Z relay.example.com cloudtrail-relay - ALARM
    [relay@32473 id="..." alarm="..." severity="high" who="user alice" ...] ALARM ...
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import get_args

from relay.config.log_targets import Facility, SyslogTarget
from relay.model import Bundle, Notification
from relay.notify.content.fit import fit
from relay.notify.content.render import Templates
from relay.notify.content.severity import rank_of
from relay.notify.content.view import AlarmView
from relay.notify.plain import one_line
from relay.notify.receivers.episodes import alarm_of, episode_key

ENTERPRISE_ID = 32473
"""RFC 5612: for documentation; this project has no number of its own."""
MAX_BYTES = 8_192
"""By TCP and TLS: RFC 5425 wants 8,192 taken."""
MAX_DATAGRAM_BYTES = 2_048
"""By UDP: RFC 5426 wants 2,048 taken."""
MAX_VALUE_CHARS = 256

_FACILITIES = get_args(Facility)
_SEVERITIES = (2, 3, 4, 5, 6)
"""By ``rank_of``: critical, error, warning, notice, informational."""
_NOTICE = 5
_NIL = "-"


def syslog_messages(
    bundle: Bundle, *, target: SyslogTarget, templates: Templates, hostname: str
) -> Sequence[bytes]:
    """Return one message for each notification, oldest first."""
    return tuple(
        _message(
            notification,
            alarm_of(templates, bundle, notification),
            target=target,
            hostname=hostname,
        )
        for notification in bundle.notifications
    )


def _message(
    notification: Notification,
    alarm: AlarmView,
    *,
    target: SyslogTarget,
    hostname: str,
) -> bytes:
    severity = _SEVERITIES[rank_of(alarm.severity)] if alarm.is_firing else _NOTICE
    priority = _FACILITIES.index(target.facility) * 8 + severity
    at = datetime.fromtimestamp(notification.at, UTC)
    header = " ".join(
        (
            f"<{priority}>1",
            at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            _printable(hostname, 255),
            target.app_name,
            _NIL,  # no process id: it would tell nothing
            notification.state.value,
        )
    )
    data = {
        "id": notification.id,
        "alarm": alarm.name,
        "key": episode_key(notification),
        "state": notification.state.value,
        "severity": alarm.severity,
        "who": alarm.who,
        "what": alarm.what,
        "where": alarm.where,
        "source": alarm.source,
        "result": alarm.result,
        "count": str(notification.total),
    }
    text = ": ".join(filter(None, (alarm.title, alarm.summary, alarm.reason)))
    room = MAX_DATAGRAM_BYTES if target.protocol == "udp" else MAX_BYTES
    head = f"{header} {_structured(data, room // 2)} "
    # The byte order mark says that the text is UTF-8 (RFC 5424, section 6.4).
    start = head.encode() + b"\xef\xbb\xbf"
    return start + fit(text, max_bytes=room - len(start)).encode()


def _structured(data: Mapping[str, str], max_bytes: int) -> str:
    """Return the element; what has no room, from the end, is left out whole."""
    element = f"[relay@{ENTERPRISE_ID}"
    for name, value in data.items():
        parameter = f' {name}="{_escaped(one_line(value, MAX_VALUE_CHARS))}"'
        if value and len((element + parameter).encode()) < max_bytes:
            element += parameter
    return element + "]"


def _escaped(value: str) -> str:
    """Return ``value`` as RFC 5424, section 6.3.3, wants it between quotes."""
    return re.sub(r'(["\\\]])', r"\\\1", value)


def _printable(text: str, max_chars: int) -> str:
    return re.sub(r"[^!-~]", "", text)[:max_chars] or _NIL
