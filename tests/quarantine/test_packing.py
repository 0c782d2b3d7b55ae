"""relay.quarantine.packing: items fit their place and lose nothing that matters."""

import json
import random

import pytest

from relay.errors import Reason, RejectedError
from relay.quarantine.item import Item, sqs_json
from relay.quarantine.packing import Packing
from relay.source.delivery import read_message
from tests.quarantine.examples import (
    NOW,
    QUEUE_URL,
    announced,
    delivery,
    failure,
    message,
)

MIB = 2**20
PRINTABLE = [chr(code) for code in range(33, 127) if chr(code) not in '"\\']
ANY = Packing(queue_url=QUEUE_URL, max_bytes=None)
SQS = Packing(queue_url=QUEUE_URL, max_bytes=MIB)
OLD_SQS = Packing(queue_url=QUEUE_URL, max_bytes=256 * 1024)


def noise(characters: int, seed: int = 1) -> str:
    """Return text that gzip makes no smaller than base64 makes it larger."""
    draw = random.Random(seed)  # noqa: S311 - a fixed text
    return "".join(draw.choices(PRINTABLE, k=characters))


def keys_of(items: list[Item]) -> list[str]:
    """Return the keys that sending all ``items`` announces."""
    return [
        each.key for item in items for each in read_message(item.to_send()).deliveries
    ]


def test_message_that_failed_whole_is_kept_as_it_is() -> None:
    """Its body is what is sent again; nothing else is needed."""
    found, failures = announced(["a", "b"])
    (item,) = SQS.items(found, failures, is_whole=True, now=NOW)

    assert item.id == "m-1"
    assert (item.body, item.replay) == (found.body, None)
    assert keys_of([item]) == ["a", "b"]


def test_only_what_failed_is_sent_again() -> None:
    """The original stands beside it, to be looked at."""
    found, failures = announced([f"k-{n}" for n in range(50)])
    (item,) = SQS.items(found, failures[7:8], is_whole=False, now=NOW)

    assert item.body == found.body
    assert [each.key for each in item.objects] == ["k-7"]
    assert json.loads(item.to_send()) == {
        "s3Bucket": "trail-logs",
        "s3ObjectKey": ["k-7"],
    }


def test_body_that_does_not_fit_is_squeezed() -> None:
    """JSON within JSON grows; gzipped it fits, and is the same."""
    found = message('"' * (700 * 1024))
    unread = [failure(None, Reason.UNKNOWN_ENVELOPE)]
    (item,) = SQS.items(found, unread, is_whole=True, now=NOW)

    assert item.body is None
    assert item.to_send() == found.body
    assert len(sqs_json(item)) < MIB


def test_place_without_a_limit_keeps_everything_readable() -> None:
    """An object in S3 may be as large as it needs to be."""
    found, failures = announced([noise(100) + str(n) for n in range(9_000)])
    (item,) = ANY.items(found, failures[1:], is_whole=False, now=NOW)

    assert item.body == found.body
    assert len(item.objects) == 8_999


def test_original_goes_where_only_the_rest_fits() -> None:
    """What is to be replayed matters more."""
    found, failures = announced([noise(1_000, n) for n in range(900)])
    (item,) = SQS.items(found, failures[:200], is_whole=False, now=NOW)

    assert item.original() is None
    assert len(item.objects) == 200
    assert keys_of([item]) == [
        each.delivery.key for each in failures[:200] if each.delivery
    ]


@pytest.mark.parametrize("packing", [SQS, OLD_SQS], ids=["1 MiB", "256 KiB"])
@pytest.mark.parametrize("is_whole", [True, False], ids=["whole", "part"])
def test_thousands_of_failures_are_kept_in_parts(
    packing: Packing, *, is_whole: bool
) -> None:
    """Each fits, has an id of its own, and all together announce every object once."""
    keys = [f"{n}/{noise(90)}" for n in range(10_000)]
    found, failures = announced(keys)
    items = packing.items(found, failures, is_whole=is_whole, now=NOW)

    assert len(items) > 1
    assert [item.id for item in items[:3]] == ["m-1", "m-1.2", "m-1.3"]
    assert len({item.id for item in items}) == len(items)
    assert {item.message_id for item in items} == {"m-1"}
    assert max(len(sqs_json(item).encode()) for item in items) <= (
        packing.max_bytes or 0
    )
    assert keys_of(items) == keys


def test_parts_are_the_same_every_time() -> None:
    """A second attempt overwrites the first one's items, each by its id."""
    found, failures = announced([noise(100) + str(n) for n in range(9_000)])
    first, second = (
        SQS.items(found, failures, is_whole=True, now=NOW) for _ in range(2)
    )

    assert first == second


def test_body_that_fits_in_no_form_is_refused() -> None:
    """It stays in the queue, whose dead-letter queue takes any message."""
    found = message(noise(MIB))
    with pytest.raises(RejectedError, match="1048576 characters do not fit") as raised:
        SQS.items(found, [failure(None)], is_whole=True, now=NOW)

    assert raised.value.reason is Reason.INVALID


def test_key_that_fits_in_no_form_is_refused() -> None:
    """No object is called that; but nothing is deleted unread."""
    found, failures = announced([noise(MIB - 100)])
    with pytest.raises(RejectedError, match="key does not fit"):
        SQS.items(found, failures, is_whole=True, now=NOW)


def test_long_key_that_can_be_squeezed_is_kept() -> None:
    """It is replayed from the original."""
    found, failures = announced(["k" * (MIB - 100)])
    (item,) = SQS.items(found, failures, is_whole=True, now=NOW)

    assert item.to_send() == found.body


def test_other_failures_keep_their_own_reasons() -> None:
    """Of several objects each says what is wrong with it."""
    failures = [
        failure(delivery("a"), Reason.TRUNCATED),
        failure(delivery("b"), Reason.KMS),
    ]
    (item,) = SQS.items(message("{}"), failures, is_whole=False, now=NOW)

    assert [each.reason for each in item.objects] == ["truncated", "kms"]
