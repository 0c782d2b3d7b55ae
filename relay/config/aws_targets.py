"""Targets that are AWS services: topics, queues, buses, functions, alarms, mail."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from relay.config.names import AlarmName, MailAddress, QueueUrl, Region, TopicArn
from relay.config.refusal import refusal
from relay.config.scalars import Size, Switch, Text, matching
from relay.config.section import Section

_MAX_SIZE = Field(default=256 * 1024, ge=16 * 1024, le=1024 * 1024)

BusName = Annotated[
    str,
    matching(
        r"(arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/)?[/.\-_A-Za-z0-9]{1,256}",
        "is no event bus; write its name or"
        " arn:aws:events:eu-west-1:123456789012:event-bus/name",
    ),
]
FunctionName = Annotated[
    str,
    matching(
        r"(arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:)?"
        r"[A-Za-z0-9_-]{1,64}(:(\$LATEST|[A-Za-z0-9_-]{1,128}))?",
        "is no function; write its name or"
        " arn:aws:lambda:eu-west-1:123456789012:function:name, with :alias if need be",
    ),
]
Namespace = Annotated[
    str,
    matching(
        r"(?!AWS/)[A-Za-z0-9./_#:-]{1,255}",
        "is no namespace: 1 to 255 of A-Z a-z 0-9 . - _ / # :, not starting 'AWS/'",
    ),
]
MetricLabel = Annotated[
    str,
    matching(
        r"(?=.*\S)[\x20-\x7e]{1,255}", "is no metric name: 1 to 255 printable ASCII"
    ),
]


class SnsTarget(Section):
    """An SNS topic; gets what a CloudWatch alarm publishes, and Evidence."""

    topic_arn: TopicArn
    max_size: Size = _MAX_SIZE
    """Of a message; more than 256KiB only for a topic whose MaximumMessageSize is."""


class SqsTarget(Section):
    """An SQS queue; gets the same message as an SNS topic."""

    queue_url: QueueUrl
    max_size: Size = _MAX_SIZE
    """Of a message; at most the queue's MaximumMessageSize."""


class EventBridgeTarget(Section):
    """An event bus; gets each notification as a CloudWatch Alarm State Change."""

    bus: BusName = "default"
    region: Region | None = None
    """Without it, that of the bus's ARN, or the relay's own."""


class LambdaTarget(Section):
    """A Lambda function; gets what it would as the action of a CloudWatch alarm."""

    function: FunctionName
    invocation_type: Literal["Event", "RequestResponse"] = "Event"
    """RequestResponse waits for its end, up to 30 s, and tries again if it fails."""
    region: Region | None = None
    """Without it, that of the function's ARN, or the relay's own."""


class MirrorMetric(Section):
    """A CloudWatch metric that is 1 while an alarm is in ALARM, and else 0."""

    namespace: Namespace = "Relay/Alarms"
    name: MetricLabel = "AlarmState"


class CloudWatchTarget(Section):
    """CloudWatch itself: one of its own alarms, or a metric of the alarms' states."""

    set_alarm_state: Switch = False
    """Put an existing alarm of CloudWatch's into the state of the relay's."""
    alarm_name: AlarmName | None = None
    """That alarm; without it, the one that has the name of the relay's alarm."""
    metric: MirrorMetric | None = None
    """Write the state to a metric with the dimension AlarmName."""
    region: Region | None = None
    """Without it, the relay's own."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if self.set_alarm_state == (self.metric is not None):
            raise refusal("takes one of set_alarm_state: true and metric")
        if self.alarm_name is not None and not self.set_alarm_state:
            raise refusal("has alarm_name, which needs set_alarm_state: true")
        return self


class SesTarget(Section):
    """Mail addresses, reached by Amazon SES."""

    to: tuple[MailAddress, ...] = Field(min_length=1, max_length=50)
    from_: MailAddress = Field(alias="from")
    region: Region | None = None
    """Where the sender's identity is verified; without it, the relay's own."""
    configuration_set: Text | None = None
    template: Text | None = None
    """One of notify.templates, as for email."""
