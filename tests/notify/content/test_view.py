"""The view: all that is to be said, worst first, bounded and harmless."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.model import AlarmState, Bundle, Evidence, Notification
from relay.model.alarms import Child
from relay.model.notify import CompositeTrigger
from relay.notify.content.view import MAX_ALARMS, Background, View, view_of
from tests.notify.content.test_escape import HOSTILE
from tests.notify.examples import AT, TRIGGER, bundle, notification

OK = AlarmState.OK


def group(*notifications: Notification, **changes: Any) -> Bundle:  # noqa: ANN401 - any member
    """Return a bundle of ``notifications``."""
    members: dict[str, Any] = {"id": "b", "receiver": "security"}
    return Bundle(**members | {"notifications": notifications} | changes)


def test_one_alarm() -> None:
    """Its own title; its state, severity and colour."""
    view = view_of(bundle())

    (alarm,) = view.alarms
    assert view.title == alarm.title == "ALARM (high): console-login-failures [alice]"
    assert view.subject == "Alarm (high): console-login-failures [alice]"
    assert (view.state, view.label, view.severity) == ("ALARM", "ALARM", "high")
    assert (view.is_firing, view.is_group) == (True, False)
    assert (view.firing, view.resolved, view.hidden, view.suppressed) == (1, 0, 0, 0)
    assert alarm.changed == "OK -> ALARM at 2026-09-14 11:18:44 UTC"
    assert alarm.condition == (
        "Sum of CISBenchmark/ConsoleLoginFailures >= 3 within 5 min"
    )
    assert alarm.relay == "111122223333, eu-west-1"
    assert alarm.group == (("$.userIdentity.userName", "alice"),)
    assert alarm.summary.startswith("user alice · ConsoleLogin (signin) · ")


@pytest.mark.parametrize(
    "changes",
    [{"state": OK, "old_state": AlarmState.ALARM}, {"repeat": True}, {"total": 9}],
)
def test_the_subject_is_the_same_for_all_mail_of_an_alarm_group(
    changes: dict[str, Any],
) -> None:
    """The alarm, a reminder, its end: one thread."""
    assert view_of(bundle(**changes)).subject == view_of(bundle()).subject


def test_several_alarms_are_told_worst_first() -> None:
    """What fires before what is over, by severity, then the newest first."""
    view = view_of(
        group(
            notification(alarm="low", severity="low"),
            notification(alarm="over", severity="critical", state=OK),
            notification(alarm="older"),
            notification(alarm="newer"),
            notification(alarm="worst", severity="critical"),
            suppressed=204,
            group_labels={"account": "1111"},
        )
    )

    names = [alarm.name for alarm in view.alarms]
    assert names == ["worst", "newer", "older", "low", "over"]
    assert view.title == (
        "ALARM (critical): 5 alarms [1111]: 4 firing, 1 resolved,"
        " 204 similar suppressed"
    )
    assert view.subject == "Alarms: 1111"
    assert (view.firing, view.resolved, view.is_group) == (4, 1, True)
    assert view.labels == (("account", "1111"),)


def test_an_alarm_that_is_over_by_now_counts_as_over() -> None:
    """Its alarm and its end came together."""
    view = view_of(
        group(
            notification(severity="critical"),
            notification(severity="critical", state=OK, old_state=AlarmState.ALARM),
        )
    )

    assert [alarm.label for alarm in view.alarms] == ["RESOLVED", "ALARM"]
    assert (view.state, view.is_firing) == ("OK", False)
    assert view.title == "OK (critical): console-login-failures: 1 resolved"
    assert view.subject == "Alarms for security"


def test_no_more_alarms_are_shown_than_can_be_read() -> None:
    """The others are counted; one that a limit suppressed makes a group as well."""
    many = [notification(alarm=f"a{number}") for number in range(MAX_ALARMS + 5)]

    assert view_of(group(*many)).hidden == 5
    assert view_of(group(notification(), suppressed=1)).is_group


def test_the_configuration_adds_names_and_log_groups() -> None:
    """The region of the console is the relay's own, or the one that is given."""
    background = Background(
        accounts={"111122223333": "prod"}, log_groups=("/relay/cloudtrail",)
    )

    own = view_of(bundle(), background=background).alarms[0]
    other = view_of(bundle(), background=background, console_region="us-east-1")

    assert own.where == "prod (111122223333), eu-west-1"
    assert own.relay == "prod (111122223333), eu-west-1"
    assert own.links[2].url.startswith("https://eu-west-1.console.aws.amazon.com/")
    assert "//us-east-1.console" in other.alarms[0].links[2].url


