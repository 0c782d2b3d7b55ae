"""The section ``notify``: who is told of alarms, and by which way."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from relay.config.names import (
    LabelName,
    MailAddress,
    QueueUrl,
    SecretUrl,
    TopicArn,
    check_headers,
)
from relay.config.refusal import refusal
from relay.config.scalars import Duration, Switch, Text, Whole
from relay.config.secrets import Secret
from relay.config.section import Section


class SnsTarget(Section):
    """An SNS topic; gets what a CloudWatch alarm publishes, and Evidence."""

    topic_arn: TopicArn


class SqsTarget(Section):
    """An SQS queue; gets the same message as an SNS topic."""

    queue_url: QueueUrl


class WebhookTarget(Section):
    """An HTTP address that notifications are POSTed to as JSON."""

    url: SecretUrl
    """A secret, since those of chat services hold a token."""
    headers: Annotated[dict[str, Secret], AfterValidator(check_headers)] = Field(
        default={}
    )
    hmac_secret: Secret | None = None
    """Signs the body with HMAC-SHA256."""
    timeout: Duration = 10.0


class Smtp(Section):
    """The mail server."""

    host: Text
    port: Whole = Field(default=25, ge=1, le=65_535)
    tls: Literal["none", "starttls", "tls"] = "none"
    username: Secret | None = None
    password: Secret | None = None
    timeout: Duration = 30.0

    @model_validator(mode="after")
    def _has_whole_login(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise refusal("has only one of username and password; give both or none")
        return self


class EmailTarget(Section):
    """Mail addresses, reached by SMTP."""

    to: tuple[MailAddress, ...] = Field(min_length=1)
    from_: MailAddress = Field(alias="from")
    smtp: Smtp


class Receiver(Section):
    """A named set of targets; each gets every notification that is routed here."""

    name: Text
    sns: tuple[SnsTarget, ...] = ()
    sqs: tuple[SqsTarget, ...] = ()
    webhook: tuple[WebhookTarget, ...] = ()
    email: tuple[EmailTarget, ...] = ()


class ChildRoute(Section):
    """Notifications whose labels equal all of ``match`` go to ``receiver``."""

    match: dict[LabelName, str] = Field(default={})
    receiver: str | None = None
    """Without one, the parent's."""
    continue_: Switch = Field(default=False, alias="continue")
    """Look at the following siblings as well."""
    repeat_interval: Duration | None = None
    send_resolved: Switch | None = None
    routes: tuple["ChildRoute", ...] = ()


class Route(Section):
    """The root of the routing tree (Alertmanager's): matches everything."""

    receiver: str
    repeat_interval: Duration = 4 * 3600.0
    """Remind as long as an alarm stays in ALARM; 0s: never."""
    send_resolved: Switch = True
    routes: tuple[ChildRoute, ...] = ()


class Notify(Section):
    """Who is told of alarms."""

    receivers: tuple[Receiver, ...] = ()
    route: Route | None = None
