"""Where a reader goes next: the event and the log in AWS's console, and the runbook."""

from dataclasses import dataclass
from urllib.parse import quote

from relay.config.names import is_http_url
from relay.model import Notification
from relay.notify.content.insights import insights_url
from relay.notify.plain import one_line
from relay.notify.regions import event_url

RUNBOOK = "Runbook"
"""The text of the link to the runbook."""

_MAX_URL_CHARS = 2_000
# What RFC 3986 allows, without what ends a link in some medium: parentheses, brackets
# and quotes are percent-encoded.
_KEPT = ":/?#@!$&+,;=%~-._*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A text to click on, and where it leads: an http(s) URL that is safe anywhere."""

    text: str
    url: str


def links_of(
    notification: Notification, *, log_groups: tuple[str, ...], console_region: str
) -> tuple[Link, ...]:
    """Return the links: the newest event first, then the runbook, then the log."""
    newest = notification.evidence[0] if notification.evidence else None
    found = {
        "Event in CloudTrail": newest
        and event_url(newest.region or "", newest.event_id or ""),
        RUNBOOK: notification.runbook_url,
        "Query the log": insights_url(
            notification, region=console_region, log_groups=log_groups
        ),
    }
    links = ((text, safe_url(url or "")) for text, url in found.items())
    return tuple(Link(text=text, url=url) for text, url in links if url)


def safe_url(url: str) -> str:
    """Return ``url`` so that no character of it can end a link; "" if it is none.

    Only http and https lead anywhere: ``javascript:`` and the like do not.
    """
    if not is_http_url(url) or len(url) > _MAX_URL_CHARS or one_line(url, 2_000) != url:
        return ""
    return quote(url, safe=_KEPT)
