"""A notification as a mail message."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.notify_section import EmailTarget
from relay.model import AlarmState, Evidence
from relay.notify.receivers.mail_message import mail_message
from tests.notify.examples import AT, notification

TARGET = EmailTarget.model_validate(
    {
        "to": ["Alice <alice@example.com>", "bob@example.com"],
        "from": "Relay <relay@example.org>",
        "smtp": {"host": "localhost"},
    }
)


def test_headers_say_who_what_and_when() -> None:
    """The Message-ID is the notification's id, at the sender's domain."""
    message = mail_message(notification(), TARGET, at=AT)

    headers = dict(message.items())
    thread = headers.pop("References")
    assert headers.pop("In-Reply-To") == thread
    assert thread.endswith("@example.org>")
    assert headers == {
        "From": "Relay <relay@example.org>",
        "To": "Alice <alice@example.com>, bob@example.com",
        "Subject": "ALARM (high): console-login-failures [alice]",
        "Date": "Mon, 14 Sep 2026 11:18:44 +0000",
        "Message-ID": f"<{'1f' * 32}@example.org>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "MIME-Version": "1.0",
    }


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"id": "2e" * 32, "state": AlarmState.OK}, True),
        ({"group": {"$.userIdentity.userName": "bob"}}, False),
        ({"alarm": "another"}, False),
    ],
    ids=["resolved", "another group", "another alarm"],
)
def test_one_thread_for_each_alarm_group(
    changes: dict[str, Any], is_same: bool
) -> None:
    """A mail reader shows an alarm and its end together."""
    first = mail_message(notification(), TARGET, at=AT)["References"]
    other = mail_message(notification(**changes), TARGET, at=AT)["References"]

    assert (first == other) is is_same


HOSTILE = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n"), max_size=60
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_value_can_add_a_header(alarm: str, group: str, agent: str) -> None:
    """Whatever alarm, group and record hold, the mail is the same seven headers."""
    hostile = notification(
        alarm=alarm, group={"$.x": group}, evidence=(Evidence(user_agent=agent),)
    )

    raw = mail_message(hostile, TARGET, at=AT).as_bytes()

    head = raw.partition(b"\r\n\r\n")[0]
    names = [
        line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] != b" "
    ]
    assert len(names) == len(set(names)) == 11
    assert raw.isascii()
