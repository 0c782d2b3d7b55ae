"""S3 as one bucket in memory: what relay's ObjectReader calls of a client."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tests.source.fake_s3 import FakeBody

LAST_MODIFIED = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)


@dataclass(slots=True)
class FakeBucket:
    """Objects by key. GetObject is conditional as S3's is, and fails as told."""

    objects: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """Error code and HTTP status by key, used up in order."""
    reads: list[str] = field(default_factory=list)
    """The key of every read whose body was given."""
    requests: list[str] = field(default_factory=list)
    """The key of every call."""

    async def get_object(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Return an object, or raise as botocore does."""
        key = request["Key"]
        self.requests.append(key)
        if self.faults.get(key):
            raise _error(*self.faults[key].pop(0))
        if key not in self.objects:
            raise _error("NoSuchKey", 404)
        body = self.objects[key]
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        if request.get("IfNoneMatch") == etag:
            raise _error("304", 304)
        self.reads.append(key)
        return {
            "Body": FakeBody([body]),
            "ContentLength": len(body),
            "ETag": etag,
            "LastModified": LAST_MODIFIED,
        }


def _error(code: str, status: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": "as planned"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        "GetObject",
    )
