"""relay.source.objects: bytes as stored, from allowed buckets, within the limit."""

import gzip
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from relay.aws.clients import AwsClients, open_clients
from relay.clock import SystemClock
from relay.config.aws_section import Aws
from relay.config.source_section import Limits, Source
from relay.errors import Reason, RejectedError, TransientError
from relay.model import Delivery, DeliveryKind, LogObject
from relay.source.objects import MAX_ATTEMPTS, NotModified, ObjectReader, S3Client
from relay.telemetry import Telemetry
from tests.source import damaging_s3
from tests.source.damaging_s3 import Damage, broken_off, corrupted, damaging, whole
from tests.source.fake_s3 import FakeS3, body, failure
from tests.support.clock import EagerClock

BUCKET, KEY = "org-trail-logs", "AWSLogs/1/CloudTrail/x.json.gz"
BODY = gzip.compress(b'{"Records": []}' * 100)
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/relay"


def delivery(
    key: str = KEY, *, bucket: str = BUCKET, version_id: str | None = None
) -> Delivery:
    """Return the notice of an object."""
    return Delivery(
        bucket=bucket, key=key, kind=DeliveryKind.CLOUDTRAIL, version_id=version_id
    )


def source(*buckets: str, max_bytes: int = 2**20, **options: Any) -> Source:  # noqa: ANN401 - a section's options
    """Return the section of relay.yaml, of BUCKET unless told otherwise."""
    return Source(
        queue_url=QUEUE_URL,
        buckets=buckets or (BUCKET,),
        limits=Limits(object=max_bytes),
        **options,
    )


def reader_of(
    s3: S3Client, *, max_bytes: int = 2**20, telemetry: Telemetry | None = None
) -> ObjectReader:
    """Return a reader of BUCKET over ``s3`` that never really waits."""
    return ObjectReader(
        s3,
        source(max_bytes=max_bytes),
        telemetry=telemetry or Telemetry(),
        clock=EagerClock(),
    )


@asynccontextmanager
async def emulated(moto: str) -> AsyncIterator[AwsClients]:
    """Give clients of the emulator with BUCKET in it, and BODY under KEY."""
    async with AsyncExitStack() as stack:
        aws = Aws(region="us-east-1", endpoint_url=moto)
        clients = await open_clients(stack, aws, queue_url=QUEUE_URL)
        await clients.s3.create_bucket(Bucket=BUCKET)
        await clients.s3.put_object(
            Bucket=BUCKET, Key=KEY, Body=BODY, ContentEncoding="gzip"
        )
        yield clients


# --- over the emulator ----------------------------------------------------------------


async def test_bytes_are_those_that_are_stored(moto: str) -> None:
    """Content-Encoding: gzip is not undone; etag and time come along."""
    telemetry = Telemetry()
    async with emulated(moto) as clients:
        head = await clients.s3.head_object(Bucket=BUCKET, Key=KEY)
        read = await reader_of(clients.s3, telemetry=telemetry).read(delivery())

    assert isinstance(read, LogObject)
    assert read.body == BODY
    assert read.etag == head["ETag"].strip('"')
    assert abs(read.last_modified - SystemClock().now()) < 60
    value = telemetry.registry.get_sample_value
    assert value("relay_object_bytes_total") == len(BODY)
    assert value("relay_get_object_seconds_count") == 1


async def test_object_that_is_known_is_not_read_again(moto: str) -> None:
    """With one known etag the read is conditional: unchanged, or the new bytes."""
    async with emulated(moto) as clients:
        reader = reader_of(clients.s3)
        first = await reader.read(delivery())
        assert isinstance(first, LogObject)
        again = await reader.read(delivery(), known_etags=[first.etag])
        await clients.s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"changed")
        changed = await reader.read(delivery(), known_etags=[first.etag])

    assert again == NotModified(bucket=BUCKET, key=KEY, etag=first.etag)
    assert isinstance(changed, LogObject)
    assert changed.body == b"changed"


async def test_version_is_asked_for_when_the_notice_names_one(moto: str) -> None:
    """An older version is readable after the object was overwritten."""
    async with emulated(moto) as clients:
        await clients.s3.put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        put = await clients.s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"old")
        await clients.s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"new")
        reader = reader_of(clients.s3)
        old = await reader.read(delivery(version_id=put["VersionId"]))
        new = await reader.read(delivery())

    assert isinstance(old, LogObject)
    assert isinstance(new, LogObject)
    assert (old.body, new.body) == (b"old", b"new")


@pytest.mark.parametrize(
    ("key", "buckets", "reason"),
    [
        ("missing", {BUCKET}, Reason.NO_SUCH_KEY),
        (KEY, {"elsewhere"}, Reason.NO_SUCH_BUCKET),
    ],
    ids=["no such key", "no such bucket"],
)
async def test_missing_object_is_rejected(
    moto: str, key: str, buckets: set[str], reason: Reason
) -> None:
    """What is not there is said to be that, by its address."""
    (bucket,) = buckets
    async with emulated(moto) as clients:
        reader = ObjectReader(
            clients.s3,
            source(*buckets, max_bytes=1),
            telemetry=Telemetry(),
            clock=EagerClock(),
        )
        with pytest.raises(RejectedError, match=f"s3://{bucket}/{key}") as caught:
            await reader.read(delivery(key, bucket=bucket))

    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("max_bytes", "is_read"), [(len(BODY), True), (len(BODY) - 1, False)]
)
async def test_size_is_limited(moto: str, max_bytes: int, is_read: bool) -> None:
    """An object of just the limit is read, a larger one is not."""
    async with emulated(moto) as clients:
        reader = reader_of(clients.s3, max_bytes=max_bytes)
        if is_read:
            read = await reader.read(delivery())
            assert isinstance(read, LogObject)
            return
        with pytest.raises(RejectedError) as caught:
            await reader.read(delivery())

    assert caught.value.reason is Reason.OBJECT_TOO_LARGE


