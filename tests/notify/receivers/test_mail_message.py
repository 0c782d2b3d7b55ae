"""A bundle as a mail message."""

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings

from relay.config.template_files import TemplateFile
from relay.model import AlarmState, Bundle, Evidence
from relay.notify.content.render import Templates
from relay.notify.receivers.mail_message import mail_message
from tests.notify.content.test_escape import HOSTILE, elements
from tests.notify.examples import AT, bundle, notification

TEMPLATES = Templates()
FIRST = "1f" * 32


def mail(wanted: Bundle, templates: Templates = TEMPLATES, **more: Any) -> EmailMessage:  # noqa: ANN401 - any option
    """Return the mail of ``wanted``."""
    return mail_message(
        wanted,
        sender="Relay <relay@example.org>",
        to=("Alice <alice@example.com>", "bob@example.com"),
        templates=templates,
        at=AT,
        **more,
    )


def part(message: EmailMessage, kind: str) -> str:
    """Return the text of the message's part of one kind."""
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    text: str = found.get_content()
    return text


def test_headers_say_who_what_and_when() -> None:
    """The Message-ID is the bundle's id, at the sender's domain."""
    message = mail(bundle(opened_by=FIRST))

    headers = {name: value for name, value in message.items() if name != "Content-Type"}
    assert headers == {
        "From": "Relay <relay@example.org>",
        "To": "Alice <alice@example.com>, bob@example.com",
        "Subject": "Alarm (high): console-login-failures [alice]",
        "Date": "Mon, 14 Sep 2026 11:18:44 +0000",
        "Message-ID": f"<{FIRST}@example.org>",
        "List-Id": "<security.cloudtrail-relay.example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Relay-Alarm": "console-login-failures",
        "X-Relay-State": "ALARM",
        "X-Relay-Severity": "high",
        "MIME-Version": "1.0",
    }
    assert message.get_content_type() == "multipart/alternative"


def test_it_says_the_same_in_text_and_html() -> None:
    """Readers without HTML miss nothing; those with it get no image to load."""
    message = mail(bundle())

    text, html = part(message, "plain"), part(message, "html")
    assert text.startswith("ALARM (high): console-login-failures [alice]\n")
    assert "Who:       user alice" in text
    found = elements(html)
    assert "user alice" in found.text
    assert not {"img", "script", "link", "iframe", "form"} & set(found.tags)


@pytest.mark.parametrize(
    ("changes", "refers"),
    [
        ({}, False),
        ({"id": "2e" * 32, "repeat": True}, True),
        ({"id": "3e" * 32, "state": AlarmState.OK}, True),
    ],
    ids=["the alarm", "reminder", "its end"],
)
def test_what_follows_refers_to_the_alarms_own_mail(
    changes: dict[str, Any], refers: bool
) -> None:
    """A mail reader shows an alarm, its reminders and its end together."""
    message = mail(bundle(opened_by=FIRST, **changes))

    expected = f"<{FIRST}@example.org>" if refers else None
    assert (message["References"], message["In-Reply-To"]) == (expected, expected)
    assert message["Subject"] == "Alarm (high): console-login-failures [alice]"


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"id": "2e" * 32, "state": AlarmState.OK}, True),
        ({"group": {"$.userIdentity.userName": "bob"}}, False),
        ({"alarm": "another"}, False),
    ],
    ids=["resolved", "another group", "another alarm"],
)
def test_one_thread_for_each_alarm_group_where_the_first_is_not_known(
    changes: dict[str, Any], is_same: bool
) -> None:
    """All refer to one id, which no mail has."""
    first, other = mail(bundle())["References"], mail(bundle(**changes))["References"]

    assert (first == other) is is_same


def test_grouped_mail_is_one_thread_for_each_group_of_the_route() -> None:
    """Whatever alarms are in it; a single one of the group as well."""

    def grouped(account: str, *names: str) -> EmailMessage:
        members = tuple(notification(alarm=name, opened_by=FIRST) for name in names)
        return mail(
            Bundle(
                id=account + names[0],
                receiver="security",
                notifications=members,
                group_labels={"account": account},
            )
        )

    one, two, other = grouped("1", "a"), grouped("1", "b", "c"), grouped("2", "a")

    assert one["References"] == two["References"] != other["References"]
    assert one["Subject"] == two["Subject"] == "Alarms: 1"
    assert two["X-Relay-Alarm"] == "c, b"
    assert two["Message-ID"] == "<1b@example.org>"


@pytest.mark.parametrize(
    ("receiver", "name"),
    [("On Call (EU)", "on-call-eu"), ("名前", "notifications"), ("x" * 99, "x" * 60)],
)
def test_the_list_id_is_made_of_the_receiver(receiver: str, name: str) -> None:
    """As RFC 2919 takes it."""
    wanted = Bundle(id="b", receiver=receiver, notifications=(notification(),))

    assert mail(wanted)["List-Id"] == f"<{name}.cloudtrail-relay.example.org>"


def test_a_template_of_the_configuration_is_used() -> None:
    """For the parts that it has; there is no severity to tell here."""
    files = [
        TemplateFile(
            name=f"pager.{kind}.j2", file="f", text=f"{kind} {{{{ alarm.id }}}}"
        )
        for kind in ("txt", "subject")
    ]

    message = mail(bundle(severity=None), Templates(files), template="pager")

    assert message["Subject"] == f"subject {FIRST}"
    assert part(message, "plain") == f"txt {FIRST}\n"
    assert "user alice" in part(message, "html")
    assert message["X-Relay-Severity"] is None


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_value_can_add_a_header(alarm: str, group: str, agent: str) -> None:
    """Whatever alarm, group and record hold, the headers are the same ones."""
    hostile = bundle(
        alarm=f"a{alarm}", group={"$.x": group}, evidence=(Evidence(user_agent=agent),)
    )

    raw = mail(hostile).as_bytes()

    head = raw.partition(b"\r\n\r\n")[0]
    names = [
        line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] != b" "
    ]
    assert len(names) == len(set(names)) == 15
    assert raw.isascii()
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read["To"] == "Alice <alice@example.com>, bob@example.com"
    assert read["Bcc"] is None
