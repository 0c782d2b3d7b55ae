"""The mail server takes relay's mails and tells which alarm they are about."""

from email.message import EmailMessage

import aiosmtplib
import pytest

from relay.demo.inbox import Channel, Inbox, Received
from relay.demo.mail import mail_receiver
from tests.support.clock import FakeClock


async def send(inbox: Inbox, subject: str, **headers: str) -> None:
    """Send one mail to a receiver by SMTP."""
    message = EmailMessage()
    message["From"], message["To"] = "relay@example.com", "oncall@example.com"
    message["Subject"] = subject
    message["Message-ID"] = "<n1@relay>"
    for name, value in headers.items():
        message[f"X-Relay-{name}"] = value
    message.set_content("details")
    async with mail_receiver(inbox, clock=FakeClock(50.0)) as port:
        await aiosmtplib.send(message, hostname="127.0.0.1", port=port, start_tls=False)


@pytest.mark.parametrize("severity", ["critical", ""])
async def test_mail_tells_its_alarm(severity: str) -> None:
    """State, severity and alarm are in headers, the id in the Message-ID."""
    inbox = Inbox()
    headers = {"Alarm": "root-login", "State": "OK"}

    await send(
        inbox, "Alarm", **headers, **({"Severity": severity} if severity else {})
    )

    assert inbox.received == [
        Received(
            channel=Channel.MAIL,
            id="n1",
            alarm="root-login",
            state="OK",
            accepted_at=50.0,
            severity=severity,
        )
    ]


async def test_other_mail_is_refused() -> None:
    """A mail that is about no alarm is refused, and noted."""
    inbox = Inbox()

    with pytest.raises(aiosmtplib.SMTPDataError, match="not a notification"):
        await send(inbox, "lunch?")

    assert inbox.received == []
    assert inbox.refused == ["mail: no alarm in headers, subject 'lunch?'"]
