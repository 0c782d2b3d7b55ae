"""ServiceNow: an event of Event Management, or an incident.

An event (``/api/global/em/jsonv2``) has a message key, by which the end clears it. An
incident (the Table API) is only opened: to find it again and close it is the work of
ServiceNow's own rules, by ``correlation_id``, which every one of an alarm group has.
Limits are those of the tables' columns: 160 characters of short_description, 4,000 of
description.
"""

from collections.abc import Sequence

import msgspec

from relay.config.incident_targets import ServiceNowTarget
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
    last_raised_of_each,
    only,
)
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import by_status
from relay.notify.receivers.http_login import login_headers, login_secrets

MAX_SHORT_CHARS = 160
MAX_DESCRIPTION_CHARS = 4_000
MAX_COLUMN_CHARS = 100

_URGENCIES = ("1", "1", "2", "3", "3")
"""By ``rank_of``; 1 is high. An event has 1 (critical) to 5 (info), 0 clears it."""
_CLEAR = "0"


class ServiceNow:
    """Posts to one instance."""

    answer_bytes = 0
    judge = staticmethod(by_status)

    def __init__(self, target: ServiceNowTarget, templates: Templates) -> None:
        base = target.url.reveal().rstrip("/")
        self._makes_events = target.record == "event"
        path = (
            "/api/global/em/jsonv2" if self._makes_events else "/api/now/table/incident"
        )
        self._url = base + path
        self._headers = {"Accept": "application/json", **login_headers(target)}
        self.secrets: Sequence[str] = login_secrets(target)
        self._fields = target.fields
        self._templates = templates

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return one request with all events, or one for each incident to open."""
        if self._makes_events:
            records = [self._event(bundle, each) for each in last_of_each(bundle)]
            return (self._call(bundle.id, {"records": records}),)
        return tuple(
            self._call(call_id(bundle, each), self._incident(bundle, each))
            for each in last_raised_of_each(bundle)
        )

    def _call(self, identity: str, document: dict[str, object]) -> Call:
        body = msgspec.json.encode(document)
        return Call(id=identity, url=self._url, headers=self._headers, body=body)

    def _event(self, bundle: Bundle, notification: Notification) -> dict[str, object]:
        view = self._templates.view(only(bundle, notification))
        alarm = view.alarms[0]
        severity = str(rank_of(alarm.severity) + 1)
        text = self._templates.text(view)
        return {
            "source": "cloudtrail-relay",
            "event_class": "CloudTrail",
            "node": shorten(alarm.where or alarm.relay, MAX_COLUMN_CHARS),
            "resource": shorten(alarm.who or alarm.name, MAX_COLUMN_CHARS),
            "metric_name": shorten(alarm.name, MAX_COLUMN_CHARS),
            "type": "alarm",
            "severity": severity if alarm.is_firing else _CLEAR,
            "message_key": episode_key(notification),
            "description": fit(text, max_chars=MAX_DESCRIPTION_CHARS),
            "additional_info": msgspec.json.encode(facts(alarm)).decode(),
            **self._fields,
        }

    def _incident(
        self, bundle: Bundle, notification: Notification
    ) -> dict[str, object]:
        alarm = alarm_of(self._templates, bundle, notification)
        text = self._templates.text(self._templates.view(only(bundle, notification)))
        urgency = _URGENCIES[rank_of(alarm.severity)]
        return {
            "short_description": shorten(alarm.title, MAX_SHORT_CHARS),
            "description": fit(text, max_chars=MAX_DESCRIPTION_CHARS),
            "urgency": urgency,
            "impact": urgency,
            "correlation_id": episode_key(notification),
            "correlation_display": "cloudtrail-relay",
            **self._fields,
        }
