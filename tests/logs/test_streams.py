"""Missing groups and streams are made once, completely, by whoever comes first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from structlog.testing import capture_logs

from relay.config.logs_section import Create
from relay.errors import Reason, RejectedError, TransientError
from relay.logs.streams import Streams
from relay.model import Destination
from tests.logs.support import ELSEWHERE, GROUP, HERE, STREAM, logs_client
from tests.support.clock import FakeClock
from tests.support.fake_logs import FakeLogs, Fault, running_fake_logs

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CREATE = Create(retention_days=365, tags={"team": "security"}, kms_key=KEY)


@asynccontextmanager
async def _streams(create: Create = CREATE) -> AsyncIterator[tuple[Streams, FakeLogs]]:
    async with (
        running_fake_logs(FakeClock()) as fake,
        logs_client(fake.url) as client,
    ):
        yield Streams(client, create), fake


async def test_group_and_stream_are_made() -> None:
    """A missing group comes with tags, key and retention, and then the stream."""
    async with _streams() as (streams, fake):
        await streams.ensure(HERE)

        group = fake.store.groups[GROUP]
        assert (
            group.retention_days,
            group.tags,
            group.kms_key,
            list(group.streams),
        ) == (365, {"team": "security"}, KEY, [STREAM])


async def test_a_bare_group_is_made_without_options() -> None:
    """Without options there are no tags, no key and no retention call."""
    async with _streams(Create()) as (streams, fake):
        await streams.ensure(HERE)

        group = fake.store.groups[GROUP]
        assert (group.retention_days, group.tags, group.kms_key) == (None, {}, None)
        assert fake.calls["PutRetentionPolicy"] == 0


async def test_an_existing_group_is_left_alone() -> None:
    """Retention and tags of a group that somebody else made are theirs."""
    async with _streams() as (streams, fake):
        fake.store.create_group(GROUP, {}, None)

        await streams.ensure(HERE)

        assert list(fake.store.groups[GROUP].streams) == [STREAM]
        assert fake.calls["CreateLogGroup"] == 0
        assert fake.store.groups[GROUP].retention_days is None


async def test_what_exists_already_is_success() -> None:
    """A stream that another replica has made is as good as one's own."""
    async with _streams() as (streams, fake):
        fake.store.create_group(GROUP, {}, None)
        fake.store.create_stream(GROUP, STREAM)

        await streams.ensure(HERE)

        assert fake.calls["CreateLogStream"] == 1


async def test_concurrent_callers_wait_for_one_creation() -> None:
    """Two streams in one new group, ten callers: one group and two streams are made."""
    async with _streams() as (streams, fake):
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(streams.ensure, HERE)
                tasks.start_soon(streams.ensure, ELSEWHERE)

        assert fake.calls["CreateLogGroup"] == 1
        assert {HERE.stream, ELSEWHERE.stream} == set(fake.store.groups[GROUP].streams)
        assert fake.calls["CreateLogStream"] == 4


async def test_the_next_caller_takes_over_after_a_failure() -> None:
    """When the creation that others wait for fails, one of them tries itself."""
    outcomes: list[str] = []

    async def ensure(streams: Streams) -> None:
        try:
            await streams.ensure(HERE)
            outcomes.append("made")
        except TransientError as error:
            outcomes.append(error.reason)

    async with _streams() as (streams, fake):
        fake.fail("CreateLogStream", Fault.THROTTLE)
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(ensure, streams)

    assert outcomes == ["throttled", "made", "made"]


async def test_a_missing_group_that_may_not_be_made_needs_a_person() -> None:
    """With create.group off nothing is created, and the error says why."""
    async with _streams(Create(group=False)) as (streams, fake):
        with pytest.raises(
            RejectedError, match=r"logs\.create\.group is off"
        ) as raised:
            await streams.ensure(HERE)

        assert Reason.NOT_FOUND is raised.value.reason
        assert fake.store.groups == {}


async def test_a_refused_name_is_reported() -> None:
    """What the service says about a bad name reaches the caller."""
    async with _streams() as (streams, _):
        with pytest.raises(RejectedError, match="logGroupName"):
            await streams.ensure(Destination(group="no spaces", stream="s"))


