"""The fake CloudWatch Logs enforces what the API reference says and moto does not."""

import gzip
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from aiohttp import ClientSession
from botocore.exceptions import ClientError, HTTPClientError

from relay.clock import SystemClock
from tests.support.clock import FakeClock
from tests.support.fake_logs import FakeLogs, Fault, running_fake_logs
from tests.support.fake_logs_store import ServiceError
from tests.support.logs_calls import (
    GROUP,
    STREAM,
    error_of,
    logs_client,
    put,
    read_back,
)

ROOT = Path(__file__).parents[2]
DAY_MS = 86_400_000
NOW_MS = int(FakeClock().now() * 1000)

# botocore hands large bodies to aiohttp as bytes, and aiohttp warns of that.
large_bodies = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")


@asynccontextmanager
async def _fake() -> AsyncIterator[tuple[FakeLogs, Any]]:
    """Open a fake that has the group and stream, and a client of it."""
    async with running_fake_logs(FakeClock()) as fake, logs_client(fake.url) as client:
        fake.store.create_group(GROUP, {}, None)
        fake.store.create_stream(GROUP, STREAM)
        yield fake, client


@pytest.mark.parametrize(
    ("events", "text"),
    [
        pytest.param(
            [(NOW_MS, "x" * 1_048_552)],
            "Log event too large: 1048578 bytes exceeds limit of 1048576",
            id="event too large",
        ),
        pytest.param(
            [(NOW_MS, "é" * 262_144)] * 2,
            "Upload too large: 1048628 bytes exceeds limit of 1048576",
            id="batch too large, in bytes",
        ),
        pytest.param(
            [(NOW_MS, "m")] * 10_001, "length less than or equal to 10000", id="10001"
        ),
        pytest.param([], "length greater than or equal to 1", id="no event"),
        pytest.param(
            [(NOW_MS, "m"), (NOW_MS, "")],
            "'logEvents.2.member.message' failed to satisfy constraint: Member must "
            "have length greater than or equal to 1",
            id="empty message",
        ),
        pytest.param(
            [(-1, "m")],
            "Value '-1' at 'logEvents.1.member.timestamp'",
            id="negative timestamp",
        ),
        pytest.param(
            [(NOW_MS, "m"), (NOW_MS - 1, "m")],
            "Log events in a single PutLogEvents request must be in chronological "
            "order.",
            id="order",
        ),
        pytest.param(
            [(NOW_MS - DAY_MS - 1, "m"), (NOW_MS, "m")],
            "The batch of log events in a single PutLogEvents request cannot span more "
            "than 24 hours.",
            id="24 h + 1 ms",
        ),
    ],
)
@large_bodies
async def test_unlawful_batches_are_refused(
    events: list[tuple[int, str]], text: str
) -> None:
    """A batch over a limit is refused as a whole, with AWS's words."""
    async with _fake() as (fake, client):
        code, message = await error_of(put(client, *events))

        assert code == "InvalidParameterException"
        assert text in message
        assert fake.messages(GROUP) == []


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([(NOW_MS, "x" * 1_048_550)], id="largest message"),
        pytest.param([(NOW_MS, "m")] * 10_000, id="most events"),
        pytest.param([(NOW_MS - DAY_MS, "m"), (NOW_MS, "m")], id="24 h"),
    ],
)
@large_bodies
async def test_the_limits_themselves_are_lawful(events: list[tuple[int, str]]) -> None:
    """What is exactly at a limit is kept."""
    async with _fake() as (fake, client):
        answer = await put(client, *events)

        assert "rejectedLogEventsInfo" not in answer
        assert len(fake.messages(GROUP)) == len(events)


async def test_rejected_events_are_itemised() -> None:
    """The example observed on AWS: two too old, two kept, two too new; the refused ones
    do not count for the span."""
    old, new = NOW_MS - 15 * DAY_MS, NOW_MS + 3 * 3_600_000
    async with _fake() as (fake, client):
        answer = await put(
            client,
            *((old, "1"), (old, "2")),
            *((NOW_MS, "3"), (NOW_MS, "4")),
            *((new, "5"), (new, "6")),
        )

        assert answer["rejectedLogEventsInfo"] == {
            "tooOldLogEventEndIndex": 2,
            "tooNewLogEventStartIndex": 4,
        }
        assert fake.messages(GROUP, STREAM) == ["3", "4"]


