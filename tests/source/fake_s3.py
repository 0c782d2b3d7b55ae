"""GetObject answered from a list: bodies and errors as a test wants them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError


@dataclass(slots=True)
class FakeBody:
    """A streaming body that gives ``chunks`` and raises those that are errors."""

    chunks: list[bytes | Exception]
    is_closed: bool = False

    async def read(self, amt: int) -> bytes:
        """Return the next chunk."""
        chunk = self.chunks.pop(0) if self.chunks else b""
        if isinstance(chunk, Exception):
            raise chunk
        return chunk

    async def __aenter__(self) -> "FakeBody":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.is_closed = True


@dataclass(slots=True)
class FakeS3:
    """Answers GetObject with the next of ``answers``."""

    answers: list[Callable[[], Mapping[str, Any]]]
    requests: list[dict[str, Any]] = field(default_factory=list)

    async def get_object(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the SDK's form
        """Return or raise the next answer."""
        self.requests.append(request)
        return self.answers.pop(0)()


def body(
    *chunks: bytes | Exception, length: int | None = None
) -> Callable[[], Mapping[str, Any]]:
    """Return an answer with a body of ``chunks``."""
    members: dict[str, Any] = {} if length is None else {"ContentLength": length}
    return lambda: {
        "Body": FakeBody(list(chunks)),
        "ETag": '"e1"',
        "LastModified": datetime(2026, 9, 14, tzinfo=UTC),
        **members,
    }


def failure(code: str, status: int) -> Callable[[], Mapping[str, Any]]:
    """Return an answer that is an error."""

    def answer() -> Mapping[str, Any]:
        response = {
            "Error": {"Code": code, "Message": "made up"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        raise ClientError(response, "GetObject")

    return answer
