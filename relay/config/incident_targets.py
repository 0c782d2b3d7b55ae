"""Services that keep alerts, incidents and tickets: from PagerDuty to Alertmanager."""

from typing import Annotated, Literal

from pydantic import Field

from relay.config.http_targets import HttpTarget, OwnServer
from relay.config.names import HttpUrl, SecretUrl
from relay.config.scalars import Duration, Text, matching
from relay.config.secrets import Secret

_Label = Annotated[str, matching(r"[^\s,]+", "is no label: it has no blanks")]


class PagerDutyTarget(HttpTarget):
    """A PagerDuty service, by the Events API v2."""

    routing_key: Secret
    """The integration key of the service or of an event orchestration."""
    api_url: HttpUrl = "https://events.pagerduty.com"
    """https://events.eu.pagerduty.com for accounts in Europe."""


class OpsgenieTarget(HttpTarget):
    """An Opsgenie team or service, by the Alert API."""

    api_key: Secret
    api_url: HttpUrl = "https://api.opsgenie.com"
    """https://api.eu.opsgenie.com for accounts in Europe."""
    tags: tuple[Text, ...] = ()


class ServiceNowTarget(OwnServer):
    """A ServiceNow instance."""

    url: SecretUrl
    """The instance: https://example.service-now.com."""
    record: Literal["event", "incident"] = "incident"
    """``event`` (Event Management) also tells of the end; ``incident`` only opens."""
    fields: dict[str, str] = Field(default={})
    """More fields of the record, such as assignment_group."""


class JiraTarget(OwnServer):
    """A Jira project: an issue for each alarm; Cloud and Data Center."""

    url: SecretUrl
    """The site: https://example.atlassian.net."""
    project: Text
    """The project's key."""
    issue_type: Text = "Task"
    labels: tuple[_Label, ...] = ("cloudtrail-relay",)


class AlertmanagerTarget(OwnServer):
    """A Prometheus Alertmanager; of a cluster, name each one as a target."""

    url: SecretUrl
    """Its address without ``/api/v2/alerts``."""
    expires_after: Duration = Field(default=24 * 3600.0, ge=1)
    """When it takes an alert for resolved that nobody repeats; longer than the
    route's repeat_interval."""