async def test_events_beyond_the_retention_are_expired() -> None:
    """A group's retention refuses what 14 days would allow."""
    async with _fake() as (fake, client):
        await client.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
        answer = await put(client, (NOW_MS - 2 * DAY_MS, "1"), (NOW_MS, "2"))

        assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
        assert fake.messages(GROUP) == ["2"]


async def test_names_and_retentions_are_checked() -> None:
    """Refused characters, lengths and days are an error that names the member."""
    async with _fake() as (_, client):
        errors = [
            await error_of(client.create_log_group(logGroupName="no spaces")),
            await error_of(client.create_log_group(logGroupName="aws/x")),
            await error_of(client.create_log_group(logGroupName="")),
            await error_of(
                client.create_log_stream(logGroupName=GROUP, logStreamName="a:b")
            ),
            await error_of(
                client.create_log_stream(logGroupName=GROUP, logStreamName="x" * 513)
            ),
            await error_of(
                client.put_retention_policy(logGroupName=GROUP, retentionInDays=2)
            ),
        ]

    assert {code for code, _ in errors} == {"InvalidParameterException"}
    members = [text.split("' at '")[1].split("'")[0] for _, text in errors]
    assert members == ["logGroupName"] * 3 + ["logStreamName"] * 2 + ["retentionInDays"]


async def test_what_it_does_not_know_is_an_error() -> None:
    """No operation, member or token is accepted in silence."""
    async with _fake() as (_, client):
        errors = [
            await error_of(client.describe_metric_filters()),
            await error_of(
                client.filter_log_events(logGroupName=GROUP, filterPattern="x")
            ),
            await error_of(client.filter_log_events(logGroupName=GROUP, nextToken="x")),
            await error_of(client.create_log_stream(logGroupName=GROUP)),
            await error_of(
                client.put_log_events(
                    logGroupName=GROUP, logStreamName=STREAM, logEvents=[{}]
                )
            ),
            await error_of(client.list_tags_for_resource(resourceArn="arn:none")),
        ]

    assert [code for code, _ in errors] == [
        "UnknownOperationException",
        "InvalidParameterException",
        "InvalidParameterException",
        "InvalidParameterException",
        "SerializationException",
        "ResourceNotFoundException",
    ]


async def test_unsigned_calls_are_refused() -> None:
    """A call without a signature gets AWS's error for that."""
    async with (
        _fake() as (fake, _),
        ClientSession() as session,
        session.post(
            fake.url, headers={"X-Amz-Target": "Logs_20140328.DescribeLogGroups"}
        ) as response,
    ):
        body = msgspec.json.decode(await response.read())

    assert (response.status, body["__type"]) == (
        400,
        "MissingAuthenticationTokenException",
    )


async def test_reading_can_page_in_both_directions() -> None:
    """GetLogEvents goes from the tail or the head, and back again."""
    read: list[list[str]] = []
    async with _fake() as (_, client):
        await put(client, *[(NOW_MS + i, str(i)) for i in range(5)])

        async def get(**more: object) -> dict[str, Any]:
            page: dict[str, Any] = await client.get_log_events(
                logGroupName=GROUP, logStreamName=STREAM, limit=2, **more
            )
            read.append([event["message"] for event in page["events"]])
            return page

        tail = await get()
        await get(nextToken=tail["nextBackwardToken"])
        head = await get(startFromHead=True)
        await get(nextToken=head["nextForwardToken"])
        await get(startTime=NOW_MS + 1, endTime=NOW_MS + 2)

    assert read == [["3", "4"], ["1", "2"], ["0", "1"], ["2", "3"], ["1"]]


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (Fault.THROTTLE, "ThrottlingException", 400),
        (Fault.SERVER_ERROR, "InternalFailure", 500),
        (Fault.UNAVAILABLE, "ServiceUnavailableException", 503),
        (Fault.ACCESS_DENIED, "AccessDeniedException", 400),
        (Fault.EXPIRED_TOKEN, "ExpiredTokenException", 400),
        (Fault.OPERATION_ABORTED, "OperationAbortedException", 400),
        (Fault.ALREADY_ACCEPTED, "DataAlreadyAcceptedException", 400),
    ],
)
async def test_faults_end_by_themselves(fault: Fault, code: str, status: int) -> None:
    """A planned fault strikes as often as asked, one stream only, and keeps nothing."""
    async with _fake() as (fake, client):
        fake.fail("PutLogEvents", fault, times=1, stream="another")
        fake.fail("PutLogEvents", fault, times=1, stream=STREAM)
        with pytest.raises(ClientError) as raised:
            await put(client, (NOW_MS, "refused"))
        await put(client, (NOW_MS, "kept"))

        assert raised.value.response["Error"]["Code"] == code
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert fake.messages(GROUP) == ["kept"]


