"""Builds the senders of all targets that are reached by HTTP: a preset a kind."""

from collections.abc import Iterator
from itertools import chain

import aiohttp

from relay.clock import Clock
from relay.config.chat_targets import SlackTarget
from relay.config.http_targets import HttpTarget
from relay.config.notify_section import Receiver
from relay.errors import ConfigError
from relay.notify.content.render import Templates
from relay.notify.receivers.alertmanager import Alertmanager
from relay.notify.receivers.discord import Discord
from relay.notify.receivers.http import HttpSender, Preset
from relay.notify.receivers.jira import Jira
from relay.notify.receivers.opsgenie import Opsgenie
from relay.notify.receivers.pagerduty import PagerDuty
from relay.notify.receivers.servicenow import ServiceNow
from relay.notify.receivers.slack import SlackBot, SlackWebhook
from relay.notify.receivers.slack_threads import Threads
from relay.notify.receivers.teams import Teams
from relay.notify.receivers.telegram import Telegram
from relay.notify.receivers.webhook import Webhook
from relay.notify.targets import (
    alertmanager_key,
    discord_key,
    jira_key,
    opsgenie_key,
    pagerduty_key,
    servicenow_key,
    slack_key,
    teams_key,
    telegram_key,
    webhook_key,
)

_Built = Iterator[tuple[str, HttpTarget, Preset]]


def http_senders(
    receiver: Receiver,
    *,
    session: aiohttp.ClientSession,
    clock: Clock,
    templates: Templates,
    threads: Threads,
) -> Iterator[tuple[str, HttpSender]]:
    """Yield the name and the sender of every HTTP target of ``receiver``.

    Raises ConfigError when a template or a TLS file cannot be used.
    """
    for key, target, preset in chain(
        _web(receiver, templates, clock),
        _chats(receiver, templates, threads),
        _incidents(receiver, templates),
    ):
        try:
            yield key, HttpSender(preset, target, session, clock)
        except OSError as error:
            raise ConfigError([f"{key}: tls: {error}"]) from error


def _web(receiver: Receiver, templates: Templates, clock: Clock) -> _Built:
    for webhook in receiver.webhook:
        yield webhook_key(webhook), webhook, Webhook(webhook, templates, clock)
    for each in receiver.alertmanager:
        yield alertmanager_key(each), each, Alertmanager(each, templates, clock)


def _chats(receiver: Receiver, templates: Templates, threads: Threads) -> _Built:
    for slack in receiver.slack:
        yield slack_key(slack), slack, _slack(slack, templates, threads)
    for teams in receiver.teams:
        yield teams_key(teams), teams, Teams(teams, templates)
    for discord in receiver.discord:
        yield discord_key(discord), discord, Discord(discord, templates)
    for telegram in receiver.telegram:
        yield telegram_key(telegram), telegram, Telegram(telegram, templates)


def _slack(target: SlackTarget, templates: Templates, threads: Threads) -> Preset:
    if target.token is None:
        return SlackWebhook(target, templates)
    return SlackBot(target, templates, threads)


def _incidents(receiver: Receiver, templates: Templates) -> _Built:
    for pager in receiver.pagerduty:
        yield pagerduty_key(pager), pager, PagerDuty(pager, templates)
    for opsgenie in receiver.opsgenie:
        yield opsgenie_key(opsgenie), opsgenie, Opsgenie(opsgenie, templates)
    for servicenow in receiver.servicenow:
        yield servicenow_key(servicenow), servicenow, ServiceNow(servicenow, templates)
    for jira in receiver.jira:
        yield jira_key(jira), jira, Jira(jira, templates)
