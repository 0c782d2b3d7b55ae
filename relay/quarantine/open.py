"""Opens the place that the configuration names, or the dead-letter queue instead."""

import re

import msgspec

from relay.aws.clients import AwsClients
from relay.aws.errors import translated
from relay.aws.queue_url import queue_region
from relay.clock import Clock
from relay.config.quarantine_section import Quarantine
from relay.config.schema import Config
from relay.errors import Reason, RejectedError
from relay.quarantine.keeper import Keeper
from relay.quarantine.place import Place
from relay.quarantine.queue_place import QueuePlace
from relay.quarantine.s3_place import S3Place

_QUEUE_ARN = re.compile(
    r"arn:[^:]+:sqs:(?P<region>[^:]+):(?P<account>\d+):(?P<name>.+)"
)


class _RedrivePolicy(msgspec.Struct):
    arn: str = msgspec.field(name="deadLetterTargetArn")


async def open_keeper(config: Config, aws: AwsClients, clock: Clock) -> Keeper | None:
    """Return the quarantine of ``config``, None without one; makes no call to AWS."""
    if config.quarantine is None:
        return None
    return Keeper(
        await open_place(config.quarantine, aws, clock),
        queue_url=config.source.queue_url,
        max_receives=config.quarantine.max_receives,
        clock=clock,
    )


async def open_place(config: Quarantine, aws: AwsClients, clock: Clock) -> Place:
    """Return the queue or bucket of ``config``; makes no call to AWS."""
    if config.s3 is not None:
        return S3Place(aws.s3, config.s3, clock=clock)
    if config.queue_url is not None:
        region = queue_region(config.queue_url) or aws.region
        return QueuePlace(await aws.sqs_for(region), config.queue_url, clock=clock)
    raise AssertionError("the section's own validation wants a place")


async def open_dead_letters(queue_url: str, aws: AwsClients, clock: Clock) -> Place:
    """Return the dead-letter queue that the redrive policy of ``queue_url`` names.

    Raises RejectedError (NOT_FOUND) when there is none, and what SQS's calls raise.
    """
    what = f"find the dead-letter queue of {queue_url}"
    with translated(what):
        response = await aws.sqs.get_queue_attributes(
            QueueUrl=queue_url, AttributeNames=["RedrivePolicy"]
        )
    policy = response.get("Attributes", {}).get("RedrivePolicy")
    if policy is None:
        raise RejectedError(
            f"{what}: it has none, and no quarantine is configured",
            reason=Reason.NOT_FOUND,
        )
    arn = msgspec.json.decode(policy, type=_RedrivePolicy).arn
    found = _QUEUE_ARN.fullmatch(arn)
    if found is None:
        raise RejectedError(f"{what}: {arn} is no queue", reason=Reason.INVALID)
    sqs = await aws.sqs_for(found["region"])
    with translated(what):
        queue = await sqs.get_queue_url(
            QueueName=found["name"], QueueOwnerAWSAccountId=found["account"]
        )
    return QueuePlace(sqs, queue["QueueUrl"], clock=clock)
