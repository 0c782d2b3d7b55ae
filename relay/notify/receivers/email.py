"""Sends notifications as mail by SMTP.

A server answers for each recipient. Those that it took must not get the mail again when
others are to be tried later, so the sender remembers them until the mail is done. After
a restart it does not: then a recipient may get the same Message-ID twice.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr

import aiosmtplib

from relay.clock import Clock
from relay.config.mail_section import EmailTarget
from relay.errors import Reason, RejectedError, RelayError, TransientError
from relay.model import Bundle
from relay.notify.content.render import Templates
from relay.notify.plain import one_line
from relay.notify.receivers.mail_message import mail_message
from relay.telemetry import Telemetry, get_log

_FIRST_PERMANENT_CODE = 500
_MAX_REMEMBERED = 1_000
_MAX_ANSWER_CHARS = 200

# The first that fits; an error may be of several of these.
_TRANSIENT: tuple[tuple[type[Exception], Reason], ...] = (
    (aiosmtplib.SMTPAuthenticationError, Reason.CREDENTIALS),
    (aiosmtplib.SMTPResponseException, Reason.UNAVAILABLE),
    (TimeoutError, Reason.TIMEOUT),
    (OSError, Reason.NETWORK),
    # An extension that is needed is not offered: STARTTLS, AUTH.
    (aiosmtplib.SMTPException, Reason.REFUSED),
)

log = get_log("notify")


@dataclass(slots=True)
class _Settled:
    """Recipients of one mail that need no further attempt."""

    accepted: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


class EmailSender:
    """Sends to the addresses of one target; a connection of its own for each mail.

    ``tls_context`` verifies the server's certificate; by default against the system's
    authorities. It is never turned off. ``templates`` are the default ones by default.
    """

    def __init__(
        self,
        target: EmailTarget,
        *,
        telemetry: Telemetry,
        clock: Clock,
        templates: Templates | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._target = target
        self._templates = templates or Templates()
        self._telemetry = telemetry
        self._clock = clock
        self._tls_context = tls_context
        self._what = f"mail by {target.smtp.host}:{target.smtp.port}"
        self._sender = parseaddr(target.from_)[1]
        self._settled: dict[str, _Settled] = {}

    async def send(self, bundle: Bundle) -> str:
        """Send one mail to all who have not had it; return how many have it now.

        Recipients refused for good are logged and counted, and hold up no other.
        Raises TransientError when one must be tried again, RejectedError when none took
        the mail or ever will.
        """
        settled = self._settled.pop(bundle.id, None) or _Settled()
        try:
            await self._send_to_rest(bundle, settled)
        except TransientError:
            self._remember(bundle.id, settled)
            raise
        if not settled.accepted:
            text = "; ".join(settled.refused.values())
            raise RejectedError(f"{self._what}: {text}", reason=Reason.REFUSED)
        return f"accepted for {len(settled.accepted)} of {len(self._target.to)}"

    async def _send_to_rest(self, bundle: Bundle, settled: _Settled) -> None:
        mail = mail_message(
            bundle,
            sender=self._target.from_,
            to=self._target.to,
            templates=self._templates,
            template=self._target.template,
            at=self._clock.now(),
        )
        rest = [
            recipient
            for recipient in (parseaddr(each)[1] for each in self._target.to)
            if recipient not in settled.accepted and recipient not in settled.refused
        ]
        try:
            async with self._connection() as smtp:
                refusals, _ = await smtp.send_message(
                    mail, sender=self._sender, recipients=rest
                )
            answers = {name: (r.code, r.message) for name, r in refusals.items()}
        except aiosmtplib.SMTPRecipientsRefused as error:
            answers = {r.recipient: (r.code, r.message) for r in error.recipients}
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise self._translated(error) from error
        settled.accepted.update(each for each in rest if each not in answers)
        self._settle_refusals(answers, settled)

    def _settle_refusals(
        self, answers: Mapping[str, tuple[int, str]], settled: _Settled
    ) -> None:
        transient: list[str] = []
        for recipient, (code, text) in answers.items():
            answer = f"{recipient}: {code} {one_line(text, _MAX_ANSWER_CHARS)}"
            if code < _FIRST_PERMANENT_CODE:
                transient.append(answer)
                continue
            settled.refused[recipient] = answer
            self._telemetry.notification_errors.labels(Reason.REFUSED).inc()
            log.error(
                "recipient refused",
                smtp_host=self._target.smtp.host,
                recipient=recipient,
                code=code,
            )
        if transient:
            message = f"{self._what}: {'; '.join(transient)}"
            raise TransientError(message, reason=Reason.UNAVAILABLE)

    def _connection(self) -> aiosmtplib.SMTP:
        smtp = self._target.smtp
        return aiosmtplib.SMTP(
            hostname=smtp.host,
            port=smtp.port,
            timeout=smtp.timeout,
            use_tls=smtp.tls == "tls",
            # True demands it: a server that does not offer it gets no mail.
            start_tls=smtp.tls == "starttls",
            tls_context=self._tls_context,
            username=None if smtp.username is None else smtp.username.reveal(),
            password=None if smtp.password is None else smtp.password.reveal(),
        )

    def _translated(self, error: Exception) -> RelayError:
        """Say what an error of the whole transaction means.

        Only a refusal of this very mail is for good. A server that refuses the session
        or the password is put right beside the mail, and then it can go.
        """
        text = one_line(str(error), _MAX_ANSWER_CHARS)
        message = f"{self._what}: {type(error).__name__}: {text}"
        if (
            isinstance(error, aiosmtplib.SMTPSenderRefused | aiosmtplib.SMTPDataError)
            and error.code >= _FIRST_PERMANENT_CODE
        ):
            return RejectedError(message, reason=Reason.REFUSED)
        for kind, reason in _TRANSIENT:
            if isinstance(error, kind):
                return TransientError(message, reason=reason)
        # A host or an address that can be none.
        return RejectedError(message, reason=Reason.INVALID)

    def _remember(self, bundle_id: str, settled: _Settled) -> None:
        if settled.accepted or settled.refused:
            self._settled[bundle_id] = settled
        if len(self._settled) > _MAX_REMEMBERED:
            del self._settled[next(iter(self._settled))]
