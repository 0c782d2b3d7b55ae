"""The one line that says what an alarm came to: state, severity, alarm, group.

Nothing that comes out of a record can start a line of its own or hide: see
``relay.notify.plain``.
"""

from relay.model import Notification
from relay.notify.plain import one_line

_MAX_TITLE_CHARS = 150


def title(notification: Notification) -> str:
    """Return the line, such as ``ALARM (high): console-login-failures [alice]``."""
    repeat = "Reminder: " if notification.repeat else ""
    severity = f" ({notification.severity})" if notification.severity else ""
    group = ", ".join(notification.group.values())
    suffix = f" [{group}]" if group else ""
    text = f"{repeat}{notification.state}{severity}: {notification.alarm}{suffix}"
    return one_line(text, _MAX_TITLE_CHARS)
