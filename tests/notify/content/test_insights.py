"""The address of a Logs Insights query, character by character."""

import re
from typing import Any

import msgspec
import pytest

from relay.model import AlarmState, Evidence
from relay.model.alarms import Child
from relay.model.notify import CompositeTrigger
from relay.notify.content.insights import insights_url, query
from tests.notify.examples import AT, EVIDENCE, notification


def test_the_address_is_the_consoles_own_form() -> None:
    """Exactly as the console shows such a query in its address bar."""
    url = insights_url(
        notification(), region="eu-west-1", log_groups=("/relay/cloudtrail", "b")
    )

    assert url == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        "#logsV2:logs-insights$3FqueryDetail$3D$257E$2528"
        "end$257E$25272026-09-14T11*3a33*3a44.401Z"
        "$257Estart$257E$25272026-09-14T10*3a58*3a02.000Z"
        "$257EtimeType$257E$2527ABSOLUTE"
        "$257Etz$257E$2527UTC"
        "$257EeditorString$257E$2527"
        "fields*20*40timestamp*2c*20eventTime*2c*20eventName*2c*20userIdentity.arn*2c"
        "*20sourceIPAddress*2c*20errorCode*2c*20recipientAccountId*2c*20awsRegion"
        "*0a*7c*20filter*20eventName*20in*20*5b*22ConsoleLogin*22*5d"
        "*0a*7c*20filter*20userIdentity.userName*20*3d*20*22alice*22"
        "*0a*7c*20sort*20*40timestamp*20desc"
        "*0a*7c*20limit*201000"
        "$257Esource$257E$2528$257E$2527*2frelay*2fcloudtrail$257E$2527b$2529$2529"
    )


def test_the_query_reads_as_a_person_would_write_it() -> None:
    """The same events of the same group, newest first."""
    assert query(notification()) == (
        "fields @timestamp, eventTime, eventName, userIdentity.arn, sourceIPAddress,"
        " errorCode, recipientAccountId, awsRegion\n"
        '| filter eventName in ["ConsoleLogin"]\n'
        '| filter userIdentity.userName = "alice"\n'
        "| sort @timestamp desc\n"
        "| limit 1000"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": (Evidence(event_name='x"] | delete'),), "group": {}},
        {"evidence": (), "group": {"$.a": 'b" or 1'}},
        {"evidence": (), "group": {"$.a[0]": "b"}},
        {"evidence": (), "group": {"$.a b": "c"}},
        {"evidence": (), "group": {"$.a": "b\\"}},
        {"evidence": (), "group": {"$.a": "名前"}},
    ],
)
def test_what_cannot_be_quoted_is_left_out(changes: dict[str, Any]) -> None:
    """A record must not change what is asked."""
    assert "filter" not in query(notification(**changes))


@pytest.mark.parametrize("region", ["nowhere-1", "us-iso-east-1", "evil.example/"])
def test_no_address_for_a_console_that_is_not_known(region: str) -> None:
    """A region of a record could be any text."""
    assert insights_url(notification(), region=region, log_groups=("x",)) is None


def test_no_address_without_log_groups() -> None:
    """There would be nothing to ask."""
    assert insights_url(notification(), region="eu-west-1", log_groups=()) is None


@pytest.mark.parametrize(
    ("event_time", "start"),
    [
        ("0001-01-01T00:00:00Z", "2026-08-31T11*3a03*3a44.401Z"),
        ("never", "2026-09-14T10*3a58*3a44.401Z"),
    ],
)
def test_the_window_has_a_bound(event_time: str, start: str) -> None:
    """Two weeks at most: a query costs by what it reads."""
    shown = notification(
        at=AT, evidence=(msgspec.structs.replace(EVIDENCE, event_time=event_time),)
    )

    url = insights_url(shown, region="eu-west-1", log_groups=("x",))

    assert url is not None
    assert re.findall(r"start\$257E\$2527([^$]*)", url) == [start]


def test_a_composite_alarms_window_starts_with_its_children() -> None:
    """The first of those that moved it."""
    composite = CompositeTrigger(
        rule="x", children=(Child(alarm="a", state=AlarmState.ALARM, at=AT - 600),)
    )
    shown = notification(trigger=None, composite=composite, evidence=())

    url = insights_url(shown, region="eu-west-1", log_groups=("x",))

    assert url is not None
    assert "start$257E$25272026-09-14T10*3a53*3a44.401Z" in url
