"""An AWS account as a trail's owner has it: emulated, over HTTP, with strict Logs.

moto is SQS, S3 and SNS; CloudWatch Logs is the strict fake, whose store tests read.
"""

import gzip
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import yaml
from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from relay.clock import SystemClock
from tests.support.fake_logs import FakeLogs, running_fake_logs

REGION = "eu-west-1"
ACCOUNT = "111122223333"
BUCKET = "trail-logs"
GROUP = "/relay/cloudtrail"
MAX_RECEIVES = 3


class Shape(StrEnum):
    """How an object is announced."""

    CLOUDTRAIL_SNS = "CloudTrail through SNS"
    CLOUDTRAIL_RAW = "CloudTrail through SNS, raw"
    S3 = "S3"
    S3_SNS = "S3 through SNS"
    EVENTBRIDGE = "S3 through EventBridge"


@dataclass(kw_only=True)
class World:
    """The account's parts, and what a test does in it."""

    moto_url: str
    folder: Path
    logs: FakeLogs
    s3: Any
    sqs: Any
    sns: Any
    queue_url: str = ""
    dead_letter_url: str = ""
    topic_arns: dict[bool, str] = field(default_factory=dict)
    """The trail's topics, by whether they deliver raw."""
    _queues: int = 0

    async def put(self, key: str, body: bytes, *, bucket: str = BUCKET) -> str:
        """Store an object as CloudTrail does; return its key."""
        await self.s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=body,
            ContentType="application/json",
            ContentEncoding="gzip",
        )
        return key

    async def put_records(self, key: str, records: Iterable[object]) -> str:
        """Store a log file; return its key."""
        return await self.put(key, log_file(records))

    async def announce(
        self,
        keys: Sequence[str],
        shape: Shape = Shape.CLOUDTRAIL_SNS,
        *,
        bucket: str = BUCKET,
    ) -> None:
        """Announce objects in one of the shapes in which notices come."""
        cloudtrail = json.dumps({"s3Bucket": bucket, "s3ObjectKey": list(keys)})
        match shape:
            case Shape.CLOUDTRAIL_SNS:
                await self._publish(cloudtrail, raw=False)
            case Shape.CLOUDTRAIL_RAW:
                await self._publish(cloudtrail, raw=True)
            case Shape.S3:
                await self.send(json.dumps(s3_event(keys, bucket)))
            case Shape.S3_SNS:
                await self._publish(json.dumps(s3_event(keys, bucket)), raw=False)
            case Shape.EVENTBRIDGE:
                for key in keys:
                    await self.send(json.dumps(eventbridge_event(key, bucket)))

    async def send(self, body: str) -> None:
        """Put any message into the queue."""
        await self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)

    async def queue(
        self, name: str, attributes: Mapping[str, str] | None = None
    ) -> str:
        """Make a queue; return its URL."""
        made = await self.sqs.create_queue(
            QueueName=name, Attributes=dict(attributes or {})
        )
        url: str = made["QueueUrl"]
        return url

    async def use_new_queue(self, attributes: Mapping[str, str] | None = None) -> None:
        """Make a queue for the trail's notices and subscribe it to the topics."""
        self._queues += 1
        self.queue_url = await self.queue(f"relay-{self._queues}", attributes)
        for is_raw, topic_arn in self.topic_arns.items():
            await self.sns.subscribe(
                TopicArn=topic_arn,
                Protocol="sqs",
                Endpoint=await self.queue_arn(self.queue_url),
                Attributes={"RawMessageDelivery": str(is_raw).lower()},
            )

    async def queue_arn(self, url: str) -> str:
        """Return the ARN of a queue."""
        found = await self.sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["QueueArn"]
        )
        arn: str = found["Attributes"]["QueueArn"]
        return arn

    async def depth(self, url: str) -> int:
        """Return how many messages a queue holds, visible or not."""
        found = await self.sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["All"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"]) + int(
            found["Attributes"]["ApproximateNumberOfMessagesNotVisible"]
        )

    async def receive(self, url: str) -> list[str]:
        """Wait for messages of a queue and take them; none after 20 s."""
        response = await self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=20
        )
        messages = response.get("Messages", [])
        for message in messages:
            await self.sqs.delete_message(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]
            )
        return [message["Body"] for message in messages]

    def messages(self, group: str = GROUP) -> list[str]:
        """Return the log events' messages that CloudWatch Logs has kept."""
        if group not in self.logs.store.groups:
            return []
        return self.logs.messages(group)

    def write_config(self, **changes: object) -> Path:
        """Write relay.yaml; ``changes`` replace whole sections."""
        config: dict[str, object] = {
            "aws": {
                "region": REGION,
                "endpoint_url": self.moto_url,
                "logs": {"endpoint_url": self.logs.url},
            },
            "source": {"queue_url": self.queue_url, "buckets": [BUCKET]},
            "logs": {"group": GROUP},
            "rules": ["rules.d/*.yaml"],
            # What a test does to the trail's own parts is not what it is about.
            "self_watch": {"enabled": False},
            "state": {"url": f"sqlite://{self.folder}/state.db"},
            "telemetry": {"listen": "127.0.0.1:0"},
        }
        path = self.folder / "relay.yaml"
        path.write_text(yaml.safe_dump(config | changes))
        return path

    def write_rules(self, **rules: object) -> None:
        """Write the one rule file."""
        folder = self.folder / "rules.d"
        folder.mkdir(exist_ok=True)
        (folder / "rules.yaml").write_text(yaml.safe_dump(rules))

    async def _publish(self, message: str, *, raw: bool) -> None:
        await self.sns.publish(TopicArn=self.topic_arns[raw], Message=message)


