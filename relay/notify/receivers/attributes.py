"""Message attributes of SNS and SQS: for filters that do not read the message."""

import hashlib
import re
from collections.abc import Mapping

from relay.model import Bundle
from relay.notify.cloudwatch_message import alarm_arn

FIFO_SUFFIX = ".fifo"

# What XML 1.0 does not know, SQS and SNS do not take (API reference, SendMessage).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def message_attributes(bundle: Bundle) -> dict[str, dict[str, str]]:
    """Return ``id`` (the idempotency key), ``alarm``, ``state`` and ``severity``.

    The last three are the newest notification's. An attribute must not be empty:
    without a severity there is none.
    """
    newest = bundle.newest
    values = {
        "id": bundle.id,
        "alarm": newest.alarm,
        "state": newest.state.value,
        "severity": newest.severity,
    }
    return {
        name: {
            "DataType": "String",
            "StringValue": _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value),
        }
        for name, value in values.items()
        if value
    }


def fifo_arguments(name: str, bundle: Bundle) -> Mapping[str, str]:
    """Return what a FIFO topic or queue needs beside the message; {} for another.

    One message group an alarm keeps each alarm's notifications in order, as CloudWatch
    itself does ("Notifying users on alarm changes"). Where a route groups alarms, what
    they have in common is the group: all messages of one such group stay in order.
    """
    if not name.endswith(FIFO_SUFFIX):
        return {}
    return {
        "MessageGroupId": hashlib.sha256(_group(bundle).encode()).hexdigest(),
        "MessageDeduplicationId": bundle.id,
    }


def _group(bundle: Bundle) -> str:
    if not bundle.group_labels:
        return alarm_arn(bundle.newest)
    return repr((bundle.receiver, sorted(bundle.group_labels.items())))
