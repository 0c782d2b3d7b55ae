"""Names of targets: stable across restarts and reloads, and without secrets.

An entry of the outbox says by such a name where it goes; the configuration that is in
force when it is sent says how to get there.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

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
from relay.config.notify_section import Receiver
from relay.config.secrets import Secret
from relay.model import OutboxEntry


class TargetKind(StrEnum):
    """What a notification is sent through; a metric label, and the start of a name."""

    SNS = "sns"
    SQS = "sqs"
    EVENTBRIDGE = "eventbridge"
    LAMBDA = "lambda"
    CLOUDWATCH = "cloudwatch"
    SES = "ses"
    WEBHOOK = "webhook"
    EMAIL = "email"
    SLACK = "slack"
    TEAMS = "teams"
    DISCORD = "discord"
    TELEGRAM = "telegram"
    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"
    SERVICENOW = "servicenow"
    JIRA = "jira"
    ALERTMANAGER = "alertmanager"
    SYSLOG = "syslog"
    FILE = "file"
    APPRISE = "apprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One target of one receiver."""

    receiver: str
    target: str

    @property
    def kind(self) -> TargetKind:
        """What kind of target it is, read from its name."""
        return TargetKind(self.target.partition(":")[0])


def address_of(entry: OutboxEntry) -> Address:
    """Return where ``entry`` goes."""
    return Address(receiver=entry.receiver, target=entry.target)


def sns_key(target: SnsTarget) -> str:
    """Return ``sns:<topic ARN>``."""
    return f"{TargetKind.SNS}:{target.topic_arn}"


def sqs_key(target: SqsTarget) -> str:
    """Return ``sqs:<queue URL>``."""
    return f"{TargetKind.SQS}:{target.queue_url}"


def eventbridge_key(target: EventBridgeTarget) -> str:
    """Return ``eventbridge:<bus>``, with ``@<region>`` where one is set."""
    return f"{TargetKind.EVENTBRIDGE}:{target.bus}{_place(target.region)}"


def lambda_key(target: LambdaTarget) -> str:
    """Return ``lambda:<function>``, with ``@<region>`` where one is set."""
    return f"{TargetKind.LAMBDA}:{target.function}{_place(target.region)}"


def cloudwatch_key(target: CloudWatchTarget) -> str:
    """Return ``cloudwatch:metric:<namespace>/<name>`` or ``cloudwatch:alarm:<name>``.

    The name is empty where each alarm has its own.
    """
    metric = target.metric
    what = (
        f"alarm:{target.alarm_name or ''}"
        if metric is None
        else f"metric:{metric.namespace}/{metric.name}"
    )
    return f"{TargetKind.CLOUDWATCH}:{what}{_place(target.region)}"


def ses_key(target: SesTarget) -> str:
    """Return ``ses:<addresses>``, with ``@<region>`` where one is set."""
    return f"{TargetKind.SES}:{','.join(target.to)}{_place(target.region)}"


def webhook_key(target: WebhookTarget) -> str:
    """Return ``webhook:<scheme>://<host>/#<hash of the URL>``.

    The path of a webhook's URL often is its password: only a short hash of it shows.
    """
    return f"{TargetKind.WEBHOOK}:{_hidden(target.url)}"


def email_key(target: EmailTarget) -> str:
    """Return ``email:<host>:<port>:<addresses>``."""
    addresses = ",".join(target.to)
    return f"{TargetKind.EMAIL}:{target.smtp.host}:{target.smtp.port}:{addresses}"


def slack_key(target: SlackTarget) -> str:
    """Return the webhook's as of ``webhook_key``, or ``slack:<origin>/<channel>``.

    A token is not part of it: it may be changed while notifications wait.
    """
    if target.url is not None:
        return f"{TargetKind.SLACK}:{_hidden(target.url)}"
    return f"{TargetKind.SLACK}:{origin(target.api_url)}/{target.channel}"


def teams_key(target: TeamsTarget) -> str:
    """Return ``teams:<origin>/#<hash of the URL>``."""
    return f"{TargetKind.TEAMS}:{_hidden(target.url)}"


def discord_key(target: DiscordTarget) -> str:
    """Return ``discord:<origin>/#<hash of the URL>``."""
    return f"{TargetKind.DISCORD}:{_hidden(target.url)}"


