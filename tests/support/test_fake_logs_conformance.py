"""The fake CloudWatch Logs behaves as moto does wherever moto is right.

One suite over both, so that the fake cannot lie.
"""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from relay.clock import SystemClock
from tests.support.fake_logs import running_fake_logs
from tests.support.logs_calls import (
    GROUP,
    STREAM,
    error_of,
    logs_client,
    put,
    read_back,
)

both = pytest.mark.parametrize("kind", ["fake", "moto"])


@asynccontextmanager
async def _service(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """Open a client of the fake or of moto, which hold nothing."""
    if kind == "moto":
        async with logs_client(request.getfixturevalue("moto")) as client:
            yield client
        return
    async with (
        running_fake_logs(SystemClock()) as fake,
        logs_client(fake.url) as client,
    ):
        yield client


@both
async def test_groups_are_described(kind: str, request: pytest.FixtureRequest) -> None:
    """A group shows the retention that was set, and the tags that it was made with."""
    async with _service(kind, request) as client:
        await client.create_log_group(logGroupName=GROUP, tags={"a": "b"})
        await client.put_retention_policy(logGroupName=GROUP, retentionInDays=30)
        (group,) = (await client.describe_log_groups(logGroupNamePrefix="/conf"))[
            "logGroups"
        ]
        tags = await client.list_tags_for_resource(
            resourceArn=group["arn"].removesuffix(":*")
        )

    assert (group["logGroupName"], group["retentionInDays"]) == (GROUP, 30)
    assert tags["tags"] == {"a": "b"}


@both
async def test_a_gzipped_body_is_taken(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """PutLogEvents with Content-Encoding: gzip is the same call."""
    async with _service(kind, request) as client:
        await client.create_log_group(logGroupName=GROUP)
        await client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        client.meta.events.register("before-call.logs.PutLogEvents", _gzip)
        now_ms = int(SystemClock().now() * 1000)

        await put(client, (now_ms, "é"), (now_ms, "b"))

        assert sorted(await read_back(client)) == ["b", "é"]


def _gzip(params: dict[str, Any], **_: object) -> None:
    params["body"] = gzip.compress(params["body"])
    params["headers"]["Content-Encoding"] = "gzip"


@both
async def test_streams_are_described(kind: str, request: pytest.FixtureRequest) -> None:
    """Streams are listed by name, under a prefix."""
    async with _service(kind, request) as client:
        await client.create_log_group(logGroupName=GROUP)
        for name in ("b", "a", "other"):
            await client.create_log_stream(logGroupName=GROUP, logStreamName=name)
        everything = await client.describe_log_streams(logGroupName=GROUP)
        prefixed = await client.describe_log_streams(
            logGroupName=GROUP, logStreamNamePrefix="o"
        )

    assert [s["logStreamName"] for s in everything["logStreams"]] == ["a", "b", "other"]
    assert [s["logStreamName"] for s in prefixed["logStreams"]] == ["other"]


@both
async def test_nothing_is_made_twice(kind: str, request: pytest.FixtureRequest) -> None:
    """A second group or stream of a name is refused as already there."""
    async with _service(kind, request) as client:
        await client.create_log_group(logGroupName=GROUP)
        await client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        group = await error_of(client.create_log_group(logGroupName=GROUP))
        stream = await error_of(
            client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        )

    code = "ResourceAlreadyExistsException"
    assert group == (code, "The specified log group already exists")
    # moto speaks of the group here as well; AWS and the fake do not.
    assert stream in (
        (code, "The specified log stream already exists"),
        group if kind == "moto" else (),
    )


@both
async def test_missing_things_are_told_apart(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """The text says whether the group or the stream is missing."""
    async with _service(kind, request) as client:
        no_group = [
            await error_of(put(client, (1, "m"))),
            await error_of(
                client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
            ),
            await error_of(
                client.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
            ),
        ]
        await client.create_log_group(logGroupName=GROUP)
        no_stream = await error_of(put(client, (1, "m")))

    missing = "ResourceNotFoundException"
    assert no_group == [(missing, "The specified log group does not exist.")] * 3
    assert no_stream == (missing, "The specified log stream does not exist.")


@both
async def test_events_are_read_back(kind: str, request: pytest.FixtureRequest) -> None:
    """What was put is found by both ways of reading, in the order of time."""
    now_ms = int(SystemClock().now() * 1000)
    async with _service(kind, request) as client:
        await client.create_log_group(logGroupName=GROUP)
        await client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        await put(client, (now_ms - 2, "1 é🎉"), (now_ms - 1, "2"), (now_ms, "3"))
        filtered = await read_back(client)
        got = await client.get_log_events(
            logGroupName=GROUP, logStreamName=STREAM, startFromHead=True
        )
        after = await client.get_log_events(
            logGroupName=GROUP,
            logStreamName=STREAM,
            nextToken=got["nextForwardToken"],
        )

    assert filtered == ["1 é🎉", "2", "3"]
    assert [
        (event["timestamp"], event["message"], "ingestionTime" in event)
        for event in got["events"]
    ] == [(now_ms - 2, "1 é🎉", True), (now_ms - 1, "2", True), (now_ms, "3", True)]
    assert after["events"] == []


@both
async def test_a_repeated_batch_is_stored_twice(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """PutLogEvents is not idempotent."""
    now_ms = int(SystemClock().now() * 1000)
    async with _service(kind, request) as client:
        await client.create_log_group(logGroupName=GROUP)
        await client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
        await put(client, (now_ms, "m"))
        await put(client, (now_ms, "m"))

        assert await read_back(client) == ["m", "m"]
