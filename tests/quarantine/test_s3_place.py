"""relay.quarantine.s3_place: one object an item, sorted by time, the same each time."""

import json
from typing import cast

import pytest

from relay.clock import SystemClock
from relay.config.quarantine_section import QuarantineBucket
from relay.errors import Reason, RejectedError, TransientError
from relay.quarantine.item import Item
from relay.quarantine.s3_place import MAX_ITEM_BYTES, S3Client, S3Place
from tests.quarantine.account import BUCKET, PREFIX, made_account
from tests.quarantine.examples import QUEUE_URL, item
from tests.quarantine.flaky import Flaky


async def test_key_begins_with_the_time_of_the_message(moto: str) -> None:
    """So that the oldest is listed first; the content says what it is."""
    late = Item(
        id="a",
        message_id="a",
        queue_url=QUEUE_URL,
        sent_at="2026-12-01T00:00:00Z",
        receive_count=5,
        body="b",
    )
    async with made_account(moto) as account:
        place = S3Place(account.s3, account.bucket, clock=SystemClock())
        await place.put(late)
        await place.put(item("z"))
        found = [held.item.id async for held in place.items(None)]
        keys = await account.keys()
        kept = await account.s3.get_object(Bucket=BUCKET, Key=keys[0])
        content = json.loads(await kept["Body"].read())

    assert keys == [
        f"{PREFIX}20261124T120500Z_z.json",
        f"{PREFIX}20261201T000000Z_a.json",
    ]
    assert found == ["z", "a"]
    assert kept["ContentType"] == "application/json"
    assert content["id"] == "z"


async def test_second_attempt_overwrites_the_first(moto: str) -> None:
    """After a crash the same message is put again: there is one item of it."""
    async with made_account(moto) as account:
        place = S3Place(account.s3, account.bucket, clock=SystemClock())
        await place.put(item(body="first"))
        await place.put(item(body="second"))
        found = [held.item.body async for held in place.items(None)]

    assert found == ["second"]


async def test_only_items_are_read(moto: str) -> None:
    """Other objects of the bucket, and below the prefix, are left alone."""
    async with made_account(moto) as account:
        for key in (
            "20261124T120500Z_outside.json",
            f"{PREFIX}notes.txt",
            f"{PREFIX}20261124T120500Z_text.json",
            f"{PREFIX}old/20261124T120500Z_deeper.json",
        ):
            await account.s3.put_object(Bucket=BUCKET, Key=key, Body=b"\xff no item")
        place = S3Place(account.s3, account.bucket, clock=SystemClock())
        await place.put(item())
        found = [held.item.id async for held in place.items(None)]

    assert found == ["m-1"]


async def test_wanted_item_is_the_only_one_read(moto: str) -> None:
    """Its key says its id: of a thousand items one is fetched."""
    async with made_account(moto) as account:
        s3 = Flaky(account.s3)
        place = S3Place(cast(S3Client, s3), account.bucket, clock=SystemClock())
        for n in range(20):
            await place.put(item(f"m-{n}"))
        found = [held.item.id async for held in place.items(["m-7"])]

    assert found == ["m-7"]
    assert s3.calls["get_object"] == 1


class Paging:
    """S3 that lists one object a page."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = keys

    async def list_objects_v2(self, **request: str) -> dict[str, object]:
        """Return the page that the token names."""
        page = int(request.get("ContinuationToken", "0"))
        more = page + 1 < len(self._keys)
        return {
            "Contents": [{"Key": self._keys[page]}],
            **({"NextContinuationToken": str(page + 1)} if more else {}),
        }

    async def get_object(self, **request: str) -> dict[str, object]:
        """Return an object whose size is beyond all measure."""
        return {"Body": Untouched(), "ContentLength": MAX_ITEM_BYTES + 1}


class Untouched:
    """A body that must not be read."""

    async def __aenter__(self) -> "Untouched":
        return self

    async def __aexit__(self, *_: object) -> None:
        return


async def test_all_pages_are_listed() -> None:
    """S3 lists a thousand objects at a time."""
    s3 = Paging(["p/a.txt", "p/b.txt", "p/20261124T120500Z_m.json"])
    place = S3Place(
        cast(S3Client, s3),
        QuarantineBucket(bucket="bucket", prefix="p/"),
        clock=SystemClock(),
    )
    with pytest.raises(RejectedError, match="no item has 67108865 bytes") as raised:
        [held async for held in place.items(None)]

    assert raised.value.reason is Reason.OBJECT_TOO_LARGE


async def test_missing_bucket_is_told(moto: str) -> None:
    """With its name."""
    async with made_account(moto) as account:
        missing = QuarantineBucket(bucket="nowhere")
        place = S3Place(account.s3, missing, clock=SystemClock())
        with pytest.raises(
            RejectedError, match="s3://nowhere/relay-quarantine/"
        ) as raised:
            await place.put(item())

    assert raised.value.reason is Reason.NO_SUCH_BUCKET


async def test_one_read_that_fails_is_the_commands_error(moto: str) -> None:
    """An error of its own kind, not a group of them."""
    async with made_account(moto) as account:
        s3 = Flaky(account.s3)
        place = S3Place(cast(S3Client, s3), account.bucket, clock=SystemClock())
        for n in range(3):
            await place.put(item(f"m-{n}"))
        s3.failures["get_object"] = ["AccessDenied"]
        with pytest.raises(TransientError) as raised:
            [held async for held in place.items(None)]

    assert raised.value.reason is Reason.ACCESS_DENIED
