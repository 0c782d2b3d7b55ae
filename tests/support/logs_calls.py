"""Calls that the tests of the fake CloudWatch Logs share; of any endpoint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import ClientError

GROUP, STREAM = "/conformance/group", "stream"

_session = get_session()


@asynccontextmanager
async def logs_client(url: str) -> AsyncIterator[Any]:
    """Open a client that neither validates nor retries."""
    async with _session.create_client(
        "logs",
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="made up for tests",
        config=AioConfig(retries={"total_max_attempts": 1}, parameter_validation=False),
    ) as client:
        yield client


async def error_of(call: Any) -> tuple[str, str]:  # noqa: ANN401 - any client call
    """Return code and text of the error that ``call`` is answered with."""
    with pytest.raises(ClientError) as raised:
        await call
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def put(client: Any, *events: tuple[int, str]) -> Any:  # noqa: ANN401 - boto's client
    """Put ``events``, each a timestamp and a message; await the answer."""
    return client.put_log_events(
        logGroupName=GROUP,
        logStreamName=STREAM,
        logEvents=[{"timestamp": at, "message": text} for at, text in events],
    )


async def read_back(client: Any) -> list[str]:  # noqa: ANN401 - boto's client
    """Return all messages of the group, page by page."""
    messages, token = [], None
    while True:
        page = await client.filter_log_events(
            logGroupName=GROUP, limit=2, **({"nextToken": token} if token else {})
        )
        messages += [event["message"] for event in page["events"]]
        token = page.get("nextToken")
        if token is None:
            return messages
