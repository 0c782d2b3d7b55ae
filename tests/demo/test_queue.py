"""The security team's queue: what SNS delivers to it is read and understood."""

import json
from contextlib import AsyncExitStack

import anyio

from relay.demo.cloud import open_cloud
from relay.demo.inbox import Channel, Inbox, Received
from relay.demo.provision import provision
from relay.demo.queue import read_alarm_queue
from tests.support.clock import FakeClock

ALARM = json.dumps(
    {"AlarmName": "root-login", "NewStateValue": "ALARM", "Evidence": {}}
)


async def test_published_alarms_are_received(moto: str) -> None:
    """The id comes from the attributes; what is no alarm is refused, not a crash."""
    inbox = Inbox()
    async with AsyncExitStack() as stack:
        cloud = await open_cloud(stack, moto)
        place = await provision(cloud)
        for message in ("lunch?", ALARM):
            await cloud.sns.publish(
                TopicArn=place.alarm_topic_arn,
                Message=message,
                MessageAttributes={"id": {"DataType": "String", "StringValue": "n1"}},
            )
        with anyio.fail_after(20):
            async with anyio.create_task_group() as tg:
                clock = FakeClock(50.0)
                url = place.alarm_queue_url

                async def read() -> None:
                    await read_alarm_queue(cloud, url, inbox, clock=clock)

                tg.start_soon(read)
                await inbox.wait_until(lambda box: bool(box.received and box.refused))
                tg.cancel_scope.cancel()

    assert inbox.received == [
        Received(
            channel=Channel.SNS,
            id="n1",
            alarm="root-login",
            state="ALARM",
            accepted_at=50.0,
        )
    ]
    assert inbox.refused[0].startswith("alarm queue: ")