def telegram_key(target: TelegramTarget) -> str:
    """Return ``telegram:<origin>/<chat>``, with ``/<topic>`` where one is set."""
    topic = "" if target.thread_id is None else f"/{target.thread_id}"
    return f"{TargetKind.TELEGRAM}:{origin(target.api_url)}/{target.chat_id}{topic}"


def pagerduty_key(target: PagerDutyTarget) -> str:
    """Return ``pagerduty:<origin>/#<hash of the routing key>``."""
    digest = _digest(target.routing_key)
    return f"{TargetKind.PAGERDUTY}:{origin(target.api_url)}/#{digest}"


def opsgenie_key(target: OpsgenieTarget) -> str:
    """Return ``opsgenie:<origin>/#<hash of the API key>``."""
    digest = _digest(target.api_key)
    return f"{TargetKind.OPSGENIE}:{origin(target.api_url)}/#{digest}"


def servicenow_key(target: ServiceNowTarget) -> str:
    """Return ``servicenow:<origin>/#<hash of the URL>/<event or incident>``."""
    return f"{TargetKind.SERVICENOW}:{_hidden(target.url)}/{target.record}"


def jira_key(target: JiraTarget) -> str:
    """Return ``jira:<origin>/#<hash of the URL>/<project>/<issue type>``."""
    project = f"{target.project}/{target.issue_type}"
    return f"{TargetKind.JIRA}:{_hidden(target.url)}/{project}"


def alertmanager_key(target: AlertmanagerTarget) -> str:
    """Return ``alertmanager:<origin>/#<hash of the URL>``."""
    return f"{TargetKind.ALERTMANAGER}:{_hidden(target.url)}"


def syslog_key(target: SyslogTarget) -> str:
    """Return ``syslog:<protocol>://<host>:<port>/<facility>/<app name>``."""
    place = f"{target.protocol}://{target.host}:{target.port}"
    return f"{TargetKind.SYSLOG}:{place}/{target.facility}/{target.app_name}"


def file_key(target: FileTarget) -> str:
    """Return ``file:<path>``."""
    return f"{TargetKind.FILE}:{target.path}"


def apprise_key(target: AppriseTarget) -> str:
    """Return ``apprise:<scheme>/#<hash of the URL>``."""
    scheme = target.url.reveal().partition(":")[0]
    return f"{TargetKind.APPRISE}:{scheme}/#{_digest(target.url)}"


def target_keys(receiver: Receiver) -> tuple[str, ...]:
    """Return the names of all targets of ``receiver``, each once, in file order."""
    keys = (
        *map(sns_key, receiver.sns),
        *map(sqs_key, receiver.sqs),
        *map(eventbridge_key, receiver.eventbridge),
        *map(lambda_key, receiver.lambda_),
        *map(cloudwatch_key, receiver.cloudwatch),
        *map(ses_key, receiver.ses),
        *map(webhook_key, receiver.webhook),
        *map(email_key, receiver.email),
        *map(slack_key, receiver.slack),
        *map(teams_key, receiver.teams),
        *map(discord_key, receiver.discord),
        *map(telegram_key, receiver.telegram),
        *map(pagerduty_key, receiver.pagerduty),
        *map(opsgenie_key, receiver.opsgenie),
        *map(servicenow_key, receiver.servicenow),
        *map(jira_key, receiver.jira),
        *map(alertmanager_key, receiver.alertmanager),
        *map(syslog_key, receiver.syslog),
        *map(file_key, receiver.file),
        *map(apprise_key, receiver.apprise),
    )
    return tuple(dict.fromkeys(keys))


def targets_by_receiver(receivers: Iterable[Receiver]) -> Mapping[str, tuple[str, ...]]:
    """Return the target names of every receiver, by its name."""
    return {receiver.name: target_keys(receiver) for receiver in receivers}


def _place(region: str | None) -> str:
    return "" if region is None else f"@{region}"


def _hidden(url: Secret) -> str:
    return f"{origin(url.reveal())}/#{_digest(url)}"


def _digest(secret: Secret) -> str:
    # What AWS keeps may be rotated while notifications wait: its place says enough.
    text = secret.reveal() if secret.reference is None else str(secret.reference)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def origin(url: str) -> str:
    """Return scheme, host and port of ``url``: all of it that may be shown."""
    parts = urlsplit(url)
    # Not netloc: user and password may stand in it.
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{parts.port}" if parts.port else "")