@pytest.mark.parametrize("fault", [Fault.OPERATION_ABORTED, Fault.SERVER_ERROR])
async def test_a_group_under_change_can_be_tried_again(fault: Fault) -> None:
    """A conflicting change is transient: the next try makes what is missing."""
    async with _streams() as (streams, fake):
        fake.fail("CreateLogGroup", fault)

        with pytest.raises(TransientError):
            await streams.ensure(HERE)
        await streams.ensure(HERE)

        assert fake.store.groups[GROUP].retention_days == 365


async def test_a_group_made_by_another_replica_meanwhile_is_used() -> None:
    """Losing the race for the group is success, and its retention is the winner's."""
    async with _streams() as (streams, fake):
        fake.store.create_group(GROUP, {}, None)
        fake.fail("CreateLogStream", Fault.GROUP_NOT_FOUND)

        await streams.ensure(HERE)

        group = fake.store.groups[GROUP]
        assert fake.calls["CreateLogGroup"] == 1
        assert (list(group.streams), group.retention_days) == ([STREAM], None)


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.DROP_ANSWER])
async def test_a_lost_answer_loses_no_retention(fault: Fault) -> None:
    """Whether or not the group was made when the connection broke, it gets its
    retention, and nobody is alarmed."""
    async with _streams() as (streams, fake):
        fake.fail("CreateLogGroup", fault)
        with pytest.raises(TransientError):
            await streams.ensure(HERE)

        with capture_logs() as logs:
            await streams.ensure(HERE)

        assert fake.store.groups[GROUP].retention_days == 365
        assert "error" not in [line["log_level"] for line in logs]


async def test_a_lost_answer_without_retention_owes_none() -> None:
    """No retention configured, none set."""
    async with _streams(Create()) as (streams, fake):
        fake.fail("CreateLogGroup", Fault.DROP_ANSWER)
        with pytest.raises(TransientError):
            await streams.ensure(HERE)

        await streams.ensure(HERE)

        assert fake.calls["PutRetentionPolicy"] == 0


async def test_a_group_that_is_slow_to_appear_can_be_tried_again() -> None:
    """A group that was made and is not found yet is transient."""
    async with _streams() as (streams, fake):
        fake.fail("CreateLogStream", Fault.GROUP_NOT_FOUND, times=2)

        with pytest.raises(TransientError, match="not there yet"):
            await streams.ensure(HERE)
        await streams.ensure(HERE)

        assert list(fake.store.groups[GROUP].streams) == [STREAM]


async def test_a_refused_stream_name_is_reported() -> None:
    """A bad stream name in a good group reaches the caller."""
    async with _streams() as (streams, _):
        with pytest.raises(RejectedError, match="logStreamName"):
            await streams.ensure(Destination(group=GROUP, stream="no:colon"))


async def test_retention_is_owed_until_it_is_set() -> None:
    """A throttled PutRetentionPolicy is made up for at the next try."""
    async with _streams() as (streams, fake):
        fake.fail("PutRetentionPolicy", Fault.THROTTLE)
        with pytest.raises(TransientError):
            await streams.ensure(HERE)

        await streams.ensure(HERE)
        await streams.ensure(ELSEWHERE)

        assert fake.store.groups[GROUP].retention_days == 365
        assert fake.calls["PutRetentionPolicy"] == 2


async def test_a_forbidden_retention_holds_nothing_back() -> None:
    """Without permission for the retention events flow, and the operator is told."""
    async with _streams() as (streams, fake):
        fake.fail("PutRetentionPolicy", Fault.ACCESS_DENIED)

        with capture_logs() as logs:
            await streams.ensure(HERE)

        assert list(fake.store.groups[GROUP].streams) == [STREAM]
        assert ("log group keeps its events for ever", "error") in [
            (line["event"], line["log_level"]) for line in logs
        ]


async def test_permission_to_make_a_stream_is_reported() -> None:
    """A missing permission reaches the caller as such."""
    async with _streams() as (streams, fake):
        fake.fail("CreateLogStream", Fault.ACCESS_DENIED)

        with pytest.raises(TransientError) as raised:
            await streams.ensure(HERE)

        assert Reason.ACCESS_DENIED is raised.value.reason
