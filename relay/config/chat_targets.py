"""Chat services: Slack, Microsoft Teams, Discord, Telegram, and what apprise knows."""

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from relay.config.apprise_url import MISSING, apprise_service, is_apprise_installed
from relay.config.http_targets import HttpTarget
from relay.config.names import HttpUrl, SecretUrl
from relay.config.refusal import Reading, refusal
from relay.config.scalars import Duration, Text, Whole, matching
from relay.config.secrets import Secret
from relay.config.section import Section


def _as_text(value: object) -> object:
    """Return a chat's number as the text that it is elsewhere."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


def _check_apprise(url: Secret, info: ValidationInfo) -> Secret:
    if "://" not in url.reveal():
        raise refusal("is no URL that apprise takes; it looks like ntfy://host/topic")
    if not is_apprise_installed():
        raise refusal(MISSING)
    # Only for a file: it takes its time.
    if isinstance(info.context, Reading) and apprise_service(url.reveal()) is None:
        raise refusal("is no URL that apprise knows")
    return url


class SlackTarget(HttpTarget):
    """A Slack channel: by an incoming webhook, or by a bot that answers in threads."""

    url: SecretUrl | None = None
    """The incoming webhook's address."""
    token: Secret | None = None
    """The bot's token (xoxb-...), with the scope chat:write."""
    channel: Text | None = None
    """Where the bot posts: a channel's id, or #name."""
    api_url: HttpUrl = "https://slack.com/api"
    template: Text | None = None
    """One of notify.templates: ``pager`` is pager.slack.j2."""

    @model_validator(mode="after")
    def _is_webhook_or_bot(self) -> Self:
        if (self.url is None) == (self.token is None):
            raise refusal("needs either url (incoming webhook) or token (bot)")
        if (self.token is None) != (self.channel is None):
            raise refusal("needs channel with token, and takes none with url")
        return self


class TeamsTarget(HttpTarget):
    """A Microsoft Teams channel, by a workflow "when a webhook request is received"."""

    url: SecretUrl
    template: Text | None = None
    """One of notify.templates: ``pager`` is pager.teams.j2."""


class DiscordTarget(HttpTarget):
    """A Discord channel, by its webhook."""

    url: SecretUrl
    template: Text | None = None
    """One of notify.templates: ``pager`` is pager.discord.j2."""


class TelegramTarget(HttpTarget):
    """A Telegram chat, by a bot."""

    token: Secret
    """The bot's token, as BotFather gives it."""
    chat_id: Annotated[
        str,
        BeforeValidator(_as_text),
        matching(
            r"-?[0-9]{1,20}|@[A-Za-z0-9_]+", "is no chat: a number, or @channelname"
        ),
        WithJsonSchema({"type": ["integer", "string"]}),
    ]
    thread_id: Whole | None = Field(default=None, ge=1)
    """The topic of a forum; without one, the general topic."""
    api_url: HttpUrl = "https://api.telegram.org"
    template: Text | None = None
    """One of notify.templates: ``pager`` is pager.telegram.j2."""


class AppriseTarget(Section):
    """Any service that apprise knows (https://appriseit.com); needs the extra."""

    url: Annotated[Secret, AfterValidator(_check_apprise)]
    timeout: Duration = 30.0
    template: Text | None = None
    """One of notify.templates: ``pager`` is pager.txt.j2."""
