"""A notification as a mail message; pure."""

import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from relay.config.notify_section import EmailTarget
from relay.model import Notification
from relay.notify.text import body, title

# 7bit: any server takes it, whatever it says about 8BITMIME.
_POLICY = SMTP.clone(cte_type="7bit")


def mail_message(
    notification: Notification, target: EmailTarget, *, at: float
) -> EmailMessage:
    """Return the message, dated ``at``.

    Its Message-ID is made of the notification's id: a server that gets it twice can see
    that. All mail of one alarm group refers to one thread.
    """
    domain = parseaddr(target.from_)[1].rpartition("@")[2]
    thread = f"<{_thread(notification)}@{domain}>"
    message = EmailMessage(policy=_POLICY)
    message["From"] = target.from_
    message["To"] = ", ".join(target.to)
    message["Subject"] = title(notification)
    message["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    message["Message-ID"] = f"<{notification.id}@{domain}>"
    message["In-Reply-To"] = thread
    message["References"] = thread
    # RFC 3834: keeps holiday responders quiet.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body(notification))
    return message


def _thread(notification: Notification) -> str:
    digest = hashlib.sha256(notification.alarm.encode())
    for value in notification.group.values():
        digest.update(b"\0" + value.encode())
    return digest.hexdigest()[:32]