async def test_empty_object_is_read(moto: str) -> None:
    """CloudTrail's marker has no bytes."""
    async with emulated(moto) as clients:
        await clients.s3.put_object(Bucket=BUCKET, Key="AWSLogs/1/", Body=b"")
        read = await reader_of(clients.s3).read(delivery("AWSLogs/1/"))

    assert isinstance(read, LogObject)
    assert read.body == b""


# --- over a server that damages bodies, for what the SDK makes of them ----------------


@pytest.mark.parametrize("damage", [broken_off, corrupted])
async def test_damaged_body_is_read_anew(
    damage: Damage,
) -> None:
    """Damage on the way is noticed and mended by another read."""
    async with damaging(damage, whole) as s3:
        read = await reader_of(s3).read(delivery())

    assert isinstance(read, LogObject)
    assert read.body == damaging_s3.BODY


@pytest.mark.parametrize("damage", [broken_off, corrupted])
async def test_body_that_stays_damaged_is_a_matter_of_the_network(
    damage: Damage,
) -> None:
    """After three tries it is the queue's turn."""
    async with damaging(damage) as s3:
        with pytest.raises(TransientError, match=f"s3://{BUCKET}/{KEY}") as caught:
            await reader_of(s3).read(delivery())

    assert caught.value.reason is Reason.NETWORK


# --- over a fake, for what an emulator does not do ------------------------------------


async def test_foreign_bucket_is_refused_before_any_call() -> None:
    """A forged message cannot make relay read from elsewhere."""
    s3 = FakeS3([])
    with pytest.raises(RejectedError, match=r"source\.buckets") as caught:
        await reader_of(s3).read(delivery(bucket="attacker"))

    assert caught.value.reason is Reason.FOREIGN_BUCKET
    assert s3.requests == []


@pytest.mark.parametrize(
    ("etags", "condition"), [([], None), (["e1"], '"e1"'), (["e1", "e2"], None)]
)
async def test_only_a_single_known_etag_makes_a_condition(
    etags: list[str], condition: str | None
) -> None:
    """GetObject takes one; with several known versions the object is read."""
    s3 = FakeS3([body(b"x", length=1)])
    await reader_of(s3).read(delivery(), known_etags=etags)

    assert s3.requests[0].get("IfNoneMatch") == condition
    assert "VersionId" not in s3.requests[0]


async def test_room_is_reserved_between_headers_and_body() -> None:
    """The caller knows the size before a byte is held."""
    answer = body(b"abc", length=3)()
    order: list[object] = []

    async def reserve(size_bytes: int) -> None:
        order.append((size_bytes, len(answer["Body"].chunks)))

    await reader_of(FakeS3([lambda: answer])).read(delivery(), reserve=reserve)

    assert order == [(3, 1)]
    assert answer["Body"].is_closed


async def test_body_broken_off_is_read_anew() -> None:
    """A lost connection in mid-body is tried again, and the room set again."""
    reserved: list[int] = []

    async def reserve(size_bytes: int) -> None:
        reserved.append(size_bytes)

    broken = aiohttp.ClientPayloadError("broken off")
    s3 = FakeS3([body(b"ab", broken, length=4), body(b"abcd", length=4)])
    read = await reader_of(s3).read(delivery(), reserve=reserve)

    assert isinstance(read, LogObject)
    assert read.body == b"abcd"
    assert reserved == [4, 4]


async def test_passing_error_is_tried_three_times() -> None:
    """Then it is the queue's turn to wait."""
    s3 = FakeS3([failure("SlowDown", 503)] * MAX_ATTEMPTS)
    with pytest.raises(TransientError) as caught:
        await reader_of(s3).read(delivery())

    assert caught.value.reason is Reason.THROTTLED
    assert len(s3.requests) == MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("AccessDenied", 403, Reason.ACCESS_DENIED),
        ("KMS.DisabledException", 400, Reason.KMS),
        ("ExpiredToken", 400, Reason.CREDENTIALS),
    ],
)
async def test_what_a_person_must_repair_is_not_hammered(
    code: str, status: int, reason: Reason
) -> None:
    """It may succeed later, but not at once: one call."""
    s3 = FakeS3([failure(code, status)])
    with pytest.raises(TransientError) as caught:
        await reader_of(s3).read(delivery())

    assert caught.value.reason is reason
    assert len(s3.requests) == 1


async def test_body_without_a_length_is_limited_too() -> None:
    """A stream that never ends is left at the limit; the room is the limit's."""
    reserved: list[int] = []

    async def reserve(size_bytes: int) -> None:
        reserved.append(size_bytes)

    s3 = FakeS3([body(*[b"x" * 600] * 10)])
    with pytest.raises(RejectedError) as caught:
        await reader_of(s3, max_bytes=1000).read(delivery(), reserve=reserve)

    assert caught.value.reason is Reason.OBJECT_TOO_LARGE
    assert reserved == [1000]
