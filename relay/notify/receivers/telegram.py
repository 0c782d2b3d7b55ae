"""Telegram: a message in its HTML, by a bot.

Limit ("sendMessage" of the Bot API): 4,096 characters after entities are parsed; here
they are counted before, which is more. The address holds the bot's token. 429 says in
the body when to come again.
"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from relay.config.chat_targets import TelegramTarget
from relay.config.template_files import DEFAULT
from relay.model import Bundle
from relay.notify.content.escape import telegram as escape
from relay.notify.content.render import Flavour, Templates
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import Answer, Refusal, by_status
from relay.notify.receivers.sizes import whole_lines

MAX_TEXT_CHARS = 4_096


class Telegram:
    """Sends to one chat."""

    answer_bytes = 0

    def __init__(self, target: TelegramTarget, templates: Templates) -> None:
        token = target.token.reveal()
        self.secrets: Sequence[str] = (token,)
        self._url = f"{target.api_url.rstrip('/')}/bot{token}/sendMessage"
        self._target = target
        self._template = target.template or DEFAULT
        self._templates = templates

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return the one request."""
        view = self._templates.view(bundle)
        text = self._templates.chat(
            view, Flavour.TELEGRAM_HTML, template=self._template
        )
        message: dict[str, object] = {
            "chat_id": self._target.chat_id,
            "text": whole_lines(text, MAX_TEXT_CHARS, otherwise=escape(view.title)),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
        if self._target.thread_id is not None:
            message["message_thread_id"] = self._target.thread_id
        return (Call(id=bundle.id, url=self._url, body=msgspec.json.encode(message)),)

    def judge(self, answer: Answer) -> str | Refusal:
        """Return the status, or what it means."""
        verdict = by_status(answer)
        if isinstance(verdict, str) or verdict.is_final:
            return verdict
        parameters = answer.members().get("parameters")
        wish = parameters.get("retry_after") if isinstance(parameters, dict) else None
        if not isinstance(wish, int | float) or wish < 0:
            return verdict
        return replace(verdict, retry_after_secs=float(wish))