@pytest.mark.parametrize(
    ("changes", "condition"),
    [
        ({"evaluation_periods": 3, "datapoints_to_alarm": 2}, ", in 2 of 3 periods"),
        ({"evaluation_periods": 3}, ", in 3 of 3 periods"),
        ({"comparison_operator": "LessThanThreshold"}, " < 3 within 5 min"),
        ({"comparison_operator": "Other"}, " Other 3 within 5 min"),
        ({"condition": "no match\nfor 1h"}, "no match for 1h"),
    ],
)
def test_conditions(changes: dict[str, Any], condition: str) -> None:
    """As people write them."""
    trigger = type(TRIGGER)(
        **{name: getattr(TRIGGER, name) for name in TRIGGER.__struct_fields__} | changes
    )

    assert view_of(bundle(trigger=trigger)).alarms[0].condition.endswith(condition)


def test_a_composite_alarm_tells_its_rule_and_what_moved_it() -> None:
    """Up to five children are named."""
    children = tuple(
        Child(alarm=f"a{number}", state=AlarmState.ALARM, at=AT) for number in range(6)
    )
    composite = CompositeTrigger(rule='ALARM("a0") OR TRUE', children=children)

    alarm = view_of(
        bundle(trigger=None, composite=composite, runbook="a\nb", after_mute=True)
    ).alarms[0]

    assert alarm.condition == 'ALARM("a0") OR TRUE'
    assert alarm.cause == "a0 ALARM, a1 ALARM, a2 ALARM, a3 ALARM, a4 ALARM and 1 more"
    assert alarm.summary.endswith(f" · {alarm.cause}")
    assert alarm.runbook == "a\nb"
    assert alarm.changed.endswith(" UTC, muted until now")
    assert view_of(bundle(trigger=None)).alarms[0].condition == ""


@pytest.mark.parametrize(
    ("shown", "total", "heading"),
    [
        (0, 3, ""),
        (1, 1, "The record:"),
        (2, 2, "The 2 records, newest first:"),
        (2, 1_200, "The newest 2 of 1,200 records:"),
        (1, 0, "The record:"),
    ],
)
def test_the_heading_counts_the_records(shown: int, total: int, heading: str) -> None:
    """How many are shown, and of how many."""
    evidence = (Evidence(),) * shown

    view = view_of(bundle(evidence=evidence, total=total))

    assert view.alarms[0].heading == heading


def test_a_runbook_that_is_no_address_is_a_note() -> None:
    """It is said, but leads nowhere."""
    noted = view_of(bundle(runbook_url="ask\nBob")).alarms[0]
    linked = view_of(bundle()).alarms[0]

    assert (noted.runbook_note, linked.runbook_note) == ("ask Bob", "")


def test_what_is_not_known_is_empty() -> None:
    """Never None: templates need not ask."""
    alarm = view_of(
        bundle(description=None, severity=None, runbook_url=None, evidence=(), group={})
    ).alarms[0]

    values = (alarm.description, alarm.severity, alarm.runbook_url, alarm.summary)
    assert values == ("", "", "", "")


def texts(value: object) -> Iterator[str]:
    """Yield every text of a view."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from texts(getattr(value, field.name))


@settings(max_examples=50)
@given(st.lists(HOSTILE, min_size=10, max_size=10))
def test_every_text_is_harmless_and_short(raw: list[str]) -> None:
    """On one line, with nothing invisible, whatever the records hold."""
    hostile = Evidence(
        principal=raw[0], principal_type=raw[1], event_name=raw[2], source_ip=raw[3],
        user_agent=raw[4] * 99, error_code=raw[5], event_time=raw[6], event_id=raw[7],
        region=raw[8], account=raw[9], bucket=raw[0], key=raw[1],
    )  # fmt: skip
    view: View = view_of(
        bundle(
            alarm=raw[2], group={raw[3]: raw[4]}, description=raw[5], reason=raw[6],
            severity=raw[7], runbook_url=raw[8], evidence=(hostile,),
        )
    )  # fmt: skip

    for text in texts(view):
        assert text.replace("\n", "").isprintable()
        assert len(text) <= 2_000
    assert "\n" not in "".join(texts(dataclasses.replace(view, alarms=())))
