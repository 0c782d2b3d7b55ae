"""What the quarantine keeps of a message: one JSON document that a person can read."""

import base64
from collections.abc import Sequence
from typing import Literal

import msgspec
from isal import igzip

from relay.clock import isoformat
from relay.errors import Reason, RejectedError
from relay.faults import Failure
from relay.model import Message
from relay.trail.gunzip import decompress

MAX_BODY_BYTES = 2**20
"""The most that a message holds; see "Amazon SQS message quotas"."""
MAX_TEXT = 1_024
"""Characters shown of a key and of an error. No key of S3's is longer ("Naming Amazon
S3 objects"); what a message may call one is kept whole in the body."""


class FailedObject(msgspec.Struct, frozen=True, kw_only=True):
    """One object that could not be processed, and why."""

    bucket: str
    key: str
    version_id: str | None
    reason: str
    error: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One message, or a part of one, that could not be processed.

    ``id`` is the message's own, with a number behind it from the second part on.
    ``reason`` and ``error`` are the first object's, or the message's own when its body
    was not understood. ``replay`` is what to send instead of ``body``, for ``objects``
    alone. The body is the original, as text or gzipped, unless it does not fit beside
    the rest. Times are ISO 8601, UTC.
    """

    version: Literal[1] = 1
    id: str
    message_id: str
    queue_url: str
    sent_at: str
    quarantined_at: str | None = None
    receive_count: int
    reason: str | None = None
    error: str | None = None
    objects: tuple[FailedObject, ...] = ()
    replay: str | None = None
    body: str | None = None
    body_gzip: str | None = None

    def original(self) -> str | None:
        """Return the message's body; None when it did not fit.

        Raises RejectedError when its gzipped form is damaged.
        """
        if self.body_gzip is None:
            return self.body
        try:
            packed = base64.b64decode(self.body_gzip, validate=True)
            return decompress(packed, max_bytes=MAX_BODY_BYTES).decode()
        except ValueError as error:
            raise RejectedError(
                f"quarantine item {self.id}: body_gzip is no text",
                reason=Reason.INVALID,
            ) from error

    def to_send(self) -> str:
        """Return the body that has what failed processed again.

        Raises RejectedError when there is none.
        """
        body = self.original() if self.replay is None else self.replay
        if body is None:
            raise RejectedError(
                f"quarantine item {self.id}: has no body", reason=Reason.INVALID
            )
        return body


def item_of(
    message: Message, failures: Sequence[Failure], *, queue_url: str, now: float
) -> Item:
    """Return what is known of ``message`` and its failures; without any body yet."""
    first = failures[0].error
    return Item(
        id=message.id,
        message_id=message.id,
        queue_url=queue_url,
        sent_at=isoformat(message.sent_at),
        quarantined_at=isoformat(now),
        receive_count=message.receive_count,
        reason=first.reason,
        error=str(first)[:MAX_TEXT],
        objects=tuple(
            FailedObject(
                bucket=failure.delivery.bucket,
                key=failure.delivery.key[:MAX_TEXT],
                version_id=failure.delivery.version_id,
                reason=failure.error.reason,
                error=str(failure.error)[:MAX_TEXT],
            )
            for failure in failures
            if failure.delivery is not None
        ),
    )


def decode_item(text: str) -> Item | None:
    """Return the item that ``text`` holds; None when it is something else."""
    try:
        return msgspec.json.decode(text, type=Item)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def gzipped(body: str) -> str:
    """Return ``body`` as the base64 of its gzip, for an item's ``body_gzip``."""
    return base64.b64encode(igzip.compress(body.encode(), mtime=0)).decode()


def sqs_json(value: object) -> str:
    """Return JSON as SQS takes it: of the characters that XML 1.0 allows.

    Control characters are escaped in any JSON; of the others only these two are
    refused ("SendMessage").
    """
    text = msgspec.json.encode(value).decode()
    return text.replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")
