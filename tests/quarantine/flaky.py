"""A client of the SDK whose calls fail first, as a test wants it."""

from collections import defaultdict
from typing import Any

from botocore.exceptions import ClientError


class Flaky:
    """Calls another client; ``failures`` holds codes by operation, used up in order."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - botocore is untyped
        self._client = client
        self.failures: dict[str, list[str]] = defaultdict(list)
        self.calls: dict[str, int] = defaultdict(int)

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - botocore is untyped
        async def call(**request: object) -> object:
            self.calls[operation] += 1
            if self.failures[operation]:
                code = self.failures[operation].pop(0)
                fault = {"Code": code, "Message": "made up"}
                raise ClientError(
                    {"Error": fault, "ResponseMetadata": {"HTTPStatusCode": 400}},
                    operation,
                )
            return await getattr(self._client, operation)(**request)

        return call
