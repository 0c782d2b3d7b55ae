"""One target of every kind that is reached by HTTP, each at a server of the test's."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from relay.config.notify_section import Receiver
from relay.notify.content.render import Templates
from relay.notify.receivers.build_http import http_senders
from relay.notify.receivers.http import HttpSender
from relay.notify.receivers.http_guard import guarded_connector
from relay.notify.receivers.slack_threads import Threads
from tests.support.clock import FakeClock

NOW = 1_790_000_000.0
SECRET = "s3cret-t0ken-value"

TARGETS: dict[str, Callable[[str], dict[str, Any]]] = {
    "webhook": lambda origin: {"webhook": [{"url": f"{origin}/hook/{SECRET}"}]},
    "slack-webhook": lambda origin: {
        "slack": [{"url": f"{origin}/services/T0/B0/{SECRET}"}]
    },
    "slack-bot": lambda origin: {
        "slack": [{"token": SECRET, "channel": "C01", "api_url": f"{origin}/api"}]
    },
    "teams": lambda origin: {"teams": [{"url": f"{origin}/flow?sig={SECRET}"}]},
    "discord": lambda origin: {
        "discord": [{"url": f"{origin}/api/webhooks/1/{SECRET}"}]
    },
    "telegram": lambda origin: {
        "telegram": [{"token": SECRET, "chat_id": -100123, "api_url": origin}]
    },
    "pagerduty": lambda origin: {
        "pagerduty": [{"routing_key": SECRET, "api_url": origin}]
    },
    "opsgenie": lambda origin: {"opsgenie": [{"api_key": SECRET, "api_url": origin}]},
    "servicenow-incident": lambda origin: {
        "servicenow": [
            {"url": origin, "basic_auth": {"username": "relay", "password": SECRET}}
        ]
    },
    "servicenow-event": lambda origin: {
        "servicenow": [{"url": origin, "record": "event", "bearer_token": SECRET}]
    },
    "jira": lambda origin: {
        "jira": [{"url": origin, "project": "SEC", "bearer_token": SECRET}]
    },
    "alertmanager": lambda origin: {
        "alertmanager": [{"url": origin, "bearer_token": SECRET}]
    },
}
"""By what tests call them: the receiver's section for a server's origin."""

SUCCESS = {"slack-bot": '{"ok": true, "channel": "C01", "ts": "1700000000.000100"}'}
"""What a service says when all went well, where the status is not enough."""


@asynccontextmanager
async def sender_of(
    section: dict[str, Any],
    *,
    templates: Templates | None = None,
    threads: Threads | None = None,
    clock: FakeClock | None = None,
) -> AsyncIterator[HttpSender]:
    """Give the sender of the one HTTP target that a receiver has."""
    receiver = Receiver.model_validate({"name": "security", **section})
    async with aiohttp.ClientSession(connector=guarded_connector()) as session:
        ((_, sender),) = http_senders(
            receiver,
            session=session,
            clock=clock or FakeClock(NOW),
            templates=templates or Templates(),
            threads=threads or Threads(),
        )
        yield sender


@asynccontextmanager
async def sender_at(
    kind: str,
    origin: str,
    **options: Any,  # noqa: ANN401 - any option
) -> AsyncIterator[HttpSender]:
    """Give the sender of one of ``TARGETS``, with more options of the target."""
    ((name, (target,)),) = TARGETS[kind](origin).items()
    async with sender_of({name: [target | options]}) as sender:
        yield sender
