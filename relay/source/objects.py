"""Reading log objects from S3: as stored, size-guarded, from the configured buckets.

gzip is not undone here: the bytes are what S3 keeps, whatever Content-Encoding says.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from relay.aws.errors import PASSING, NotModifiedError, translated
from relay.backoff import Backoff, retry
from relay.clock import Clock
from relay.config.source_section import Source
from relay.errors import Reason, RejectedError, TransientError
from relay.model import Delivery, LogObject
from relay.source.access import BucketAccess
from relay.telemetry import Telemetry, get_log

MAX_ATTEMPTS = 3
"""Tries of one read while its message is held; the queue's own retry comes after."""
BACKOFF = Backoff(base_secs=0.2, cap_secs=2.0)

_CHUNK_BYTES = 256 * 2**10

log = get_log("source")


class S3Client(Protocol):
    """What relay calls of aiobotocore's S3 client."""

    async def get_object(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Start reading one object."""
        ...


class _Body(AbstractAsyncContextManager[object], Protocol):
    """A streaming body of aiobotocore's."""

    async def read(self, amt: int) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The object is the one whose ``etag`` is known already; it was not read again."""

    bucket: str
    key: str
    etag: str


class ObjectReader:
    """Reads objects of the allowed buckets, none larger than ``limits.object``."""

    def __init__(
        self, s3: S3Client, config: Source, *, telemetry: Telemetry, clock: Clock
    ) -> None:
        self._s3 = s3
        self._access = BucketAccess(config)
        self._max_bytes = config.limits.object
        self._telemetry = telemetry
        self._clock = clock

    def check(self, delivery: Delivery) -> None:
        """Raise RejectedError (FOREIGN_BUCKET) unless the bucket is an allowed one."""
        self._access.check(delivery)

    async def read(
        self,
        delivery: Delivery,
        *,
        known_etags: Sequence[str] = (),
        reserve: Callable[[int], Awaitable[None]] | None = None,
    ) -> LogObject | NotModified:
        """Return the object that ``delivery`` announces.

        With exactly one known etag the read is conditional and may give NotModified.
        ``reserve`` is awaited with the stored size in bytes, after the headers and
        before the body; it sets and must not add, for another try calls it again.

        Raises RejectedError (FOREIGN_BUCKET before any call, OBJECT_TOO_LARGE, those of
        GetObject) and TransientError; what passes by itself was tried three times.
        """
        request = self._access.request(delivery, known_etags)

        async def attempt() -> LogObject | TransientError:
            try:
                return await self._get(delivery, request, reserve)
            except TransientError as error:
                if error.reason in PASSING:
                    raise
                return error  # permissions and keys: not to be tried again at once

        def on_failure(error: TransientError, attempt: int, _wait_secs: float) -> None:
            if attempt == 0:
                log.warning(
                    "object read failed, trying again",
                    object=str(delivery),
                    reason=error.reason,
                    error=str(error),
                )

        try:
            result = await retry(
                attempt,
                backoff=BACKOFF,
                clock=self._clock,
                on_failure=on_failure,
                max_attempts=MAX_ATTEMPTS,
            )
        except NotModifiedError:
            return NotModified(
                bucket=delivery.bucket, key=delivery.key, etag=known_etags[0]
            )
        if isinstance(result, TransientError):
            raise result
        return result

    async def _get(
        self,
        delivery: Delivery,
        request: Mapping[str, str],
        reserve: Callable[[int], Awaitable[None]] | None,
    ) -> LogObject:
        started = self._clock.monotonic()
        with translated(str(delivery), hints=self._access.hints):
            response = await self._s3.get_object(**request)
        async with response["Body"] as stream:
            # A response without a length is held to the limit while it streams.
            size_bytes = int(response.get("ContentLength", self._max_bytes))
            if size_bytes > self._max_bytes:
                raise self._too_large(delivery, f"{size_bytes} bytes")
            answered_secs = self._clock.monotonic() - started
            if reserve is not None:
                await reserve(size_bytes)  # our own wait, not S3's
            started = self._clock.monotonic()
            body = await self._drain(delivery, stream)
        read_secs = answered_secs + self._clock.monotonic() - started
        self._telemetry.get_object_seconds.observe(read_secs)
        self._telemetry.object_bytes.inc(len(body))
        last_modified: datetime = response["LastModified"]
        return LogObject(
            bucket=delivery.bucket,
            key=delivery.key,
            etag=response["ETag"].strip('"'),
            last_modified=last_modified.timestamp(),
            body=body,
        )

    async def _drain(self, delivery: Delivery, stream: _Body) -> bytes:
        chunks: list[bytes] = []
        total_bytes = 0
        with translated(str(delivery)):
            # To the empty chunk: only there is the checksum compared.
            while chunk := await stream.read(_CHUNK_BYTES):
                total_bytes += len(chunk)
                if total_bytes > self._max_bytes:
                    raise self._too_large(
                        delivery, f"more than {self._max_bytes} bytes"
                    )
                chunks.append(chunk)
        return b"".join(chunks)

    def _too_large(self, delivery: Delivery, size: str) -> RejectedError:
        return RejectedError(
            f"{delivery}: object has {size}, source.limits.object is {self._max_bytes}",
            reason=Reason.OBJECT_TOO_LARGE,
        )
