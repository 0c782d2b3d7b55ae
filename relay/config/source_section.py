"""The section ``source``: the queue that announces objects, and what is read."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from relay.config.names import Bucket, QueueUrl
from relay.config.refusal import refusal
from relay.config.scalars import Duration, Size, Switch, Whole, matching
from relay.config.section import Section

AccountId = Annotated[
    str, matching(r"[0-9]{12}", "is no account; it looks like '123456789012'")
]
AccessPoint = Annotated[
    str,
    matching(
        r"arn:[a-z-]+:s3:[a-z0-9-]+:[0-9]{12}:accesspoint[/:][a-z0-9-]{3,50}"
        r"|[a-z0-9][a-z0-9-]{1,54}-s3alias",
        "is no access point; write its ARN,"
        " arn:aws:s3:eu-west-1:123456789012:accesspoint/name, or its alias",
    ),
]
"""A regional one; see "Referencing access points" in the S3 User Guide."""


class MaxInFlight(Section):
    """How much may be under way at once; receiving waits while it is reached."""

    messages: Whole = Field(default=100, ge=1, le=100_000)
    bytes: Size = 256 * 2**20
    """Counted decompressed."""


class Limits(Section):
    """What one object may measure; a larger one is set aside, not read on."""

    object: Size = 64 * 2**20
    decompressed: Size = 2**30
    records: Whole = Field(default=1_000_000, ge=1)


class Source(Section):
    """The SQS queue that the trail's notices come through, and the buckets to read."""

    queue_url: QueueUrl
    buckets: tuple[Bucket, ...] = Field(min_length=1)
    """Objects of no other bucket are read, whatever a message says."""
    expected_bucket_owner: AccountId | None = None
    """The account that owns the buckets; S3 refuses to read one of anybody else's."""
    request_payer: Switch = False
    """Whether relay's account pays for reading, as Requester Pays buckets demand."""
    access_points: Mapping[Bucket, AccessPoint] = Field(default={})
    """Access points by bucket: an object of that bucket is read through it."""
    visibility_timeout: Duration = Field(default=300.0, ge=10, le=43_200)
    max_age: Annotated[Duration, Field(ge=60)] | None = None
    """A message sent longer ago is set aside unread; without it none is too old."""
    max_in_flight: MaxInFlight = MaxInFlight()
    limits: Limits = Limits()
    pollers: Whole = Field(default=8, ge=1, le=32)
    """The most concurrent long polls; one is always open, more follow the backlog."""
    drain_timeout: Duration = 20.0
    """How long a stop waits for what is under way before it is handed back."""

    @model_validator(mode="after")
    def _access_points_are_of_buckets(self) -> Self:
        for bucket in self.access_points:
            if bucket not in self.buckets:
                raise refusal(f"has an access point for {bucket!r}, not in buckets")
        return self
