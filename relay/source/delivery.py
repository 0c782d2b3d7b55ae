"""What an SQS message's body announces: every envelope, told apart by its shape.

Understood are CloudTrail's validation text; the SNS envelope around any of the others
and SNS's confirmations; S3's event notification and test event; EventBridge's events of
S3; CloudTrail's own notice. Everything else is a RejectedError and stays in the queue.
S3's event notifications, and they alone, have URL-encoded keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated
from urllib.parse import unquote_plus

import msgspec

from relay.errors import Reason, RejectedError
from relay.model import Delivery, DeliveryKind

VALIDATION_TEXT = "CloudTrail validation message."
"""What CloudTrail publishes when a trail is given a topic; it is not JSON."""
MAX_SNS_ENVELOPES = 2
"""A topic's message that was itself forwarded from another topic, and no deeper."""

_MAX_NAMED_KEYS = 10
_MAX_KEY_CHARACTERS = 40


class Ignored(StrEnum):
    """Understood messages that announce no object; a label of ``messages_ignored``."""

    S3_TEST = "s3_test"
    CLOUDTRAIL_VALIDATION = "cloudtrail_validation"
    SUBSCRIPTION_CONFIRMATION = "subscription_confirmation"
    UNSUBSCRIBE_CONFIRMATION = "unsubscribe_confirmation"
    S3_OTHER_EVENT = "s3_other_event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one message says: deliveries, or why there are none.

    ``topic_arn`` is the SNS topic it came through, if any. ``subscribe_url`` is where
    an operator confirms a subscription (to another account's topic) that waits for it.
    """

    deliveries: tuple[Delivery, ...] = ()
    ignored: Ignored | None = None
    topic_arn: str | None = None
    subscribe_url: str | None = None


def read_message(body: str) -> Notice:
    """Read one message; the same key announced twice in it is one delivery.

    Raises RejectedError (NOT_JSON, UNKNOWN_ENVELOPE) that names what was found, never
    its values.
    """
    return _read(body, envelopes=0)


# --- the shapes' members, as far as they matter; unknown ones are passed over ---------

_Name = Annotated[str, msgspec.Meta(min_length=1)]


class _CloudTrailNotice(msgspec.Struct):
    bucket: _Name = msgspec.field(name="s3Bucket")
    keys: Annotated[list[_Name], msgspec.Meta(min_length=1)] = msgspec.field(
        name="s3ObjectKey"
    )


class _Bucket(msgspec.Struct):
    name: _Name


class _S3Object(msgspec.Struct):
    key: _Name
    size: int | None = None
    etag: str | None = msgspec.field(name="eTag", default=None)
    version_id: str | None = msgspec.field(name="versionId", default=None)


class _S3Entity(msgspec.Struct):
    bucket: _Bucket
    object: _S3Object


class _S3Record(msgspec.Struct):
    event_name: str = msgspec.field(name="eventName")
    s3: _S3Entity


class _S3Notice(msgspec.Struct):
    records: Annotated[list[_S3Record], msgspec.Meta(min_length=1)] = msgspec.field(
        name="Records"
    )


class _EventBridgeObject(msgspec.Struct):
    key: _Name
    size: int | None = None
    etag: str | None = None
    version_id: str | None = msgspec.field(name="version-id", default=None)


class _EventBridgeDetail(msgspec.Struct):
    bucket: _Bucket
    object: _EventBridgeObject


class _EventBridgeNotice(msgspec.Struct):
    detail: _EventBridgeDetail


def _read(text: str, *, envelopes: int) -> Notice:
    if text.strip() == VALIDATION_TEXT:
        return Notice(ignored=Ignored.CLOUDTRAIL_VALIDATION)
    found = _decoded(text)
    try:
        notice = _from_sns(found, envelopes) or _from_s3(found) or _cloudtrail(found)
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        # Both say where and which type, not the value; a key's bytes are left out.
        why = "key is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise _unknown(found, str(why)) from error
    if notice is None:
        raise _unknown(found, "no envelope that relay knows")
    return notice


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise RejectedError(
            f"message is not JSON ({len(text)} characters)", reason=Reason.NOT_JSON
        ) from error


def _from_sns(found: object, envelopes: int) -> Notice | None:
    match found:
        case {
            "Type": "Notification",
            "TopicArn": str(topic_arn),
            "Message": str(message),
        } if envelopes < MAX_SNS_ENVELOPES:
            inner = _read(message, envelopes=envelopes + 1)
            return replace(inner, topic_arn=inner.topic_arn or topic_arn)
        case {"Type": "SubscriptionConfirmation", "TopicArn": str(topic_arn), **rest}:
            url = rest.get("SubscribeURL")
            return Notice(
                ignored=Ignored.SUBSCRIPTION_CONFIRMATION,
                topic_arn=topic_arn,
                subscribe_url=url if isinstance(url, str) else None,
            )
        case {"Type": "UnsubscribeConfirmation", "TopicArn": str(topic_arn)}:
            return Notice(ignored=Ignored.UNSUBSCRIBE_CONFIRMATION, topic_arn=topic_arn)
    return None


def _from_s3(found: object) -> Notice | None:
    match found:
        case {"Records": [*records]} if records and all(map(_is_s3_record, records)):
            return _s3_notification(found)
        case {"Event": "s3:TestEvent"}:
            return Notice(ignored=Ignored.S3_TEST)
        case {"source": "aws.s3", "detail-type": "Object Created"}:
            return _eventbridge(found)
        case {"source": "aws.s3", "detail-type": str(kind)} if kind.startswith(
            "Object "
        ):
            return Notice(ignored=Ignored.S3_OTHER_EVENT)
    return None


def _is_s3_record(record: object) -> bool:
    return isinstance(record, dict) and record.get("eventSource") == "aws:s3"


def _cloudtrail(found: object) -> Notice | None:
    if not (isinstance(found, dict) and "s3Bucket" in found and "s3ObjectKey" in found):
        return None
    notice = msgspec.convert(found, _CloudTrailNotice)
    return Notice(
        deliveries=_distinct(
            Delivery(bucket=notice.bucket, key=key, kind=DeliveryKind.CLOUDTRAIL)
            for key in notice.keys
        )
    )


def _s3_notification(found: object) -> Notice:
    deliveries = _distinct(
        Delivery(
            bucket=record.s3.bucket.name,
            key=unquote_plus(record.s3.object.key, errors="strict"),
            kind=DeliveryKind.S3,
            size_bytes=record.s3.object.size,
            etag=record.s3.object.etag,
            version_id=record.s3.object.version_id,
        )
        for record in msgspec.convert(found, _S3Notice).records
        if record.event_name.removeprefix("s3:").startswith("ObjectCreated:")
    )
    return Notice(
        deliveries=deliveries, ignored=None if deliveries else Ignored.S3_OTHER_EVENT
    )


def _eventbridge(found: object) -> Notice:
    detail = msgspec.convert(found, _EventBridgeNotice).detail
    return Notice(
        deliveries=(
            Delivery(
                bucket=detail.bucket.name,
                key=detail.object.key,
                kind=DeliveryKind.EVENTBRIDGE,
                size_bytes=detail.object.size,
                etag=detail.object.etag,
                version_id=detail.object.version_id,
            ),
        )
    )


def _distinct(deliveries: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """Keep one delivery an object version, the last: its hints are the newest."""
    by_object = {(each.bucket, each.key, each.version_id): each for each in deliveries}
    return tuple(by_object.values())


def _unknown(found: object, why: str) -> RejectedError:
    if isinstance(found, dict):
        keys = sorted(str(key)[:_MAX_KEY_CHARACTERS] for key in found)
        shown = ", ".join(keys[:_MAX_NAMED_KEYS])
        more = ", ..." if len(keys) > _MAX_NAMED_KEYS else ""
        shape = f"an object with the keys {shown}{more}" if keys else "an empty object"
    else:
        shape = f"a JSON {type(found).__name__}"
    return RejectedError(f"message is {shape}: {why}", reason=Reason.UNKNOWN_ENVELOPE)
