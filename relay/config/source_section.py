"""The section ``source``: the queue that announces objects, and what is read."""

from pydantic import Field

from relay.config.names import Bucket, QueueUrl
from relay.config.scalars import Duration, Size, Whole
from relay.config.section import Section


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
    visibility_timeout: Duration = Field(default=300.0, ge=10, le=43_200)
    max_in_flight: MaxInFlight = MaxInFlight()
    limits: Limits = Limits()
    pollers: Whole = Field(default=2, ge=1, le=32)
    """Concurrent long polls."""
    drain_timeout: Duration = 20.0
    """How long a stop waits for what is under way before it is handed back."""
