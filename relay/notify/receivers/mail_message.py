"""A bundle of notifications as a mail message; pure.

A mail reader shows all mail of one alarm group as one thread: the alarm, reminders and
its end refer to one Message-ID, and have one subject, since some readers go by that as
well. What the state is stands first in the text.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from relay.config.template_files import DEFAULT
from relay.model import Bundle
from relay.notify.content.render import Templates
from relay.notify.content.view import View

# 7bit: any server takes it, whatever it says about 8BITMIME.
_POLICY = SMTP.clone(cte_type="7bit")
_MAX_LIST_CHARS = 60


def mail_message(
    bundle: Bundle,
    *,
    sender: str,
    to: Sequence[str],
    templates: Templates,
    template: str | None = None,
    at: float,
) -> EmailMessage:
    """Return the message to ``to``, dated ``at``: HTML, and the same as plain text.

    ``sender`` and ``to`` are written ``name@host`` or ``Name <name@host>``. The
    Message-ID is made of the bundle's id: a server that gets it twice can see that.
    """
    domain = parseaddr(sender)[1].rpartition("@")[2]
    template = template or DEFAULT
    view = templates.view(bundle)
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = templates.subject(view, template=template)
    message["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    message["Message-ID"] = f"<{bundle.id}@{domain}>"
    thread = f"<{_thread(bundle)}@{domain}>"
    if thread != message["Message-ID"]:
        message["In-Reply-To"] = thread
        message["References"] = thread
    message["List-Id"] = f"<{_list_name(bundle.receiver)}.cloudtrail-relay.{domain}>"
    # RFC 3834 and Exchange's own word: both keep holiday responders quiet.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    _add_facts(message, view)
    message.set_content(templates.text(view, template=template))
    message.add_alternative(templates.html(view, template=template), subtype="html")
    return message


def _add_facts(message: EmailMessage, view: View) -> None:
    """Say in headers what people's mail filters ask for."""
    names = dict.fromkeys(alarm.name for alarm in view.alarms)
    message["X-Relay-Alarm"] = ", ".join(names)
    message["X-Relay-State"] = view.state
    if view.severity:
        message["X-Relay-Severity"] = view.severity


def _thread(bundle: Bundle) -> str:
    """Return the id that all mail of one thread has in common.

    It is that of the mail which told of the alarm, where that is known.
    """
    newest = bundle.newest
    if len(bundle.notifications) == 1 and not bundle.group_labels:
        if newest.opened_by is not None:
            return newest.opened_by
        parts = [newest.alarm, *newest.group.values()]
    else:
        labels = (f"{name}={text}" for name, text in bundle.group_labels.items())
        parts = ["", bundle.receiver, *labels]
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "replace")
        digest.update(b"%d:%b" % (len(encoded), encoded))
    return digest.hexdigest()[:32]


def _list_name(receiver: str) -> str:
    """Return the receiver's name as RFC 2919 takes it."""
    name = re.sub(r"[^a-z0-9]+", "-", receiver.lower()).strip("-")
    return name[:_MAX_LIST_CHARS] or "notifications"
