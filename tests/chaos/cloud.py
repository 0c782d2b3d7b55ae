"""The account around the daemon: trail, queue and receivers, emulated over HTTP.

What is put in and what is looked at goes past the proxy; only the daemon goes through.
"""

import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import anyio
import msgspec
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from anyio.streams.buffered import BufferedByteReceiveStream

from tests.chaos.faults import seeded
from tests.chaos.logs_service import Stored
from tests.chaos.material import BUCKET, Trail, notice
from tests.chaos.proxy import VISIBILITY_TIMEOUT_SECS
from tests.chaos.receipts import BATCH
from tests.chaos.verdict import Heard
from tests.support.moto import CREDENTIALS, reset

REGION = "eu-west-1"
MAX_KEYS = 4
"""Objects that one message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The queues and the topic of one campaign."""

    queue_url: str
    topic_arn: str
    listeners: dict[str, str]
    """The queue in which a receiver's notifications arrive, by receiver."""


class Cloud:
    """One emulated account."""

    def __init__(self, *, s3: Any, sqs: Any, addresses: Addresses) -> None:  # noqa: ANN401 - botocore is untyped
        self.addresses = addresses
        self._s3 = s3
        self._sqs = sqs

    async def feed(self, trail: Trail, seed: object) -> int:
        """Put in one message with its objects; return how many records they hold."""
        random = seeded("message", seed, len(trail.expected.files))
        keys, records = [], 0
        for _ in range(random.randint(1, MAX_KEYS)):
            file, body = trail.next_file()
            await self._s3.put_object(Bucket=BUCKET, Key=file.key, Body=body)
            keys.append(file.key)
            records += len(file.event_ids)
        await self._sqs.send_message(
            QueueUrl=self.addresses.queue_url, MessageBody=notice(keys, random)
        )
        return records

    async def depth(self) -> int:
        """Return how many messages wait, visible or not."""
        found = await self._sqs.get_queue_attributes(
            QueueUrl=self.addresses.queue_url, AttributeNames=["All"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"]) + int(
            found["Attributes"]["ApproximateNumberOfMessagesNotVisible"]
        )

    async def show(self, receipts: Sequence[str]) -> None:
        """Make messages visible again at once, those that are still there."""
        for start in range(0, len(receipts), BATCH):
            await self._sqs.change_message_visibility_batch(
                QueueUrl=self.addresses.queue_url,
                Entries=[
                    {"Id": str(n), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                    for n, receipt in enumerate(receipts[start : start + BATCH])
                ],
            )

    async def listen(self, heard: list[Heard]) -> None:
        """Move the notifications that have come since the last time to ``heard``."""
        for receiver, url in self.addresses.listeners.items():
            while messages := await self._take(url):
                heard += [_heard(receiver, message) for message in messages]

    async def _take(self, url: str) -> list[dict[str, Any]]:
        answer = await self._sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=BATCH, MessageAttributeNames=["All"]
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        if messages:
            entries = [
                {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
                for n, message in enumerate(messages)
            ]
            await self._sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        return messages


@asynccontextmanager
async def made_cloud(moto_url: str) -> AsyncIterator[Cloud]:
    """Forget what the emulator holds, and make the account anew."""
    reset(moto_url)
    session = AioSession()
    async with AsyncExitStack() as stack:

        async def client(service: str) -> Any:  # noqa: ANN401 - botocore is untyped
            return await stack.enter_async_context(
                session.create_client(
                    service,
                    region_name=REGION,
                    endpoint_url=moto_url,
                    aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                    config=AioConfig(s3={"addressing_style": "path"}),
                )
            )

        s3, sqs, sns = await client("s3"), await client("sqs"), await client("sns")
        await s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        addresses = await _made_addresses(sqs, sns)
        yield Cloud(s3=s3, sqs=sqs, addresses=addresses)


@asynccontextmanager
async def logs_service() -> AsyncIterator[str]:
    """Run CloudWatch Logs for the length of the block; the value is its URL."""
    command = [sys.executable, "-m", "tests.chaos.logs_service"]
    async with await anyio.open_process(command, stderr=None) as process:
        try:
            assert process.stdout is not None
            said = BufferedByteReceiveStream(process.stdout)
            yield (await said.receive_until(b"\n", 200)).decode()
        finally:
            process.kill()


async def stored(http: aiohttp.ClientSession, logs_url: str) -> Stored:
    """Read back what CloudWatch Logs was given."""
    async with http.get(f"{logs_url}/_chaos/stored") as answer:
        return msgspec.json.decode(await answer.read(), type=Stored)


async def _made_addresses(sqs: Any, sns: Any) -> Addresses:  # noqa: ANN401 - botocore is untyped
    async def queue(name: str) -> str:
        made = await sqs.create_queue(
            QueueName=name,
            Attributes={"VisibilityTimeout": str(VISIBILITY_TIMEOUT_SECS)},
        )
        url: str = made["QueueUrl"]
        return url

    listeners = {
        "by-topic": await queue("by-topic"),
        "by-queue": await queue("by-queue"),
    }
    topic = await sns.create_topic(Name="alarms")
    found = await sqs.get_queue_attributes(
        QueueUrl=listeners["by-topic"], AttributeNames=["QueueArn"]
    )
    await sns.subscribe(
        TopicArn=topic["TopicArn"],
        Protocol="sqs",
        Endpoint=found["Attributes"]["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )
    return Addresses(
        queue_url=await queue("relay"),
        topic_arn=topic["TopicArn"],
        listeners=listeners,
    )


def _heard(receiver: str, message: dict[str, Any]) -> Heard:
    body = json.loads(message["Body"])
    group = body["Group"]
    return Heard(
        receiver=receiver,
        id=message["MessageAttributes"]["id"]["StringValue"],
        alarm=body["AlarmName"],
        state=body["NewStateValue"],
        user=group.get("$.userIdentity.userName", ""),
    )
