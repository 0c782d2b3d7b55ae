"""Discord: an embed, by a channel's webhook; it mentions nobody.

Limits ("Embed limits" of Discord's API): 4,096 characters of description, 6,000 of all
embeds. 204 is success; 429 carries Retry-After.
"""

from collections.abc import Sequence

import msgspec

from relay.config.chat_targets import DiscordTarget
from relay.config.template_files import DEFAULT
from relay.model import Bundle
from relay.notify.content.escape import markdown
from relay.notify.content.render import Flavour, Templates
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import by_status
from relay.notify.receivers.sizes import whole_lines

MAX_DESCRIPTION_CHARS = 4_096


class Discord:
    """Posts embeds to one channel."""

    answer_bytes = 0
    secrets: Sequence[str] = ()
    judge = staticmethod(by_status)

    def __init__(self, target: DiscordTarget, templates: Templates) -> None:
        self._url = target.url.reveal()
        self._template = target.template or DEFAULT
        self._templates = templates

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return the one request."""
        view = self._templates.view(bundle)
        text = self._templates.chat(view, Flavour.DISCORD, template=self._template)
        embed = {
            "description": whole_lines(
                text, MAX_DESCRIPTION_CHARS, otherwise=markdown(view.title)
            ),
            "color": int(view.color.removeprefix("#"), 16),
        }
        message = {"embeds": [embed], "allowed_mentions": {"parse": []}}
        return (Call(id=bundle.id, url=self._url, body=msgspec.json.encode(message)),)
