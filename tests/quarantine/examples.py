"""Messages, failures and items, as tests of the quarantine need them."""

from collections.abc import Sequence

from relay.errors import Reason, RejectedError, TransientError
from relay.faults import Failure
from relay.model import Delivery, DeliveryKind, Message
from relay.quarantine.item import Item
from relay.quarantine.notice import notice_of

BUCKET = "trail-logs"
QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/relay"
SENT_AT = 1_795_521_900.0  # 2026-11-24T12:05:00Z
NOW = SENT_AT + 600.0


def message(body: str, *, id_: str = "m-1", receive_count: int = 5) -> Message:
    """Return a message that was received for the last time."""
    return Message(
        id=id_,
        receipt_handle="r",
        body=body,
        sent_at=SENT_AT,
        received_at=NOW,
        receive_count=receive_count,
    )


def delivery(
    key: str,
    *,
    bucket: str = BUCKET,
    kind: DeliveryKind = DeliveryKind.CLOUDTRAIL,
    version_id: str | None = None,
) -> Delivery:
    """Return the notice of one object."""
    return Delivery(bucket=bucket, key=key, kind=kind, version_id=version_id)


def failure(
    found: Delivery | None, reason: Reason = Reason.TRUNCATED, text: str = "cut short"
) -> Failure:
    """Return why an object, or a body, could not be processed."""
    kind = TransientError if reason is Reason.KMS else RejectedError
    return Failure(delivery=found, error=kind(text, reason=reason))


def announced(keys: Sequence[str]) -> tuple[Message, list[Failure]]:
    """Return a message of CloudTrail's, and the failure of all that it names."""
    deliveries = [delivery(key) for key in keys]
    return message(notice_of(deliveries)), [failure(each) for each in deliveries]


def item(id_: str = "m-1", *, body: str | None = "the body") -> Item:
    """Return an item as it is kept."""
    return Item(
        id=id_,
        message_id=id_,
        queue_url=QUEUE_URL,
        sent_at="2026-11-24T12:05:00Z",
        quarantined_at="2026-11-24T12:15:00Z",
        receive_count=5,
        reason="not_json",
        error="message is not JSON",
        body=body,
    )
