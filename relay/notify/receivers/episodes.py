"""What services that keep alerts are told: the last that is known of each alarm group.

Such a service knows an alert by a key, and closes it by the same key: there is one for
each alarm and value of its ``group_by``, equal after a restart and on every replica.
"""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from relay.model import AlarmState, Bundle, Notification
from relay.notify.content.render import Templates
from relay.notify.content.view import AlarmView


def last_of_each(bundle: Bundle) -> Sequence[Notification]:
    """Return the newest notification of each alarm group, in the bundle's order."""
    return _last(bundle.notifications)


def last_raised_of_each(bundle: Bundle) -> Sequence[Notification]:
    """Return the newest that raised an alarm, of each group; for what is only opened.

    Neither reminders nor ends are among them, but what is over by now is.
    """
    return _last(
        each
        for each in bundle.notifications
        if each.state is AlarmState.ALARM and not each.repeat
    )


def episode_key(notification: Notification) -> str:
    """Return 32 hexadecimal digits that name the alarm and its group."""
    digest = hashlib.sha256()
    for part in (notification.alarm, *notification.group.values()):
        encoded = part.encode("utf-8", "replace")
        digest.update(b"%d:%b" % (len(encoded), encoded))
    return digest.hexdigest()[:32]


def only(bundle: Bundle, notification: Notification) -> Bundle:
    """Return the bundle that tells of ``notification`` alone."""
    return msgspec.structs.replace(
        bundle, notifications=(notification,), group_labels={}, suppressed=0
    )


def alarm_of(
    templates: Templates, bundle: Bundle, notification: Notification
) -> AlarmView:
    """Return how a reader sees ``notification`` of ``bundle``."""
    return templates.view(only(bundle, notification)).alarms[0]


def call_id(bundle: Bundle, notification: Notification) -> str:
    """Return the idempotency key of what tells of ``notification`` alone."""
    return bundle.id if len(bundle.notifications) == 1 else notification.id


def facts(alarm: AlarmView) -> dict[str, str]:
    """Return who, what, where and so on by name; what is not known is left out."""
    named = {
        "who": alarm.who,
        "what": alarm.what,
        "where": alarm.where,
        "from": alarm.source,
        "when": alarm.when,
        "result": alarm.result,
        "count": alarm.count,
        "state": alarm.changed,
        "reason": alarm.reason,
        "condition": alarm.condition,
        "relay": alarm.relay,
        **{f"group {name}": value for name, value in alarm.group},
    }
    return {name: text for name, text in named.items() if text}


def _last(notifications: Iterable[Notification]) -> Sequence[Notification]:
    return tuple({episode_key(each): each for each in notifications}.values())
