"""Every AWS service that is a target gets its sender."""

from relay.aws.clients import Service
from relay.config.notify_section import Notify
from relay.notify.content.render import Templates
from relay.notify.receivers.build_aws import aws_senders
from relay.notify.receivers.cloudwatch_mirror import CloudWatchMirror
from relay.notify.receivers.eventbridge import EventBridgeSender
from relay.notify.receivers.lambda_ import LambdaSender
from relay.notify.receivers.ses import SesSender
from relay.notify.receivers.sns import SnsSender
from relay.notify.receivers.sqs import SqsSender
from relay.notify.targets import target_keys
from tests.support.clock import FakeClock

(RECEIVER,) = Notify.model_validate(
    {
        "receivers": [
            {
                "name": "security",
                "sns": [{"topic_arn": "arn:aws:sns:eu-west-1:123456789012:security"}],
                "sqs": [
                    {"queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}
                ],
                "eventbridge": [{}, {"bus": "security", "region": "us-east-1"}],
                "lambda": [{"function": "enrich"}],
                "cloudwatch": [
                    {"set_alarm_state": True},
                    {"set_alarm_state": True, "alarm_name": "any"},
                    {"metric": {"namespace": "Relay"}, "region": "us-east-1"},
                ],
                "ses": [{"to": ["soc@example.com"], "from": "relay@example.com"}],
            }
        ]
    }
).receivers


class FakeAws:
    """What the senders want of the AWS clients; none is asked for here."""

    region = "eu-west-1"

    async def client_for(self, service: Service, region: str) -> object:
        """Return something."""
        return object()


def test_every_target_has_a_sender() -> None:
    """The names are those that notifications are planned for, each different."""
    senders = dict(
        aws_senders(RECEIVER, aws=FakeAws(), clock=FakeClock(), templates=Templates())
    )

    assert tuple(senders) == target_keys(RECEIVER)
    assert {name: type(sender) for name, sender in senders.items()} == {
        "sns:arn:aws:sns:eu-west-1:123456789012:security": SnsSender,
        "sqs:https://sqs.eu-west-1.amazonaws.com/123456789012/q": SqsSender,
        "eventbridge:default": EventBridgeSender,
        "eventbridge:security@us-east-1": EventBridgeSender,
        "lambda:enrich": LambdaSender,
        "cloudwatch:alarm:": CloudWatchMirror,
        "cloudwatch:alarm:any": CloudWatchMirror,
        "cloudwatch:metric:Relay/AlarmState@us-east-1": CloudWatchMirror,
        "ses:soc@example.com": SesSender,
    }
