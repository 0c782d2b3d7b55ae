"""What comes in: messages, the deliveries they announce, the objects behind those."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One SQS message, received once; the receipt handle is of this receive."""

    id: str
    receipt_handle: str
    body: str
    sent_at: float
    received_at: float
    receive_count: int = 1


class DeliveryKind(StrEnum):
    """Who announced the object; a metric label."""

    CLOUDTRAIL = "cloudtrail"
    S3 = "s3"
    EVENTBRIDGE = "eventbridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The notice that an object exists. ``key`` is decoded: as S3's GetObject wants it.

    ``size_bytes`` and ``etag`` (bare, without quotes) are hints; CloudTrail's own
    notice has neither.
    """

    bucket: str
    key: str
    kind: DeliveryKind
    size_bytes: int | None = None
    etag: str | None = None
    version_id: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogObject:
    """The bytes of one S3 object as stored (gzip not undone); ``etag`` is bare."""

    bucket: str
    key: str
    etag: str
    last_modified: float
    body: bytes

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"
