"""Opsgenie: an alert for each alarm group, by its alias; the end closes it.

Limits ("Create alert" of the Alert API): 130 characters of message, 15,000 of
description, 512 of alias, 8,000 of all details. 202 is success; 422 is final.
"""

from collections.abc import Sequence

import msgspec

from relay.config.incident_targets import OpsgenieTarget
from relay.model import Bundle, Notification
from relay.notify.content.fit import fit
from relay.notify.content.render import Templates
from relay.notify.content.severity import rank_of
from relay.notify.plain import shorten
from relay.notify.receivers.episodes import (
    alarm_of,
    call_id,
    episode_key,
    facts,
    last_of_each,
    only,
)
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import by_status

MAX_MESSAGE_CHARS = 130
MAX_DESCRIPTION_CHARS = 15_000
MAX_DETAIL_CHARS = 500
MAX_ENTITY_CHARS = 512
MAX_NOTE_CHARS = 25_000
MAX_DETAILS = 14
"""With MAX_DETAIL_CHARS each, and their names, less than 8,000 characters."""


class Opsgenie:
    """Creates and closes the alerts of one integration."""

    answer_bytes = 0
    judge = staticmethod(by_status)

    def __init__(self, target: OpsgenieTarget, templates: Templates) -> None:
        key = target.api_key.reveal()
        self.secrets: Sequence[str] = (key,)
        self._url = f"{target.api_url.rstrip('/')}/v2/alerts"
        self._headers = {"Authorization": f"GenieKey {key}"}
        self._tags = target.tags
        self._templates = templates

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return one request for each alarm group that ``bundle`` tells of."""
        return tuple(self._call(bundle, each) for each in last_of_each(bundle))

    def _call(self, bundle: Bundle, notification: Notification) -> Call:
        alias = episode_key(notification)
        alarm = alarm_of(self._templates, bundle, notification)
        if alarm.is_firing:
            url, body = self._url, self._alert(bundle, notification, alias)
        else:
            url = f"{self._url}/{alias}/close?identifierType=alias"
            body = {"source": "cloudtrail-relay", "note": alarm.reason[:MAX_NOTE_CHARS]}
        return Call(
            id=call_id(bundle, notification),
            url=url,
            headers=self._headers,
            body=msgspec.json.encode(body),
        )

    def _alert(
        self, bundle: Bundle, notification: Notification, alias: str
    ) -> dict[str, object]:
        view = self._templates.view(only(bundle, notification))
        alarm = view.alarms[0]
        details = {
            name[:100]: shorten(text, MAX_DETAIL_CHARS)
            for name, text in list(facts(alarm).items())[:MAX_DETAILS]
        }
        text = self._templates.text(view)
        return {
            "message": shorten(alarm.title, MAX_MESSAGE_CHARS),
            "alias": alias,
            "description": fit(text, max_chars=MAX_DESCRIPTION_CHARS),
            "details": details,
            "entity": shorten(alarm.who or alarm.name, MAX_ENTITY_CHARS),
            "priority": f"P{rank_of(alarm.severity) + 1}",
            "source": "cloudtrail-relay",
            "tags": list(self._tags),
        }
