"""Builds the senders to AWS services: one block a kind."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Protocol

from relay.aws.clients import Service
from relay.clock import Clock
from relay.config.notify_section import Receiver
from relay.notify.content.render import Templates
from relay.notify.outbox import Sender
from relay.notify.receivers.cloudwatch_mirror import CloudWatchMirror
from relay.notify.receivers.eventbridge import EventBridgeSender
from relay.notify.receivers.lambda_ import LambdaSender
from relay.notify.receivers.ses import SesSender
from relay.notify.receivers.sns import SnsSender
from relay.notify.receivers.sqs import SqsSender
from relay.notify.targets import (
    cloudwatch_key,
    eventbridge_key,
    lambda_key,
    ses_key,
    sns_key,
    sqs_key,
)


class Aws(Protocol):
    """What the senders need of ``relay.aws.clients.AwsClients``."""

    @property
    def region(self) -> str:
        """The relay's own region."""
        ...

    async def client_for(self, service: Service, region: str) -> Any:  # noqa: ANN401 - aiobotocore is untyped
        """Return the client of ``service`` in ``region``."""
        ...


def aws_senders(
    receiver: Receiver, *, aws: Aws, clock: Clock, templates: Templates
) -> Iterator[tuple[str, Sender]]:
    """Yield a sender for every target of ``receiver`` that is an AWS service."""
    client, home = aws.client_for, aws.region
    for sns in receiver.sns:
        yield sns_key(sns), SnsSender(sns, partial(client, "sns"), templates)
    for sqs in receiver.sqs:
        get = partial(client, "sqs")
        yield sqs_key(sqs), SqsSender(sqs, get, home_region=home)
    for bus in receiver.eventbridge:
        get = partial(client, "events")
        yield eventbridge_key(bus), EventBridgeSender(bus, get, home_region=home)
    for function in receiver.lambda_:
        get = partial(client, "lambda")
        yield lambda_key(function), LambdaSender(function, get, home_region=home)
    for mirror in receiver.cloudwatch:
        get = partial(client, "cloudwatch")
        yield cloudwatch_key(mirror), CloudWatchMirror(mirror, get, home_region=home)
    for ses in receiver.ses:
        yield (
            ses_key(ses),
            SesSender(
                ses,
                partial(client, "sesv2"),
                home_region=home,
                clock=clock,
                templates=templates,
            ),
        )
