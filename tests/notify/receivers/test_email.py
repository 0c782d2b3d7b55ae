"""Mail over real SMTP: TLS, passwords, refusals."""

import ssl
from email.message import EmailMessage
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from relay.config.mail_section import EmailTarget
from relay.errors import Reason, RejectedError, TransientError
from relay.notify.receivers import email
from relay.notify.receivers.email import EmailSender
from relay.telemetry import Telemetry
from tests.notify.examples import AT, bundle
from tests.support.clock import FakeClock
from tests.support.smtp import Mail, MailServer, running_mail_server

ALICE, BOB = "alice@example.com", "bob@example.com"


def sender_to(
    server: MailServer,
    *,
    trust: ssl.SSLContext | None = None,
    telemetry: Telemetry | None = None,
    to: tuple[str, ...] = (ALICE, f"Bob <{BOB}>"),
    **smtp: Any,  # noqa: ANN401 - any option
) -> EmailSender:
    """Return a sender to Alice and Bob by ``server``."""
    host = {"host": "127.0.0.1", "port": server.port, "timeout": "5s", **smtp}
    target = EmailTarget.model_validate(
        {"to": to, "from": "Relay <relay@example.org>", "smtp": host}
    )
    return EmailSender(
        target,
        telemetry=telemetry or Telemetry(),
        clock=FakeClock(AT),
        tls_context=trust,
    )


