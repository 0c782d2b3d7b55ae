"""The AWS side of a trail, made by the same code as ``relay setup`` makes it.

And a topic for alarms, with a queue that listens to it.
"""

from dataclasses import dataclass

from relay.clock import SystemClock
from relay.config.setup_schema import SetupBucket, SetupFile, SetupLogs, SetupTrail
from relay.demo.cloud import Cloud
from relay.demo.emulator import ACCOUNT
from relay.demo.scenario import HOME_REGION
from relay.setup.blueprint import Blueprint, blueprint
from relay.setup.clients import SetupClients
from relay.setup.inventory import resources
from relay.setup.resource import Kind, Resource
from relay.setup.run import apply

BUCKET = "example-org-trail-logs"
LOG_GROUP = "/relay/cloudtrail"
_VALIDATION = "CloudTrail validation message."
"""What CreateTrail publishes to a trail's topic before the first delivery."""
_LISTENING = {Kind.TOPIC, Kind.QUEUE, Kind.QUEUE_POLICY, Kind.SUBSCRIPTION}
"""The part of a setup that a queue behind a topic is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """Names and addresses of what was made."""

    bucket: str
    trail_topic_arn: str
    queue_url: str
    dead_letter_queue_url: str
    log_group: str
    alarm_topic_arn: str
    alarm_queue_url: str


async def provision(cloud: Cloud) -> Provisioned:
    """Build the AWS side of a trail and start the trail."""
    trail = _plan(
        SetupFile(
            name="demo",
            bucket=SetupBucket(name=BUCKET),
            topic="organization-trail",
            queue="relay",
            trail=SetupTrail(name="organization"),
            logs=SetupLogs(group=LOG_GROUP),
        )
    )
    alarms = _plan(
        SetupFile(name="alarms", topic="security-alarms", queue="security-team")
    )
    clients = SetupClients(
        s3=cloud.s3,
        sns=cloud.sns,
        sqs=cloud.sqs,
        logs=cloud.logs,
        cloudtrail=cloud.cloudtrail,
    )
    await apply(
        [*resources(trail, clients), *_listener(alarms, clients)], clock=SystemClock()
    )
    # The emulator does not announce a new trail as CloudTrail does.
    await cloud.sns.publish(TopicArn=trail.topic_arn, Message=_VALIDATION)
    return Provisioned(
        bucket=BUCKET,
        trail_topic_arn=trail.topic_arn,
        queue_url=await _url(cloud, trail.queue),
        dead_letter_queue_url=await _url(cloud, trail.dead_letter_queue),
        log_group=LOG_GROUP,
        alarm_topic_arn=alarms.topic_arn,
        alarm_queue_url=await _url(cloud, alarms.queue),
    )


def _plan(file: SetupFile) -> Blueprint:
    return blueprint(file, account=ACCOUNT, region=HOME_REGION, partition="aws")


def _listener(plan: Blueprint, clients: SetupClients) -> list[Resource]:
    return [each for each in resources(plan, clients) if each.title.kind in _LISTENING]


async def _url(cloud: Cloud, name: str) -> str:
    answer = await cloud.sqs.get_queue_url(QueueName=name)
    url: str = answer["QueueUrl"]
    return url
