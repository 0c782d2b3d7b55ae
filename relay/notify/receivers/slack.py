"""Slack: an incoming webhook, or a bot that keeps an alarm's messages in a thread.

Limits: 50 blocks a message, 3,000 characters a section's text ("Reference: blocks" of
Slack's API); of the 50 only a few are used, since nobody reads more.
"""

from collections.abc import Sequence

import msgspec

from relay.config.chat_targets import SlackTarget
from relay.config.template_files import DEFAULT
from relay.errors import Reason
from relay.model import Bundle
from relay.notify.content.escape import slack as escape
from relay.notify.content.render import Flavour, Templates
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import Answer, Refusal, by_status
from relay.notify.receivers.sizes import pieces
from relay.notify.receivers.slack_threads import Threads

MAX_SECTION_CHARS = 3_000
MAX_SECTIONS = 10

# Errors of chat.postMessage (its page, "Errors"), by what they mean; the rest is final.
_PASSING = {
    "ratelimited": Reason.THROTTLED,
    "rate_limited": Reason.THROTTLED,
    "fatal_error": Reason.UNAVAILABLE,
    "internal_error": Reason.UNAVAILABLE,
    "request_timeout": Reason.TIMEOUT,
    "service_unavailable": Reason.UNAVAILABLE,
    "team_added_to_org": Reason.UNAVAILABLE,
}
_FINAL = dict.fromkeys(
    (
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "not_in_channel",
        "token_expired",
        "token_revoked",
    ),
    Reason.ACCESS_DENIED,
) | dict.fromkeys(("channel_not_found", "is_archived"), Reason.NOT_FOUND)
_NO_THREAD = {"cannot_reply_to_message", "thread_not_found", "message_not_found"}


class SlackWebhook:
    """Posts to an incoming webhook; what it refuses, it says by the status."""

    answer_bytes = 0
    secrets: Sequence[str] = ()
    judge = staticmethod(by_status)

    def __init__(self, target: SlackTarget, templates: Templates) -> None:
        self._url = "" if target.url is None else target.url.reveal()
        self._template = target.template or DEFAULT
        self._templates = templates

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return the one request."""
        message = slack_message(bundle, self._templates, self._template)
        return (Call(id=bundle.id, url=self._url, body=msgspec.json.encode(message)),)


class SlackBot:
    """Posts by ``chat.postMessage``; reminders and the end answer the first message."""

    # The answer repeats the message that was posted.
    answer_bytes = 64 * 1_024

    def __init__(
        self, target: SlackTarget, templates: Templates, threads: Threads
    ) -> None:
        token = "" if target.token is None else target.token.reveal()
        self.secrets: Sequence[str] = (token,)
        self._url = f"{target.api_url.rstrip('/')}/chat.postMessage"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._channel = target.channel or ""
        self._template = target.template or DEFAULT
        self._templates = templates
        self._threads = threads

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return the one request."""
        message = slack_message(bundle, self._templates, self._template)
        message["channel"] = self._channel
        opened_by = _opened_by(bundle)
        if opened_by is not None:
            stamp = self._threads.get(self._channel, opened_by)
            if stamp is not None:
                message["thread_ts"] = stamp
        return (
            Call(
                id=bundle.id,
                url=self._url,
                headers=self._headers,
                content_type="application/json; charset=utf-8",
                body=msgspec.json.encode(message),
                about=opened_by or "",
            ),
        )

    def judge(self, answer: Answer) -> str | Refusal:
        """Return the message's time stamp, or what the error means."""
        if not answer.is_success:
            return by_status(answer)
        members = answer.members()
        if members.get("ok") is True:
            stamp = str(members.get("ts", ""))
            if answer.about and stamp:
                self._threads.put(self._channel, answer.about, stamp)
            return stamp or "ok"
        error = str(members.get("error", "")) or f"no answer of Slack's: {answer.text}"
        if error in _NO_THREAD:
            # The next attempt posts a message of its own.
            self._threads.forget(self._channel, answer.about)
            return Refusal(reason=Reason.REFUSED, text=error, is_final=False)
        if error in _PASSING:
            return Refusal(reason=_PASSING[error], text=error, is_final=False)
        reason = _FINAL.get(error, Reason.REFUSED)
        return Refusal(reason=reason, text=error, is_final="error" in members)


def slack_message(
    bundle: Bundle, templates: Templates, template: str
) -> dict[str, object]:
    """Return ``text``, which phones show at once, and the blocks; nothing unfurled."""
    view = templates.view(bundle)
    title = escape(view.title)
    text = templates.chat(view, Flavour.SLACK_MRKDWN, template=template)
    sections = pieces(text, MAX_SECTION_CHARS, otherwise=title)
    shown = [*sections[:MAX_SECTIONS]]
    if len(sections) > MAX_SECTIONS:
        shown.append("... and more, which has no room here")
    return {
        "text": title,
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": piece}}
            for piece in shown
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _opened_by(bundle: Bundle) -> str | None:
    """Return what opened the one alarm that ``bundle`` tells of; None for several."""
    opened = {each.opened_by for each in bundle.notifications}
    return opened.pop() if len(opened) == 1 else None
