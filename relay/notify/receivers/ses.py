"""Sends notifications as mail by Amazon SES: the same mail that goes by SMTP.

SES takes a mail for all of its recipients or for none. It writes a Message-ID of its
own, so the first mail of a thread is not what the later ones refer to; they refer to
one and the same all the same, and have one subject, which mail readers thread by.
``X-Relay-Id`` is the idempotency key.
"""

from collections.abc import Awaitable, Callable, Mapping
from email.utils import parseaddr
from typing import Protocol

from relay.aws.errors import translated
from relay.clock import Clock
from relay.config.aws_targets import SesTarget
from relay.model import Bundle
from relay.notify.content.render import Templates
from relay.notify.receivers.mail_message import mail_message


class SesClient(Protocol):
    """The one call of aiobotocore's SES client (version 2) that is made here."""

    async def send_email(self, **arguments: object) -> Mapping[str, object]:
        """Send one mail."""
        ...


class SesSender:
    """Sends to the addresses of one target; ``client_for`` gives a region's client."""

    def __init__(
        self,
        target: SesTarget,
        client_for: Callable[[str], Awaitable[SesClient]],
        *,
        home_region: str,
        clock: Clock,
        templates: Templates,
    ) -> None:
        self._target = target
        self._region = target.region or home_region
        self._client_for = client_for
        self._clock = clock
        self._templates = templates

    async def send(self, bundle: Bundle) -> str:
        """Send one mail to all; return the id that SES gave it.

        Raises TransientError or RejectedError.
        """
        target = self._target
        message = mail_message(
            bundle,
            sender=target.from_,
            to=target.to,
            templates=self._templates,
            template=target.template,
            at=self._clock.now(),
        )
        message["X-Relay-Id"] = bundle.id
        configuration = (
            {"ConfigurationSetName": target.configuration_set}
            if target.configuration_set
            else {}
        )
        client = await self._client_for(self._region)
        with translated(f"mail by SES in {self._region}"):
            answer = await client.send_email(
                # Without names, which may hold what is no ASCII: the mail has them.
                FromEmailAddress=parseaddr(target.from_)[1],
                Destination={"ToAddresses": [parseaddr(to)[1] for to in target.to]},
                Content={"Raw": {"Data": message.as_bytes()}},
                **configuration,
            )
        return str(answer["MessageId"])
