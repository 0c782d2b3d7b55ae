"""Prometheus Alertmanager: an alert for each alarm group, and its end.

An alert is known by its labels: the alarm's own and the values of its ``group_by``,
never anything out of the evidence, so that the end has the labels of the beginning.
Alertmanager takes an alert for resolved at its ``endsAt``, which ``expires_after`` puts
off; every reminder puts it off again. The end sets it to when the alarm changed.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec

from relay.clock import Clock, isoformat
from relay.config.incident_targets import AlertmanagerTarget
from relay.model import AlarmState, Bundle, Notification
from relay.notify.content.render import Templates
from relay.notify.content.view import AlarmView
from relay.notify.plain import well_formed
from relay.notify.receivers.episodes import alarm_of, last_of_each
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import by_status
from relay.notify.receivers.http_login import login_headers, login_secrets


class Alertmanager:
    """Posts to ``/api/v2/alerts``; all alerts of a bundle in one request."""

    answer_bytes = 0
    judge = staticmethod(by_status)

    def __init__(
        self, target: AlertmanagerTarget, templates: Templates, clock: Clock
    ) -> None:
        self._url = f"{target.url.reveal().rstrip('/')}/api/v2/alerts"
        self._headers = login_headers(target)
        self.secrets: Sequence[str] = login_secrets(target)
        self._expires_after_secs = target.expires_after
        self._templates = templates
        self._clock = clock

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return the one request."""
        alerts = [self._alert(bundle, each) for each in last_of_each(bundle)]
        body = msgspec.json.encode(alerts)
        return (Call(id=bundle.id, url=self._url, headers=self._headers, body=body),)

    def _alert(self, bundle: Bundle, notification: Notification) -> dict[str, object]:
        alarm = alarm_of(self._templates, bundle, notification)
        alert: dict[str, object] = {
            "labels": alert_labels(notification),
            "annotations": _annotations(alarm),
        }
        if alarm.links:
            alert["generatorURL"] = alarm.links[0].url
        if notification.state is AlarmState.ALARM:
            alert["startsAt"] = isoformat(notification.at)
            expires_at = self._clock.now() + self._expires_after_secs
            alert["endsAt"] = isoformat(expires_at)
        else:
            # Without startsAt it keeps the one that Alertmanager has.
            alert["endsAt"] = isoformat(notification.at)
        return alert


def alert_labels(notification: Notification) -> Mapping[str, str]:
    """Return ``alertname``, the alarm's labels, and the group's: none is empty.

    A selector is named as Prometheus allows: ``$.userIdentity.userName`` becomes
    ``userIdentity_userName``.
    """
    labels = {
        **{label_name(name): value for name, value in notification.group.items()},
        **notification.labels,
        "alertname": notification.alarm,
    }
    if notification.severity:
        labels["severity"] = notification.severity
    return {name: well_formed(value) for name, value in labels.items() if value}


def label_name(selector: str) -> str:
    """Return ``selector`` as the name of a label."""
    name = re.sub(r"\W+", "_", selector.removeprefix("$."), flags=re.ASCII).strip("_")
    return f"_{name}" if not name or name[0].isdigit() else name


def _annotations(alarm: AlarmView) -> dict[str, str]:
    annotations = {
        "summary": alarm.summary or alarm.title,
        "description": alarm.description,
        "runbook_url": alarm.runbook_url,
        "who": alarm.who,
        "what": alarm.what,
        "where": alarm.where,
        "source": alarm.source,
        "when": alarm.when,
        "result": alarm.result,
        "count": alarm.count,
        "reason": alarm.reason,
    }
    return {name: text for name, text in annotations.items() if text}
