"""Builds the sender of every configured target: the one list of all kinds there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp

from relay.clock import Clock
from relay.config.notify_section import Receiver
from relay.notify.outbox import Sender
from relay.notify.receivers.email import EmailSender
from relay.notify.receivers.sns import SnsSender
from relay.notify.receivers.sqs import SqsSender
from relay.notify.receivers.webhook import WebhookSender
from relay.notify.targets import Address, email_key, sns_key, sqs_key, webhook_key
from relay.telemetry import Telemetry


class Aws(Protocol):
    """What the senders need of ``relay.aws.clients.AwsClients``."""

    @property
    def region(self) -> str:
        """The relay's own region."""
        ...

    async def sns_for(self, region: str) -> Any:  # noqa: ANN401 - aiobotocore is untyped
        """Return the SNS client of ``region``."""
        ...

    async def sqs_for(self, region: str) -> Any:  # noqa: ANN401 - aiobotocore is untyped
        """Return the SQS client of ``region``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What outlives the senders: a reload builds new ones on the same of these."""

    aws: Aws
    http: aiohttp.ClientSession
    telemetry: Telemetry
    clock: Clock


def build_senders(
    receivers: Iterable[Receiver], surroundings: Surroundings
) -> dict[Address, Sender]:
    """Return a sender for every target of every receiver; makes no call."""
    return {
        Address(receiver=receiver.name, target=target): sender
        for receiver in receivers
        for target, sender in _senders(receiver, surroundings)
    }


def _senders(
    receiver: Receiver, surroundings: Surroundings
) -> Iterator[tuple[str, Sender]]:
    aws, clock = surroundings.aws, surroundings.clock
    for sns in receiver.sns:
        yield sns_key(sns), SnsSender(sns, aws.sns_for)
    for sqs in receiver.sqs:
        sender = SqsSender(sqs, aws.sqs_for, home_region=aws.region)
        yield sqs_key(sqs), sender
    for webhook in receiver.webhook:
        yield webhook_key(webhook), WebhookSender(webhook, surroundings.http, clock)
    for email in receiver.email:
        telemetry = surroundings.telemetry
        yield email_key(email), EmailSender(email, telemetry=telemetry, clock=clock)
