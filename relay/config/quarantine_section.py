"""The section ``quarantine``: where messages go that cannot be processed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from relay.config.names import Bucket, QueueUrl
from relay.config.refusal import refusal
from relay.config.scalars import Whole, matching
from relay.config.section import Section

Prefix = Annotated[
    str,
    matching(
        r"[A-Za-z0-9!_.*'()/-]{0,512}",
        "is no prefix of object keys: up to 512 of A-Z a-z 0-9 ! _ . * ' ( ) / -",
    ),
]
"""What S3's "Naming Amazon S3 objects" calls safe characters."""


class QuarantineBucket(Section):
    """An S3 bucket that items are written to, one object each."""

    bucket: Bucket
    prefix: Prefix = "relay-quarantine/"


class Quarantine(Section):
    """Where messages go that cannot be processed; give one place, a queue or a bucket.

    Without this section the redrive policy of the source's own queue decides.
    """

    max_receives: Whole = Field(default=5, ge=1, le=1_000)
    """How often a message is received before it goes there.

    Less than maxReceiveCount of the queue's redrive policy, or that one is faster.
    """
    queue_url: QueueUrl | None = None
    s3: QuarantineBucket | None = None

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.queue_url is None) == (self.s3 is None):
            raise refusal("names no place, or two; give one of queue_url and s3")
        return self
