"""Every configured target gets its sender."""

from contextlib import AsyncExitStack

import aiohttp
import pytest

from relay.aws.clients import Service
from relay.config.notify_section import Notify
from relay.errors import ConfigError
from relay.notify.receivers.apprise import AppriseSender
from relay.notify.receivers.build import Surroundings, build_senders
from relay.notify.receivers.email import EmailSender
from relay.notify.receivers.file import FileSender
from relay.notify.receivers.http import HttpSender
from relay.notify.receivers.sns import SnsSender
from relay.notify.receivers.sqs import SqsSender
from relay.notify.receivers.syslog import SyslogSender
from relay.notify.targets import Address, TargetKind, targets_by_receiver
from relay.telemetry import Telemetry
from tests.support.clock import FakeClock

NOTIFY = Notify.model_validate(
    {
        "receivers": [
            {
                "name": "security",
                "sns": [{"topic_arn": "arn:aws:sns:eu-west-1:123456789012:security"}],
                "sqs": [
                    {"queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}
                ],
                "webhook": [{"url": "https://hooks.example.com/x"}],
            },
            {
                "name": "pager",
                "email": [
                    {
                        "to": ["oncall@example.com"],
                        "from": "relay@example.com",
                        "smtp": {"host": "localhost"},
                    }
                ],
            },
            {
                "name": "everybody",
                "slack": [
                    {"url": "https://hooks.slack.com/services/x"},
                    {"token": "xoxb-1", "channel": "C01"},
                ],
                "teams": [{"url": "https://teams.example.com/x"}],
                "discord": [{"url": "https://discord.com/api/webhooks/1/x"}],
                "telegram": [{"token": "1:x", "chat_id": -100}],
                "pagerduty": [{"routing_key": "x"}],
                "opsgenie": [{"api_key": "x"}],
                "servicenow": [{"url": "https://example.service-now.com"}],
                "jira": [{"url": "https://example.atlassian.net", "project": "SEC"}],
                "alertmanager": [{"url": "http://localhost:9093"}],
                "syslog": [{"host": "localhost"}],
                "file": [{"path": "/var/log/relay/alarms.jsonl"}],
                "apprise": [{"url": "ntfy://ntfy.example.com/relay"}],
            },
        ]
    }
)
OVER_HTTP = (
    TargetKind.WEBHOOK,
    TargetKind.SLACK,
    TargetKind.TEAMS,
    TargetKind.DISCORD,
    TargetKind.TELEGRAM,
    TargetKind.PAGERDUTY,
    TargetKind.OPSGENIE,
    TargetKind.SERVICENOW,
    TargetKind.JIRA,
    TargetKind.ALERTMANAGER,
)


class FakeAws:
    """What the senders want of the AWS clients; none is asked for here."""

    region = "eu-west-1"

    async def client_for(self, service: Service, region: str) -> object:
        """Return something."""
        return object()


async def test_every_target_that_is_planned_for_has_a_sender() -> None:
    """The outbox's addresses and the senders' are the same, kind by kind."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        surroundings = Surroundings(
            aws=FakeAws(), http=session, telemetry=Telemetry(), clock=FakeClock()
        )

        senders = build_senders(NOTIFY.receivers, surroundings)

    assert set(senders) == {
        Address(receiver=receiver, target=target)
        for receiver, targets in targets_by_receiver(NOTIFY.receivers).items()
        for target in targets
    }
    assert {address.kind: type(each) for address, each in senders.items()} == {
        TargetKind.SNS: SnsSender,
        TargetKind.SQS: SqsSender,
        TargetKind.EMAIL: EmailSender,
        TargetKind.SYSLOG: SyslogSender,
        TargetKind.FILE: FileSender,
        TargetKind.APPRISE: AppriseSender,
        **dict.fromkeys(OVER_HTTP, HttpSender),
    }


async def test_a_certificate_that_is_missing_is_found_at_once() -> None:
    """With the target's name; a reload then changes nothing."""
    notify = Notify.model_validate(
        {
            "receivers": [
                {
                    "name": "log",
                    "syslog": [{"host": "localhost", "tls": {"ca_file": "/nowhere"}}],
                }
            ]
        }
    )
    async with aiohttp.ClientSession() as session:
        surroundings = Surroundings(
            aws=FakeAws(), http=session, telemetry=Telemetry(), clock=FakeClock()
        )

        with pytest.raises(ConfigError, match=r"syslog:tls://localhost.*: tls: "):
            build_senders(notify.receivers, surroundings)
