"""The queue that the relay reads, and the one for what it cannot process."""

import json
from typing import Any

from relay.setup.blueprint import Blueprint
from relay.setup.calls import done, found
from relay.setup.resource import Existing, Kind, Settings, Title
from relay.setup.tags import owner_by, tags_of

MAX_RECEIVES = 5
_FOURTEEN_DAYS_SECS = 14 * 86_400
"""The longest that SQS keeps a message (SetQueueAttributes, API reference)."""
_LONG_POLL_SECS = 20
_VISIBILITY_SECS = 300


class Queue:
    """A standard queue with long polling, encrypted by SQS itself.

    ``dead_letters`` is the name of the queue that messages end up in, None for that
    queue itself.
    """

    essential = frozenset[str]()

    def __init__(
        self,
        sqs: Any,  # noqa: ANN401 - aiobotocore is untyped
        plan: Blueprint,
        name: str,
        *,
        dead_letters: str | None = None,
    ) -> None:
        self._sqs = sqs
        self._plan = plan
        self._dead_letters = dead_letters
        self.title = Title(
            kind=Kind.QUEUE, name=name, is_named=Kind.QUEUE in plan.named
        )

    def desired(self) -> Settings:
        """Return its attributes in the form of SetQueueAttributes: all texts."""
        wanted: dict[str, object] = {
            key: str(value).lower() for key, value in attributes_of().items()
        }
        if self._dead_letters is not None:
            target = self._plan.queue_arn(self._dead_letters)
            wanted["RedrivePolicy"] = _redrive(target, MAX_RECEIVES)
        return wanted

    async def read(self) -> Existing | None:
        """Return its attributes."""
        url = await queue_url(self._sqs, self.title.name)
        if url is None:
            return None
        what = f"read {self.title}"
        answer = await done(
            what, self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        )
        tags = await done(what, self._sqs.list_queue_tags(QueueUrl=url))
        attributes: dict[str, str] = answer["Attributes"]
        if "RedrivePolicy" in attributes:
            policy = json.loads(attributes["RedrivePolicy"])
            attributes["RedrivePolicy"] = _redrive(
                policy["deadLetterTargetArn"], int(policy["maxReceiveCount"])
            )
        return Existing(
            settings=attributes,
            owner=owner_by(tags.get("Tags", {}), self._plan.setup),
            notes=_notes(attributes),
        )

    async def create(self) -> None:
        """Make it, tags and all, in one call."""
        await done(
            f"make {self.title}",
            self._sqs.create_queue(
                QueueName=self.title.name,
                Attributes=dict(self.desired()),
                tags=tags_of(self._plan.setup),
            ),
        )

    async def update(self, changed: Settings) -> None:
        """Set the attributes that have changed."""
        url = await queue_url(self._sqs, self.title.name)
        await done(
            f"change {self.title}",
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes=dict(changed)),
        )

    async def delete(self, *, with_data: bool) -> str | None:  # noqa: ARG002 - see below
        """Remove it with its messages: they only announce what is in the bucket."""
        url = await queue_url(self._sqs, self.title.name)
        await done(f"delete {self.title}", self._sqs.delete_queue(QueueUrl=url))
        return None


def attributes_of() -> dict[str, int | bool]:
    """Return what all queues of a setup have: two weeks of patience, and long polls."""
    return {
        "MessageRetentionPeriod": _FOURTEEN_DAYS_SECS,
        "ReceiveMessageWaitTimeSeconds": _LONG_POLL_SECS,
        "VisibilityTimeout": _VISIBILITY_SECS,
        "SqsManagedSseEnabled": True,
    }


async def queue_url(sqs: Any, name: str) -> str | None:  # noqa: ANN401 - untyped
    """Return the URL of the queue of this name, None when there is none."""
    answer = await found(f"find queue {name}", sqs.get_queue_url(QueueName=name))
    return None if answer is None else str(answer["QueueUrl"])


def _redrive(target_arn: str, receives: int) -> str:
    return json.dumps({"deadLetterTargetArn": target_arn, "maxReceiveCount": receives})


def _notes(attributes: Settings) -> tuple[str, ...]:
    if not str(attributes.get("KmsMasterKeyId", "")).endswith("alias/aws/sqs"):
        return ()
    return (
        "is encrypted with alias/aws/sqs, which SNS may not use: no notice arrives"
        " (SNS Developer Guide, encrypted queues); use SSE-SQS or a key of your own",
    )
