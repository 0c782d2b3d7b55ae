"""The security team's queue behind the alarm topic: reads what SNS delivers to it."""

import msgspec

from relay.clock import Clock
from relay.demo.cloud import Cloud
from relay.demo.inbox import Channel, Inbox, Received

_WAIT_SECS = 5


class _Attribute(msgspec.Struct):
    value: str = msgspec.field(name="Value")


class _Envelope(msgspec.Struct):
    """What is read of SNS's envelope."""

    message: str = msgspec.field(name="Message")
    attributes: dict[str, _Attribute] = msgspec.field(
        name="MessageAttributes", default_factory=dict
    )


class _AlarmMessage(msgspec.Struct):
    """What is read of the message that a CloudWatch alarm publishes."""

    alarm: str = msgspec.field(name="AlarmName")
    state: str = msgspec.field(name="NewStateValue")


async def read_alarm_queue(
    cloud: Cloud, queue_url: str, inbox: Inbox, *, clock: Clock
) -> None:
    """Take every message of the queue until cancelled."""
    while True:
        answer = await cloud.sqs.receive_message(
            QueueUrl=queue_url, WaitTimeSeconds=_WAIT_SECS, MaxNumberOfMessages=10
        )
        for message in answer.get("Messages", ()):
            _take(inbox, message["Body"], accepted_at=clock.now())
            await cloud.sqs.delete_message(
                QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"]
            )


def _take(inbox: Inbox, body: str, *, accepted_at: float) -> None:
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
        alarm = msgspec.json.decode(envelope.message, type=_AlarmMessage)
    except msgspec.MsgspecError as error:
        inbox.refuse(f"alarm queue: {error}")
        return
    id_attribute = envelope.attributes.get("id")
    inbox.add(
        Received(
            channel=Channel.SNS,
            id=id_attribute.value if id_attribute else "",
            alarm=alarm.alarm,
            state=alarm.state,
            accepted_at=accepted_at,
        )
    )
