"""relay.quarantine.open: the place is the one that the configuration names."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from relay.aws.clients import AwsClients, open_clients
from relay.clock import SystemClock
from relay.config.aws_section import Aws
from relay.config.logs_section import Logs
from relay.config.quarantine_section import Quarantine, QuarantineBucket
from relay.config.schema import Config
from relay.config.source_section import Source
from relay.errors import Reason, RejectedError
from relay.quarantine.open import open_dead_letters, open_keeper, open_place
from relay.quarantine.queue_place import QueuePlace
from relay.quarantine.s3_place import S3Place
from tests.quarantine.account import REGION, made_account
from tests.quarantine.examples import QUEUE_URL
from tests.quarantine.flaky import Flaky

ELSEWHERE = "https://sqs.us-west-2.amazonaws.com/123456789012/quarantine"


@asynccontextmanager
async def clients(url: str | None = None) -> AsyncIterator[AwsClients]:
    """Open clients, of an emulator if there is one."""
    async with AsyncExitStack() as stack:
        aws = Aws(region=REGION, endpoint_url=url)
        yield await open_clients(stack, aws, queue_url=QUEUE_URL)


def config(quarantine: Quarantine | None) -> Config:
    """Return a configuration with this quarantine."""
    return Config(
        source=Source(queue_url=QUEUE_URL, buckets=("trail-logs",)),
        logs=Logs(group="/relay/cloudtrail"),
        quarantine=quarantine,
    )


async def test_bucket_is_a_place() -> None:
    """Named by its prefix."""
    section = Quarantine(s3=QuarantineBucket(bucket="kept"))
    async with clients() as aws:
        place = await open_place(section, aws, SystemClock())

    assert isinstance(place, S3Place)
    assert place.name == "s3://kept/relay-quarantine/"


async def test_queue_is_a_place_in_its_own_region() -> None:
    """It is called where its URL says, not where the source is."""
    section = Quarantine(queue_url=ELSEWHERE)
    async with clients() as aws:
        place = await open_place(section, aws, SystemClock())
        region = (await aws.sqs_for("us-west-2")).meta.region_name

    assert isinstance(place, QueuePlace)
    assert place.name == ELSEWHERE
    assert region == "us-west-2"


async def test_daemon_without_the_section_has_no_quarantine() -> None:
    """The queue's own redrive policy decides."""
    async with clients() as aws:
        without = await open_keeper(config(None), aws, SystemClock())
        with_one = await open_keeper(
            config(Quarantine(max_receives=7, queue_url=ELSEWHERE)), aws, SystemClock()
        )

    assert without is None
    assert with_one is not None
    assert with_one.max_receives == 7


async def test_dead_letter_queue_is_found(moto: str) -> None:
    """By the redrive policy of the source's queue."""
    async with made_account(moto) as account, clients(moto) as aws:
        place = await open_dead_letters(account.queue_url, aws, SystemClock())

    assert place.name == account.dead_letter_url


async def test_queue_without_one_is_told(moto: str) -> None:
    """A person must configure either."""
    async with made_account(moto) as account, clients(moto) as aws:
        with pytest.raises(RejectedError, match="it has none") as raised:
            await open_dead_letters(account.quarantine_url, aws, SystemClock())

    assert raised.value.reason is Reason.NOT_FOUND


class Odd:
    """A queue whose redrive policy names something else."""

    async def get_queue_attributes(self, **_: object) -> object:
        """Return a policy with a topic in it."""
        policy = '{"deadLetterTargetArn": "arn:aws:sns:eu-west-1:1:t"}'
        return {"Attributes": {"RedrivePolicy": policy}}


async def test_odd_policy_is_told() -> None:
    """With what stands there."""
    async with clients() as aws:
        object.__setattr__(aws, "sqs", Flaky(Odd()))
        with pytest.raises(RejectedError, match="sns:eu-west-1:1:t is no queue"):
            await open_dead_letters(QUEUE_URL, aws, SystemClock())
