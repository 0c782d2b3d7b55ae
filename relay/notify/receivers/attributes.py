"""Message attributes of SNS and SQS: for filters that do not read the message."""

import hashlib
from collections.abc import Mapping

from relay.model import Notification

FIFO_SUFFIX = ".fifo"


def message_attributes(notification: Notification) -> dict[str, dict[str, str]]:
    """Return ``id`` (the idempotency key), ``alarm``, ``state`` and ``severity``.

    An attribute must not be empty: without a severity there is none.
    """
    values = {
        "id": notification.id,
        "alarm": notification.alarm,
        "state": notification.state.value,
        "severity": notification.severity,
    }
    return {
        name: {"DataType": "String", "StringValue": value}
        for name, value in values.items()
        if value
    }


def fifo_arguments(name: str, notification: Notification) -> Mapping[str, str]:
    """Return what a FIFO topic or queue needs beside the message; {} for another.

    One message group an alarm keeps each alarm's notifications in order, as CloudWatch
    itself does ("Notifying users on alarm changes").
    """
    if not name.endswith(FIFO_SUFFIX):
        return {}
    return {
        "MessageGroupId": hashlib.sha256(notification.alarm.encode()).hexdigest(),
        "MessageDeduplicationId": notification.id,
    }
