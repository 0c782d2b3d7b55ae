"""Every configured target gets its sender."""

from contextlib import AsyncExitStack

import aiohttp

from relay.config.notify_section import Notify
from relay.notify.receivers.build import Surroundings, build_senders
from relay.notify.receivers.email import EmailSender
from relay.notify.receivers.sns import SnsSender
from relay.notify.receivers.sqs import SqsSender
from relay.notify.receivers.webhook import WebhookSender
from relay.notify.targets import Address, TargetKind, targets_by_receiver
from relay.telemetry import Telemetry
from tests.support.clock import FakeClock

NOTIFY = Notify.model_validate(
    {
        "receivers": [
            {
                "name": "security",
                "sns": [{"topic_arn": "arn:aws:sns:eu-west-1:123456789012:security"}],
                "sqs": [
                    {"queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}
                ],
                "webhook": [{"url": "https://hooks.example.com/x"}],
            },
            {
                "name": "pager",
                "email": [
                    {
                        "to": ["oncall@example.com"],
                        "from": "relay@example.com",
                        "smtp": {"host": "localhost"},
                    }
                ],
            },
        ]
    }
)


class FakeAws:
    """What the senders want of the AWS clients; none is asked for here."""

    region = "eu-west-1"

    async def sns_for(self, region: str) -> object:
        """Return something."""
        return object()

    async def sqs_for(self, region: str) -> object:
        """Return something."""
        return object()


async def test_every_target_that_is_planned_for_has_a_sender() -> None:
    """The outbox's addresses and the senders' are the same, kind by kind."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        surroundings = Surroundings(
            aws=FakeAws(), http=session, telemetry=Telemetry(), clock=FakeClock()
        )

        senders = build_senders(NOTIFY.receivers, surroundings)

    assert set(senders) == {
        Address(receiver=receiver, target=target)
        for receiver, targets in targets_by_receiver(NOTIFY.receivers).items()
        for target in targets
    }
    assert {address.kind: type(each) for address, each in senders.items()} == {
        TargetKind.SNS: SnsSender,
        TargetKind.SQS: SqsSender,
        TargetKind.WEBHOOK: WebhookSender,
        TargetKind.EMAIL: EmailSender,
    }
