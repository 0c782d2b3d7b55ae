"""SES: by moto over HTTP, and what is handed to the client."""

from contextlib import AsyncExitStack
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from relay.aws.clients import AwsClients, open_clients
from relay.config.aws_section import Aws
from relay.config.aws_targets import SesTarget
from relay.errors import RejectedError
from relay.notify.content.render import Templates
from relay.notify.receivers.ses import SesSender
from tests.notify.examples import bundle
from tests.support.clock import FakeClock

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"
TARGET = {
    "to": ["On Call <oncall@example.com>", "soc@example.com"],
    "from": "Rélais <relay@example.com>",
}


def sender_by(client_for: Any, **options: str) -> SesSender:  # noqa: ANN401 - any way
    """Return a sender that gets its client by ``client_for``."""
    return SesSender(
        SesTarget.model_validate(TARGET | options),
        client_for,
        home_region="eu-west-1",
        clock=FakeClock(),
        templates=Templates(),
    )


async def opened(stack: AsyncExitStack, moto: str) -> tuple[AwsClients, Any]:
    """Return clients of the emulator, and that of SES."""
    aws = await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)
    return aws, await aws.client_for("sesv2", "eu-west-1")


async def test_ses_takes_the_mail(moto: str) -> None:
    """From a verified sender, for all recipients at once."""
    async with AsyncExitStack() as stack:
        aws, ses = await opened(stack, moto)
        await ses.create_email_identity(EmailIdentity="relay@example.com")

        sender = sender_by(lambda region: aws.client_for("sesv2", region))
        answer = await sender.send(bundle())

    assert answer


async def test_a_sender_that_is_not_verified_is_rejected(moto: str) -> None:
    """SES says so of the message."""
    async with AsyncExitStack() as stack:
        aws, _ = await opened(stack, moto)
        sender = sender_by(lambda region: aws.client_for("sesv2", region))
        with pytest.raises(RejectedError, match="mail by SES in eu-west-1"):
            await sender.send(bundle())


class RecordingClient:
    """An SES client that keeps what it was called with."""

    def __init__(self) -> None:
        self.region = ""
        self.arguments: dict[str, Any] = {}

    async def in_region(self, region: str) -> "RecordingClient":
        """Return itself, and remember where."""
        self.region = region
        return self

    async def send_email(self, **arguments: object) -> dict[str, object]:
        """Keep ``arguments``."""
        self.arguments = arguments
        return {"MessageId": "one"}


async def test_the_mail_is_that_of_smtp() -> None:
    """Addresses alone in the envelope, names in the mail, and the idempotency key."""
    client = RecordingClient()

    answer = await sender_by(client.in_region).send(bundle())

    raw = client.arguments["Content"]["Raw"]["Data"]
    mail = message_from_bytes(raw, policy=default)
    assert answer == "one"
    assert client.region == "eu-west-1"
    assert client.arguments["FromEmailAddress"] == "relay@example.com"
    assert client.arguments["Destination"] == {
        "ToAddresses": ["oncall@example.com", "soc@example.com"]
    }
    assert "ConfigurationSetName" not in client.arguments
    assert mail["From"] == "Rélais <relay@example.com>"
    assert mail["X-Relay-Id"] == "1f" * 32
    assert mail.is_multipart()


async def test_region_and_configuration_set_are_the_targets() -> None:
    """The set is where bounces and complaints are told of."""
    client = RecordingClient()

    sender = sender_by(
        client.in_region, region="us-east-1", configuration_set="security"
    )
    await sender.send(bundle())

    assert client.region == "us-east-1"
    assert client.arguments["ConfigurationSetName"] == "security"
