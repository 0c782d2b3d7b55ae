"""The section ``notify``: who is told of alarms, and by which way."""

from pydantic import Field

from relay.config.aws_targets import (
    CloudWatchTarget,
    EventBridgeTarget,
    LambdaTarget,
    SesTarget,
    SnsTarget,
    SqsTarget,
)
from relay.config.chat_targets import (
    AppriseTarget,
    DiscordTarget,
    SlackTarget,
    TeamsTarget,
    TelegramTarget,
)
from relay.config.http_targets import WebhookTarget
from relay.config.incident_targets import (
    AlertmanagerTarget,
    JiraTarget,
    OpsgenieTarget,
    PagerDutyTarget,
    ServiceNowTarget,
)
from relay.config.log_targets import FileTarget, SyslogTarget
from relay.config.mail_section import EmailTarget
from relay.config.names import AccountId
from relay.config.route_section import InhibitRule, Route
from relay.config.scalars import Text
from relay.config.section import Section
from relay.config.time_intervals import NamedIntervals


class Receiver(Section):
    """A named set of targets; each gets every notification that is routed here."""

    name: Text
    sns: tuple[SnsTarget, ...] = ()
    sqs: tuple[SqsTarget, ...] = ()
    eventbridge: tuple[EventBridgeTarget, ...] = ()
    lambda_: tuple[LambdaTarget, ...] = Field(default=(), alias="lambda")
    cloudwatch: tuple[CloudWatchTarget, ...] = ()
    ses: tuple[SesTarget, ...] = ()
    webhook: tuple[WebhookTarget, ...] = ()
    email: tuple[EmailTarget, ...] = ()
    slack: tuple[SlackTarget, ...] = ()
    teams: tuple[TeamsTarget, ...] = ()
    discord: tuple[DiscordTarget, ...] = ()
    telegram: tuple[TelegramTarget, ...] = ()
    pagerduty: tuple[PagerDutyTarget, ...] = ()
    opsgenie: tuple[OpsgenieTarget, ...] = ()
    servicenow: tuple[ServiceNowTarget, ...] = ()
    jira: tuple[JiraTarget, ...] = ()
    alertmanager: tuple[AlertmanagerTarget, ...] = ()
    syslog: tuple[SyslogTarget, ...] = ()
    file: tuple[FileTarget, ...] = ()
    apprise: tuple[AppriseTarget, ...] = ()


class Notify(Section):
    """Who is told of alarms."""

    receivers: tuple[Receiver, ...] = ()
    route: Route | None = None
    time_intervals: tuple[NamedIntervals, ...] = ()
    """Named times, for ``mute_time_intervals`` and ``active_time_intervals``."""
    inhibit_rules: tuple[InhibitRule, ...] = ()
    """Alarms that make others mute while they last."""
    accounts: dict[AccountId, Text] = Field(default={})
    """What people call the accounts: notifications say ``prod (123456789012)``."""
    templates: tuple[Text, ...] = ()
    """Template files (Jinja2), as globs relative to this file: NAME.MEDIUM.j2."""