def text_of(mail: Mail) -> str:
    """Return the plain text of a mail that came."""
    body = mail.message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    text: str = body.get_content()
    return text


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return a certificate authority of our own."""
    return trustme.CA()


def server_context(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    """Return the TLS side of a server called ``name``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_context(authority: trustme.CA) -> ssl.SSLContext:
    """Return the TLS side of a client that trusts ``authority``."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_one_mail_goes_to_every_recipient() -> None:
    """The envelope holds bare addresses, the mail what people read."""
    async with running_mail_server() as server:
        await sender_to(server).send(bundle())

    (mail,) = server.mails
    assert (mail.sender, mail.recipients) == ("relay@example.org", (ALICE, BOB))
    assert mail.message["Subject"] == "Alarm (high): console-login-failures [alice]"
    assert "Who:       user alice" in text_of(mail)
    assert not mail.was_encrypted


async def test_text_of_any_script_arrives() -> None:
    """In subject and body."""
    async with running_mail_server() as server:
        await sender_to(server).send(bundle(group={"$.x": "名前"}, description="Größe"))

    (mail,) = server.mails
    assert "[名前]" in mail.message["Subject"]
    assert "Größe" in text_of(mail)
    assert mail.raw.isascii()


async def test_starttls_and_password(authority: trustme.CA) -> None:
    """The certificate is verified, then the user logs in."""
    users = {"relay": "pässword"}
    async with running_mail_server(
        starttls=server_context(authority), users=users
    ) as server:
        sender = sender_to(
            server,
            trust=client_context(authority),
            tls="starttls",
            username="relay",
            password="pässword",
        )
        await sender.send(bundle())

    (mail,) = server.mails
    assert (mail.was_encrypted, mail.user) == (True, "relay")


async def test_tls_from_the_start(authority: trustme.CA) -> None:
    """As on port 465."""
    async with running_mail_server(tls=server_context(authority)) as server:
        await sender_to(server, trust=client_context(authority), tls="tls").send(
            bundle()
        )

    assert len(server.mails) == 1


@pytest.mark.parametrize("trusted", [False, True], ids=["authority", "name"])
async def test_a_certificate_that_does_not_verify_stops_the_mail(
    authority: trustme.CA, trusted: bool
) -> None:
    """By an unknown authority, or for another name; nothing goes out."""
    context = server_context(authority, "other.example.com" if trusted else "127.0.0.1")
    async with running_mail_server(starttls=context) as server:
        trust = client_context(authority) if trusted else None
        with pytest.raises(TransientError) as caught:
            await sender_to(server, trust=trust, tls="starttls").send(bundle())

    assert caught.value.reason is Reason.NETWORK
    assert server.mails == []


async def test_no_mail_goes_in_the_clear_when_tls_is_wanted() -> None:
    """A server, or somebody before it, that hides STARTTLS gets nothing."""
    async with running_mail_server() as server:
        with pytest.raises(TransientError) as caught:
            await sender_to(server, tls="starttls").send(bundle())

    assert caught.value.reason is Reason.REFUSED
    assert server.mails == []


async def test_a_wrong_password_is_put_right_beside_the_mail(
    authority: trustme.CA,
) -> None:
    """So it waits; the password is in no error."""
    context, users = server_context(authority), {"relay": "right"}
    async with running_mail_server(starttls=context, users=users) as server:
        sender = sender_to(
            server,
            trust=client_context(authority),
            tls="starttls",
            username="relay",
            password="s3cret",
        )
        with pytest.raises(TransientError) as caught:
            await sender.send(bundle())

    assert caught.value.reason is Reason.CREDENTIALS
    assert "s3cret" not in str(caught.value)


async def test_no_password_goes_where_none_is_asked_for() -> None:
    """A server that offers no AUTH gets neither password nor mail."""
    async with running_mail_server() as server:
        sender = sender_to(server, username="relay", password="s3cret")
        with pytest.raises(TransientError) as caught:
            await sender.send(bundle())

    assert caught.value.reason is Reason.REFUSED
    assert server.mails == []


async def test_one_bad_recipient_does_not_hold_up_the_other() -> None:
    """It is logged and counted; the mail is a success."""
    telemetry = Telemetry()
    async with running_mail_server() as server:
        server.refusals[ALICE] = ["550 no such user"]
        with capture_logs() as logs:
            await sender_to(server, telemetry=telemetry).send(bundle())

    assert [mail.recipients for mail in server.mails] == [(BOB,)]
    refused = telemetry.registry.get_sample_value(
        "relay_notification_errors_total", {"reason": "refused"}
    )
    assert refused == 1.0
    assert [(each["log_level"], each["recipient"]) for each in logs] == [
        ("error", ALICE)
    ]


async def test_a_mail_that_nobody_takes_is_rejected() -> None:
    """Every recipient was refused for good, together or one after the other."""
    async with running_mail_server() as server:
        server.refusals[ALICE] = ["451 later", "550 no such user"]
        server.refusals[BOB] = ["554 go away"]
        sender = sender_to(server)
        with pytest.raises(TransientError, match="451 later"):
            await sender.send(bundle())
        with pytest.raises(RejectedError) as caught:
            await sender.send(bundle())

    assert caught.value.reason is Reason.REFUSED
    assert "550 no such user" in str(caught.value)
    assert "554 go away" in str(caught.value)


async def test_a_retry_goes_only_to_those_who_have_not_had_the_mail() -> None:
    """Bob took it at the first attempt: he must not get it twice."""
    async with running_mail_server() as server:
        server.refusals[ALICE] = ["451 greylisted"]
        sender = sender_to(server)
        with pytest.raises(TransientError) as caught:
            await sender.send(bundle())
        await sender.send(bundle())

    assert caught.value.reason is Reason.UNAVAILABLE
    assert [mail.recipients for mail in server.mails] == [(BOB,), (ALICE,)]
    assert len({mail.message["Message-ID"] for mail in server.mails}) == 1


async def test_only_so_many_mails_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Memory is bounded: the oldest is forgotten, and goes to all again."""
    monkeypatch.setattr(email, "_MAX_REMEMBERED", 1)
    async with running_mail_server() as server:
        server.refusals[ALICE] = ["451 later", "451 later"]
        sender = sender_to(server)
        for name in ("first", "second"):
            with pytest.raises(TransientError):
                await sender.send(bundle(id=name))
        await sender.send(bundle(id="second"))
        await sender.send(bundle(id="first"))

    assert [mail.recipients for mail in server.mails[2:]] == [(ALICE,), (ALICE, BOB)]


@pytest.mark.parametrize(
    ("step", "answer", "expected"),
    [
        ("MAIL", "550 sender unknown", RejectedError),
        ("MAIL", "451 busy", TransientError),
        ("DATA", "554 looks like spam", RejectedError),
        ("DATA", "452 disk full", TransientError),
    ],
)
async def test_a_refusal_of_the_mail_is_final_when_the_server_says_so(
    step: str, answer: str, expected: type[Exception]
) -> None:
    """5xx: never again. 4xx: later."""
    async with running_mail_server() as server:
        server.refusals[step] = [answer]
        with pytest.raises(expected, match=answer.partition(" ")[2]):
            await sender_to(server).send(bundle())

    assert server.mails == []


async def test_nobody_listening_is_a_network_fault() -> None:
    """The error names the server."""
    async with running_mail_server() as server:
        pass

    with pytest.raises(TransientError) as caught:
        await sender_to(server).send(bundle())

    assert caught.value.reason is Reason.NETWORK
    assert str(caught.value).startswith(f"mail by 127.0.0.1:{server.port}: ")


async def test_a_host_that_cannot_be_a_name_is_rejected() -> None:
    """It would fail again each time."""
    with pytest.raises(RejectedError) as caught:
        await sender_to(MailServer(port=25), host="a..b").send(bundle())

    assert caught.value.reason is Reason.INVALID
