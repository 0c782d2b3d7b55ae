"""Microsoft Teams: an Adaptive Card, by a workflow's webhook.

Limit: 28 KB a message ("Create and send messages" of the Teams documentation). A
workflow answers 202; the older connectors answer 200, and say in the text what failed.
"""

from collections.abc import Sequence

import msgspec

from relay.config.chat_targets import TeamsTarget
from relay.config.template_files import DEFAULT
from relay.errors import Reason
from relay.model import Bundle
from relay.notify.content.escape import markdown
from relay.notify.content.render import Flavour, Templates
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import Answer, Refusal, by_status
from relay.notify.receivers.sizes import largest, units, whole_lines

MAX_MESSAGE_BYTES = 28_000


class Teams:
    """Posts cards to one workflow."""

    answer_bytes = 1_024
    secrets: Sequence[str] = ()

    def __init__(self, target: TeamsTarget, templates: Templates) -> None:
        self._url = target.url.reveal()
        self._template = target.template or DEFAULT
        self._templates = templates

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return the one request."""
        view = self._templates.view(bundle)
        title = markdown(view.title)
        text = self._templates.chat(view, Flavour.TEAMS, template=self._template)

        def card_of(max_units: int) -> bytes:
            shown = whole_lines(text, max_units, otherwise=title)
            return msgspec.json.encode(_message(shown, view.is_firing))

        body = largest(card_of, most=units(text), max_bytes=MAX_MESSAGE_BYTES)
        return (Call(id=bundle.id, url=self._url, body=body),)

    def judge(self, answer: Answer) -> str | Refusal:
        """Return the status, or what it means.

        A connector that was throttled answers 200 and "HTTP error 429".
        """
        if answer.is_success and b"HTTP error 429" in answer.body:
            return Refusal(reason=Reason.THROTTLED, text=answer.text, is_final=False)
        return by_status(answer)


def _message(text: str, is_firing: bool) -> dict[str, object]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [
            {
                "type": "Container",
                "style": "attention" if is_firing else "good",
                "bleed": True,
                "items": [{"type": "TextBlock", "text": text, "wrap": True}],
            }
        ],
    }
    return {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": card,
            }
        ],
    }
