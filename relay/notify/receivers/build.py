"""Builds the sender of every configured target: the one list of all kinds there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import aiohttp

from relay.clock import Clock
from relay.config.notify_section import Receiver
from relay.errors import ConfigError
from relay.notify.content.render import Templates
from relay.notify.outbox import Sender
from relay.notify.receivers.apprise import AppriseSender
from relay.notify.receivers.build_aws import Aws, aws_senders
from relay.notify.receivers.build_http import http_senders
from relay.notify.receivers.email import EmailSender
from relay.notify.receivers.file import FileSender
from relay.notify.receivers.slack_threads import Threads
from relay.notify.receivers.syslog import SyslogSender
from relay.notify.targets import (
    Address,
    apprise_key,
    email_key,
    file_key,
    syslog_key,
)
from relay.telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What outlives the senders: a reload builds new ones on the same of these."""

    aws: Aws
    http: aiohttp.ClientSession
    telemetry: Telemetry
    clock: Clock
    templates: Templates = field(default_factory=Templates)
    threads: Threads = field(default_factory=Threads)


def build_senders(
    receivers: Iterable[Receiver], surroundings: Surroundings
) -> dict[Address, Sender]:
    """Return a sender for every target of every receiver; makes no call."""
    return {
        Address(receiver=receiver.name, target=target): sender
        for receiver in receivers
        for target, sender in _senders(receiver, surroundings)
    }


def _senders(
    receiver: Receiver, surroundings: Surroundings
) -> Iterator[tuple[str, Sender]]:
    clock = surroundings.clock
    yield from aws_senders(
        receiver,
        aws=surroundings.aws,
        clock=clock,
        templates=surroundings.templates,
    )
    yield from http_senders(
        receiver,
        session=surroundings.http,
        clock=clock,
        templates=surroundings.templates,
        threads=surroundings.threads,
    )
    for email in receiver.email:
        yield (
            email_key(email),
            EmailSender(
                email,
                telemetry=surroundings.telemetry,
                clock=clock,
                templates=surroundings.templates,
            ),
        )
    templates = surroundings.templates
    for syslog in receiver.syslog:
        try:
            yield syslog_key(syslog), SyslogSender(syslog, templates)
        except OSError as error:
            raise ConfigError([f"{syslog_key(syslog)}: tls: {error}"]) from error
    for file in receiver.file:
        yield file_key(file), FileSender(file)
    for apprise in receiver.apprise:
        yield apprise_key(apprise), AppriseSender(apprise, templates)
