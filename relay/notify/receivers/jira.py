"""Jira: an issue for each alarm that is raised; Cloud and Data Center.

Reminders and ends make no issue: which transition closes one is the workflow's own
affair. The label ``relay-<key>`` is equal for all issues of an alarm group. Limits
(REST API v2): 255 characters of summary on one line, 32,767 of description.
"""

from collections.abc import Sequence

import msgspec

from relay.config.incident_targets import JiraTarget
from relay.model import Bundle, Notification
from relay.notify.content.fit import fit
from relay.notify.content.render import Templates
from relay.notify.plain import shorten
from relay.notify.receivers.episodes import (
    call_id,
    episode_key,
    last_raised_of_each,
    only,
)
from relay.notify.receivers.http import Call
from relay.notify.receivers.http_answer import by_status
from relay.notify.receivers.http_login import login_headers, login_secrets

MAX_SUMMARY_CHARS = 255
MAX_DESCRIPTION_CHARS = 32_000

_FENCE = "{noformat}"
"""Between two of these Jira reads no markup: nobody is mentioned, nothing linked."""


class Jira:
    """Creates the issues of one project."""

    answer_bytes = 0
    judge = staticmethod(by_status)

    def __init__(self, target: JiraTarget, templates: Templates) -> None:
        self._url = f"{target.url.reveal().rstrip('/')}/rest/api/2/issue"
        self._headers = {"Accept": "application/json", **login_headers(target)}
        self.secrets: Sequence[str] = login_secrets(target)
        self._target = target
        self._templates = templates

    def calls(self, bundle: Bundle) -> Sequence[Call]:
        """Return one request for each issue to create."""
        return tuple(
            Call(
                id=call_id(bundle, each),
                url=self._url,
                headers=self._headers,
                body=msgspec.json.encode({"fields": self._fields(bundle, each)}),
            )
            for each in last_raised_of_each(bundle)
        )

    def _fields(self, bundle: Bundle, notification: Notification) -> dict[str, object]:
        view = self._templates.view(only(bundle, notification))
        text = self._templates.text(view).replace(_FENCE, "{ noformat }")
        shown = fit(text, max_chars=MAX_DESCRIPTION_CHARS)
        return {
            "project": {"key": self._target.project},
            "issuetype": {"name": self._target.issue_type},
            "summary": shorten(view.alarms[0].title, MAX_SUMMARY_CHARS),
            "description": f"{_FENCE}\n{shown}\n{_FENCE}",
            "labels": [*self._target.labels, f"relay-{episode_key(notification)}"],
        }
