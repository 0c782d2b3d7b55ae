"""An emulated account with a queue, its dead-letter queue, and places to keep items."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from relay.config.quarantine_section import QuarantineBucket

REGION = "eu-west-1"
BUCKET = "quarantine"
PREFIX = "kept/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Clients, and the URLs of three queues: the source's and two places."""

    url: str
    s3: Any
    sqs: Any
    queue_url: str
    dead_letter_url: str
    quarantine_url: str

    @property
    def bucket(self) -> QuarantineBucket:
        """The section that names the bucket."""
        return QuarantineBucket(bucket=BUCKET, prefix=PREFIX)

    async def keys(self) -> list[str]:
        """Return the keys of all objects of the bucket."""
        page = await self.s3.list_objects_v2(Bucket=BUCKET)
        return [each["Key"] for each in page.get("Contents", [])]

    async def take(self, queue_url: str) -> list[str]:
        """Receive and delete all messages that are visible now."""
        bodies: list[str] = []
        while True:
            response = await self.sqs.receive_message(
                QueueUrl=queue_url, MaxNumberOfMessages=10
            )
            messages = response.get("Messages", [])
            for each in messages:
                bodies.append(each["Body"])
                await self.sqs.delete_message(
                    QueueUrl=queue_url, ReceiptHandle=each["ReceiptHandle"]
                )
            if not messages:
                return bodies

    async def send(self, queue_url: str, body: str) -> str:
        """Send a message; return its id."""
        sent = await self.sqs.send_message(QueueUrl=queue_url, MessageBody=body)
        id_: str = sent["MessageId"]
        return id_

    async def depth(self, queue_url: str) -> tuple[int, int]:
        """Return how many messages are visible and how many are hidden."""
        found = (
            await self.sqs.get_queue_attributes(
                QueueUrl=queue_url, AttributeNames=["All"]
            )
        )["Attributes"]
        return (
            int(found["ApproximateNumberOfMessages"]),
            int(found["ApproximateNumberOfMessagesNotVisible"]),
        )


@asynccontextmanager
async def made_account(moto_url: str) -> AsyncIterator[Account]:
    """Make the account for the length of the block."""
    async with AsyncExitStack() as stack:
        session = AioSession()

        async def client(service: str) -> Any:  # noqa: ANN401 - botocore is untyped
            return await stack.enter_async_context(
                session.create_client(
                    service,
                    region_name=REGION,
                    endpoint_url=moto_url,
                    config=AioConfig(
                        s3={"addressing_style": "path"},
                        retries={"mode": "standard", "total_max_attempts": 1},
                    ),
                )
            )

        s3, sqs = await client("s3"), await client("sqs")

        async def queue(name: str, attributes: Mapping[str, str]) -> str:
            made = await sqs.create_queue(QueueName=name, Attributes=attributes)
            url: str = made["QueueUrl"]
            return url

        await s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        dead_letter_url = await queue("dead-letters", {})
        attributes = await sqs.get_queue_attributes(
            QueueUrl=dead_letter_url, AttributeNames=["QueueArn"]
        )
        redrive = {
            "deadLetterTargetArn": attributes["Attributes"]["QueueArn"],
            "maxReceiveCount": 1,
        }
        yield Account(
            url=moto_url,
            s3=s3,
            sqs=sqs,
            queue_url=await queue("source", {"RedrivePolicy": json.dumps(redrive)}),
            dead_letter_url=dead_letter_url,
            quarantine_url=await queue("quarantine", {"MaximumMessageSize": "262144"}),
        )