@asynccontextmanager
async def made_world(moto_url: str, folder: Path) -> AsyncIterator[World]:
    """Make the account: bucket, topics, queue with its dead-letter queue, Logs."""
    async with AsyncExitStack() as stack:
        logs = await stack.enter_async_context(running_fake_logs(SystemClock()))
        session = AioSession()

        async def client(service: str) -> Any:  # noqa: ANN401 - botocore is untyped
            return await stack.enter_async_context(
                session.create_client(
                    service,
                    region_name=REGION,
                    endpoint_url=moto_url,
                    config=AioConfig(s3={"addressing_style": "path"}),
                )
            )

        world = World(
            moto_url=moto_url,
            folder=folder,
            logs=logs,
            s3=await client("s3"),
            sqs=await client("sqs"),
            sns=await client("sns"),
        )
        await _provision(world)
        world.write_rules()
        yield world


async def _provision(world: World) -> None:
    await world.s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    world.dead_letter_url = await world.queue("relay-dead-letters")
    redrive = {
        "deadLetterTargetArn": await world.queue_arn(world.dead_letter_url),
        "maxReceiveCount": MAX_RECEIVES,
    }
    for is_raw in (False, True):
        topic = await world.sns.create_topic(Name=f"trail-raw-{is_raw}")
        world.topic_arns[is_raw] = topic["TopicArn"]
    await world.use_new_queue({"RedrivePolicy": json.dumps(redrive)})


def log_file(records: Iterable[object]) -> bytes:
    """Return the bytes of a log file with ``records``, as CloudTrail writes it."""
    text = json.dumps({"Records": list(records)}, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def log_key(name: str, *, account: str = ACCOUNT, region: str = REGION) -> str:
    """Return the key under which CloudTrail would store a log file."""
    return (
        f"AWSLogs/{account}/CloudTrail/{region}/2026/11/24/"
        f"{account}_CloudTrail_{region}_20261124T1205Z_{name}.json.gz"
    )


def s3_event(keys: Sequence[str], bucket: str) -> dict[str, object]:
    """Return S3's own notice: the keys are URL-encoded as forms are."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": REGION,
                "eventTime": "2026-11-24T12:05:00.000Z",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {"key": quote_plus(key, safe="/"), "size": 1},
                },
            }
            for key in keys
        ]
    }


def eventbridge_event(key: str, bucket: str) -> dict[str, object]:
    """Return EventBridge's notice: the key stands as it is."""
    return {
        "version": "0",
        "id": "1",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": ACCOUNT,
        "time": "2026-11-24T12:05:00Z",
        "region": REGION,
        "detail": {
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 1},
            "reason": "PutObject",
        },
    }


def record(event_id: str, **members: object) -> dict[str, object]:
    """Return a management event; ``members`` replace the usual ones."""
    usual: dict[str, object] = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
            "accountId": ACCOUNT,
            "userName": "alice",
        },
        "eventTime": "2026-11-24T12:00:00Z",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "DescribeInstances",
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31",
        "requestParameters": {"maxResults": 100},
        "responseElements": None,
        "eventID": event_id,
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }
    return usual | members
