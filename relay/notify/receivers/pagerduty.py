"""PagerDuty: one event an alarm group by the Events API v2; its end resolves it.

Limits ("Send an alert event" of PagerDuty's API): 512 KB an event, 1,024 characters of
summary, 255 of dedup_key. 202 is success, 400 final, 429 and 5xx may pass.
"""

from collections.abc import Sequence

import msgspec

from relay.clock import isoformat
from relay.config.incident_targets import PagerDutyTarget
from relay.model import Bundle, Notification
from relay.notify.content.render import Templates
from relay.notify.content.severity import rank_of
from relay.notify.content.view import AlarmView
from relay.notify.receivers.episodes import (
    alarm_of,
    call_id,
    episode_key,
    facts,
    last_of_each,
)
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import by_status
from relay.notify.receivers.sizes import largest

MAX_EVENT_BYTES = 512_000
MAX_SUMMARY_CHARS = 1_024

_SEVERITIES = ("critical", "error", "warning", "warning", "info")
"""By ``rank_of``: critical, high, medium, low, info."""


class PagerDuty:
    """Triggers and resolves the alerts of one integration."""

    answer_bytes = 0
    judge = staticmethod(by_status)

    def __init__(self, target: PagerDutyTarget, templates: Templates) -> None:
        self._routing_key = target.routing_key.reveal()
        self.secrets: Sequence[str] = (self._routing_key,)
        self._url = f"{target.api_url.rstrip('/')}/v2/enqueue"
        self._templates = templates

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return one request for each alarm group that ``bundle`` tells of."""
        return tuple(
            Call(
                id=call_id(bundle, each),
                url=self._url,
                body=self._event(bundle, each),
            )
            for each in last_of_each(bundle)
        )

    def _event(self, bundle: Bundle, notification: Notification) -> bytes:
        alarm = alarm_of(self._templates, bundle, notification)
        event: dict[str, object] = {
            "routing_key": self._routing_key,
            "event_action": "trigger" if alarm.is_firing else "resolve",
            "dedup_key": episode_key(notification),
            "client": "cloudtrail-relay",
        }
        if not alarm.is_firing:
            return msgspec.json.encode(event)

        def with_rows(count: int) -> bytes:
            details = _details(bundle, alarm, count)
            payload = _payload(notification, alarm) | {"custom_details": details}
            return msgspec.json.encode(event | {"payload": payload})

        event["links"] = [{"href": link.url, "text": link.text} for link in alarm.links]
        return largest(with_rows, most=len(alarm.rows), max_bytes=MAX_EVENT_BYTES)


def _payload(notification: Notification, alarm: AlarmView) -> dict[str, object]:
    summary = ": ".join(filter(None, (alarm.title, alarm.summary)))
    return {
        "summary": summary[:MAX_SUMMARY_CHARS],
        "source": alarm.where or alarm.relay,
        "severity": _SEVERITIES[rank_of(alarm.severity)],
        "timestamp": isoformat(notification.at),
        "component": alarm.name,
        "class": alarm.what or alarm.condition,
    }


def _details(bundle: Bundle, alarm: AlarmView, count: int) -> dict[str, object]:
    """Return what stands below, with the newest ``count`` records."""
    details: dict[str, object] = {"description": alarm.description, **facts(alarm)}
    if count:
        details["records"] = [
            f"{row.when}: {row.summary}" for row in alarm.rows[:count]
        ]
    if bundle.suppressed:
        details["suppressed"] = bundle.suppressed
    return details
