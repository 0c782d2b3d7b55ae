"""relay.quarantine.item: what is kept says all that is known, and can be read again."""

import json

import pytest
from msgspec.structs import replace

from relay.errors import Reason, RejectedError
from relay.model import DeliveryKind
from relay.quarantine.item import (
    MAX_TEXT,
    decode_item,
    gzipped,
    item_of,
    sqs_json,
)
from tests.quarantine.examples import (
    BUCKET,
    NOW,
    QUEUE_URL,
    delivery,
    failure,
    item,
    message,
)


def test_item_says_what_failed_and_when() -> None:
    """Message, queue, times, how often it came, and each object with its reason."""
    broken = failure(delivery("a"), Reason.TRUNCATED, "s3://trail-logs/a: cut short")
    locked = failure(
        delivery("b", kind=DeliveryKind.S3, version_id="v1"), Reason.KMS, "no key"
    )

    made = item_of(message("{}"), [broken, locked], queue_url=QUEUE_URL, now=NOW)

    assert json.loads(sqs_json(made)) == {
        "version": 1,
        "id": "m-1",
        "message_id": "m-1",
        "queue_url": QUEUE_URL,
        "sent_at": "2026-11-24T12:05:00Z",
        "quarantined_at": "2026-11-24T12:15:00Z",
        "receive_count": 5,
        "reason": "truncated",
        "error": "s3://trail-logs/a: cut short",
        "objects": [
            {
                "bucket": BUCKET,
                "key": "a",
                "version_id": None,
                "reason": "truncated",
                "error": "s3://trail-logs/a: cut short",
            },
            {
                "bucket": BUCKET,
                "key": "b",
                "version_id": "v1",
                "reason": "kms",
                "error": "no key",
            },
        ],
        "replay": None,
        "body": None,
        "body_gzip": None,
    }


def test_item_without_objects_has_the_messages_own_error() -> None:
    """A body that was not understood names none."""
    made = item_of(
        message("{"),
        [failure(None, Reason.NOT_JSON, "message is not JSON")],
        queue_url=QUEUE_URL,
        now=NOW,
    )

    assert (made.reason, made.error) == ("not_json", "message is not JSON")
    assert made.objects == ()


def test_endless_keys_and_errors_are_shown_in_part() -> None:
    """A message can call a key a million characters long; no object has such a name."""
    long = failure(delivery("k" * 10_000), text="e" * 10_000)
    made = item_of(message("x"), [long], queue_url=QUEUE_URL, now=NOW)

    assert made.objects[0].key == "k" * MAX_TEXT
    assert made.objects[0].error == made.error == "e" * MAX_TEXT


def test_item_is_read_again_as_it_was() -> None:
    """JSON and back."""
    assert decode_item(sqs_json(item())) == item()


@pytest.mark.parametrize(
    "text",
    [
        "not JSON",
        "{}",
        '{"version": "0", "id": "e", "source": "aws.s3"}',
        '{"s3Bucket": "b", "s3ObjectKey": ["k"]}',
        "[" * 100_000,
        '{"version": 1, "id": "\ud800"}',
    ],
    ids=["text", "empty", "eventbridge", "cloudtrail", "deep", "surrogate"],
)
def test_what_is_no_item_is_none(text: str) -> None:
    """Other messages in a dead-letter queue are told apart, and nothing is raised."""
    assert decode_item(text) is None


def test_body_is_the_original_in_either_form() -> None:
    """Text stays text; gzip is undone."""
    packed = replace(item(body=None), body_gzip=gzipped("the böody"))

    assert item().original() == "the body"
    assert packed.original() == "the böody"
    assert packed.to_send() == "the böody"


def test_replay_goes_before_the_original() -> None:
    """Where only some objects failed, only they are announced again."""
    part = replace(item(), replay="for one object")

    assert part.to_send() == "for one object"
    assert part.original() == "the body"


@pytest.mark.parametrize(
    ("body_gzip", "reason"),
    [
        ("no base64 !", Reason.INVALID),
        ("/w==", Reason.INVALID),
        (gzipped("x" * 100)[:-12], Reason.TRUNCATED),
        (gzipped("x" * (2**20 + 1)), Reason.DECOMPRESSED_TOO_LARGE),
    ],
    ids=["not base64", "not text", "cut short", "bomb"],
)
def test_damaged_body_is_refused(body_gzip: str, reason: Reason) -> None:
    """Whoever may write to the place cannot make the command fill its memory."""
    damaged = replace(item(body=None), body_gzip=body_gzip)
    with pytest.raises(RejectedError) as raised:
        damaged.to_send()

    assert raised.value.reason is reason


def test_item_without_any_body_cannot_be_sent() -> None:
    """It says so."""
    with pytest.raises(RejectedError, match="m-1: has no body"):
        item(body=None).to_send()


def test_json_has_only_characters_that_sqs_takes() -> None:
    """The two that XML 1.0 leaves out are escaped, control characters as ever."""
    text = sqs_json({"key": "a\x01\x7f\ufffe\uffff\U0001f600ö"})

    assert text == '{"key":"a\\u0001\x7f\\ufffe\\uffff\U0001f600ö"}'
    assert json.loads(text) == {"key": "a\x01\x7f\ufffe\uffff\U0001f600ö"}
