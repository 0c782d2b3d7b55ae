"""A prefix of an S3 bucket as the quarantine: one object for each item.

Keys begin with the time that the message was sent, so that S3 lists the oldest first,
and are the same whenever the same message is put: a second attempt overwrites the
first.
"""

import re
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from typing import Any, Protocol

import anyio

from relay.aws.errors import translated
from relay.clock import Clock
from relay.config.quarantine_section import QuarantineBucket
from relay.errors import Reason, RejectedError, TransientError
from relay.quarantine.item import Item, decode_item, sqs_json
from relay.quarantine.place import Held, patiently

MAX_ITEM_BYTES = 64 * 2**20
"""More than any item of ours: the longest body, and 10 000 objects with their errors.
What is larger under our prefix was not written by relay, and is not read."""
READS_AT_ONCE = 8

_NAME = re.compile(r"\d{8}T\d{6}Z_(?P<id>[^/]+)\.json")


class S3Client(Protocol):
    """What is called of aiobotocore's S3 client."""

    async def put_object(self, **request: Any) -> object:  # noqa: ANN401 - the SDK's form
        """Write one object."""
        ...

    async def get_object(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Start reading one object."""
        ...

    async def list_objects_v2(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """List up to 1 000 objects."""
        ...

    async def delete_object(self, **request: Any) -> object:  # noqa: ANN401 - the SDK's form
        """Delete one object."""
        ...


class S3Place:
    """Implements relay.quarantine.place.Place on a bucket."""

    def __init__(self, s3: S3Client, config: QuarantineBucket, *, clock: Clock) -> None:
        self._s3 = s3
        self._bucket = config.bucket
        self._prefix = config.prefix
        self._clock = clock

    @property
    def name(self) -> str:
        """Return the address of the prefix."""
        return f"s3://{self._bucket}/{self._prefix}"

    async def max_item_bytes(self) -> None:
        """Return None: objects are as large as they need to be."""
        return

    async def put(self, item: Item) -> None:
        """Write ``item`` as an object."""
        key = f"{self._prefix}{_name(item)}"

        async def write() -> None:
            with translated(f"write s3://{self._bucket}/{key}"):
                await self._s3.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=sqs_json(item).encode(),
                    ContentType="application/json",
                )

        await patiently(write, self._clock)

    async def items(self, wanted: Collection[str] | None) -> AsyncGenerator[Held, None]:
        """List the prefix page by page; read what is wanted, some at once."""
        token: str | None = None
        while True:
            page = await self._page(token)
            keys = [each["Key"] for each in page.get("Contents", ())]
            named = [key for key in keys if self._is_wanted(key, wanted)]
            for start in range(0, len(named), READS_AT_ONCE):
                for held in await self._read(named[start : start + READS_AT_ONCE]):
                    yield held
            token = page.get("NextContinuationToken")
            if token is None:
                return

    async def remove(self, held: Held) -> None:
        """Delete the item's object."""

        async def delete() -> None:
            with translated(f"delete s3://{self._bucket}/{held.handle}"):
                await self._s3.delete_object(Bucket=self._bucket, Key=held.handle)

        await patiently(delete, self._clock)

    async def give_back(self) -> None:
        """Do nothing: reading hides nothing."""

    async def _page(self, token: str | None) -> Mapping[str, Any]:
        more = {} if token is None else {"ContinuationToken": token}

        async def listing() -> Mapping[str, Any]:
            with translated(f"list {self.name}"):
                return await self._s3.list_objects_v2(
                    Bucket=self._bucket, Prefix=self._prefix, **more
                )

        return await patiently(listing, self._clock)

    def _is_wanted(self, key: str, wanted: Collection[str] | None) -> bool:
        found = _NAME.fullmatch(key.removeprefix(self._prefix))
        return found is not None and (wanted is None or found["id"] in wanted)

    async def _read(self, keys: Sequence[str]) -> list[Held]:
        """Return the items at ``keys``, in their order; what is none is left out."""
        texts: dict[str, str] = {}
        errors: list[TransientError | RejectedError] = []

        async def read(key: str) -> None:
            try:
                texts[key] = await patiently(lambda: self._text(key), self._clock)
            except (TransientError, RejectedError) as error:
                errors.append(error)

        async with anyio.create_task_group() as tg:
            for key in keys:
                tg.start_soon(read, key)
        if errors:
            raise errors[0]
        items = [(key, decode_item(texts[key])) for key in keys]
        return [Held(item=item, handle=key) for key, item in items if item is not None]

    async def _text(self, key: str) -> str:
        what = f"read s3://{self._bucket}/{key}"
        with translated(what):
            response = await self._s3.get_object(Bucket=self._bucket, Key=key)
            async with response["Body"] as stream:
                if response["ContentLength"] > MAX_ITEM_BYTES:
                    raise RejectedError(
                        f"{what}: no item has {response['ContentLength']} bytes",
                        reason=Reason.OBJECT_TOO_LARGE,
                    )
                body: bytes = await stream.read()
        return body.decode(errors="replace")


def _name(item: Item) -> str:
    sent_at = item.sent_at.replace("-", "").replace(":", "")
    return f"{sent_at}_{item.id}.json"