@pytest.mark.parametrize(
    ("fault", "kept"), [(Fault.DROP, []), (Fault.DROP_ANSWER, ["m"])]
)
async def test_connections_break_before_or_after(fault: Fault, kept: list[str]) -> None:
    """A broken connection tells nothing of whether the batch was kept."""
    async with _fake() as (fake, client):
        fake.fail("PutLogEvents", fault)
        with pytest.raises(HTTPClientError):
            await put(client, (NOW_MS, "m"))

        assert fake.messages(GROUP) == kept


async def test_hanging_calls_go_on_when_healed() -> None:
    """A hanging call is answered after ``heal``; so is all that follows."""
    async with _fake() as (fake, client), anyio.create_task_group() as tasks:
        fake.fail("PutLogEvents", Fault.HANG, times=9)
        tasks.start_soon(put, client, (NOW_MS, "m"))
        with anyio.fail_after(5):
            await fake.until_hanging(1)
        assert fake.messages(GROUP) == []
        fake.heal()
        await put(client, (NOW_MS, "n"))

    assert set(fake.messages(GROUP)) == {"m", "n"}


async def test_poison_is_refused_with_its_position() -> None:
    """A batch that holds a poison message is refused as a whole."""
    async with _fake() as (fake, client):
        fake.poison = "bad"
        code, text = await error_of(put(client, (NOW_MS, "good"), (NOW_MS, "so bad")))

        assert code == "InvalidParameterException"
        assert "'logEvents.2.member.message'" in text
        assert fake.messages(GROUP) == []


async def test_it_runs_as_a_process() -> None:
    """By itself it prints its address, takes faults by HTTP, counts without keeping."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.fake_logs", "--port", "0", "--discard"],
        cwd=ROOT,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = (await anyio.to_thread.run_sync(process.stdout.readline)).strip()
        async with logs_client(url) as client, ClientSession() as session:
            await client.create_log_group(logGroupName=GROUP)
            await client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
            fault = {"operation": "PutLogEvents", "fault": "throttle"}
            async with session.post(f"{url}/_fake/faults", json=fault) as response:
                assert response.status == 200
            now_ms = int(SystemClock().now() * 1000)
            code, _ = await error_of(put(client, (now_ms, "m")))
            await put(client, (now_ms, "m"), (now_ms, "n"))
            async with session.get(f"{url}/_fake/state") as response:
                state = msgspec.json.decode(await response.read())
            found = await read_back(client)
    finally:
        process.terminate()
        process.communicate()

    assert code == "ThrottlingException"
    assert state["groups"] == {GROUP: {STREAM: {"puts": 1, "events": 2}}}
    assert state["calls"]["PutLogEvents"] == 2
    assert found == []


async def test_gzip_is_refused_when_told_to() -> None:
    """A call with Content-Encoding is counted, and answered as the test says; one in an
    encoding that nobody knows is never taken."""
    async with _fake() as (fake, client):
        encodings = iter(["gzip", "br"])

        def encode(params: dict[str, Any], **_: object) -> None:
            encoding = next(encodings)
            params["headers"]["Content-Encoding"] = encoding
            if encoding == "gzip":
                params["body"] = gzip.compress(params["body"])

        client.meta.events.register("before-call.logs.PutLogEvents", encode)
        fake.gzip_refusal = ServiceError("UnsupportedMediaType", "gzip", status=415)
        refusals = [
            await error_of(put(client, (NOW_MS, "a"))),
            await error_of(put(client, (NOW_MS, "b"))),
        ]

        assert refusals[0] == ("UnsupportedMediaType", "gzip")
        assert fake.gzipped_calls == 1
        assert await read_back(client) == []


async def test_who_signed_is_noted() -> None:
    """Tests can tell which credentials each call was signed with."""
    async with _fake() as (fake, client):
        await put(client, (NOW_MS, "m"))

        assert fake.access_keys == ["AKIAEXAMPLE"]
