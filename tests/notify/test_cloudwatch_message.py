"""The message is CloudWatch's, member for member and in order."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model import AlarmState, Evidence, Notification
from relay.model.alarms import Child
from relay.model.notify import CompositeTrigger
from relay.notify.cloudwatch_message import alarm_arn, render_json, subject
from tests.notify.examples import AT, EVIDENCE, TRIGGER, notification

DATA = Path(__file__).parent / "data"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:security"


def golden(name: str) -> str:
    """Return a golden message as CloudWatch writes one: without any white space."""
    message = json.loads((DATA / name).read_text())
    return json.dumps(message, separators=(",", ":"))


def rendered(shown: Notification, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - any option
    """Return the message of ``shown``, parsed."""
    message: dict[str, Any] = json.loads(
        render_json(shown, action_arn=TOPIC, **options)
    )
    return message


def test_a_firing_alarm_is_the_golden_message() -> None:
    """Byte for byte, without DatapointsToAlarm when the definition has none."""
    message = render_json(notification(), action_arn=TOPIC)

    assert message == golden("cloudwatch_firing.json")


def test_a_composite_alarm_is_the_golden_message() -> None:
    """With its rule and the children that triggered it, where CloudWatch has them."""
    shown = notification(
        trigger=None,
        composite=CompositeTrigger(
            rule='ALARM("child")',
            children=(Child(alarm="child", state=AlarmState.ALARM, at=AT),) * 11,
        ),
        alarm="both",
        description=None,
        reason="child transitioned to ALARM at Monday 14 September, 2026 11:18:44 UTC",
        group={},
        labels={},
        evidence=(),
        total=0,
        after_mute=True,
    )

    message = rendered(shown)

    assert len(message["TriggeringChildren"]) == 10
    message["TriggeringChildren"] = message["TriggeringChildren"][:1]
    shown_again = json.dumps(message, separators=(",", ":"))
    assert shown_again == golden("cloudwatch_composite.json")


def test_a_resolved_alarm_is_the_golden_message() -> None:
    """With null for what is not set, dimensions as value and name, SAMPLE_COUNT."""
    trigger = msgspec.structs.replace(
        TRIGGER,
        namespace="AWS/EC2",
        metric_name="CPUUtilization",
        statistic="SampleCount",
        unit="Percent",
        dimensions={"InstanceId": "i-12345678", "ImageId": "ami-1"},
        period_secs=10,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        comparison_operator="GreaterThanThreshold",
        threshold=50,
        treat_missing_data="breaching",
    )
    shown = notification(
        alarm="cpu",
        state=AlarmState.OK,
        old_state=AlarmState.ALARM,
        at=AT + 0.599,
        reason="Threshold Crossed: 1 out of the last 3 datapoints "
        "[0.0 (14/09/26 05:42:30)] was not greater than the threshold (50.0) "
        "(minimum 1 datapoint for ALARM -> OK transition).",
        trigger=trigger,
        region="us-east-1",
        description=None,
        group={},
        labels={},
        total=0,
        evidence=(),
    )

    message = render_json(shown, action_arn=None)

    assert message == golden("cloudwatch_resolved.json")


def test_a_percentile_is_an_extended_statistic() -> None:
    """Under its own member, with what is done with few samples."""
    trigger = msgspec.structs.replace(
        TRIGGER, statistic="p99.9", low_samples="evaluate"
    )

    shown = rendered(notification(trigger=trigger))["Trigger"]

    assert list(shown)[2:4] == ["StatisticType", "ExtendedStatistic"]
    assert shown["StatisticType"] == "ExtendedStatistic"
    assert shown["ExtendedStatistic"] == "p99.9"
    assert shown["EvaluateLowSampleCountPercentile"] == "evaluate"


def test_actions_are_those_that_the_alarm_has() -> None:
    """One list for each state; empty where the alarm does not tell of it."""
    told = (AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA)

    message = rendered(notification(notify_on=told))

    assert message["OKActions"] == []
    assert message["AlarmActions"] == message["InsufficientDataActions"] == [TOPIC]


def test_evidence_says_only_what_is_known() -> None:
    """Absent members are absent, userIdentity as a whole too."""
    shown = notification(evidence=(Evidence(event_name="StopLogging"),))

    events = rendered(shown)["Evidence"]["Events"]

    assert events == [{"eventName": "StopLogging"}]


def test_the_oldest_evidence_goes_first_when_the_message_is_too_large() -> None:
    """Evidence is newest first; the total still tells how many there were."""
    evidence = tuple(Evidence(event_id=f"{n:0100}") for n in range(100))
    shown = notification(evidence=evidence, total=100)

    message = render_json(shown, action_arn=TOPIC, max_bytes=5_000)

    events = json.loads(message)["Evidence"]["Events"]
    assert len(message.encode()) <= 5_000
    assert 20 < len(events) < 40
    assert [event["eventID"] for event in events] == [
        each.event_id for each in evidence[: len(events)]
    ]


def test_long_texts_are_cut_when_that_is_not_enough() -> None:
    """Description and group values are shortened, and evidence fits in again."""
    shown = notification(description="d" * 300_000, group={"$.x": "g" * 300_000})

    message = rendered(shown)

    assert message["AlarmDescription"] == "d" * 1_021 + "..."
    assert message["Group"] == {"$.x": "g" * 1_021 + "..."}
    assert len(message["Evidence"]["Events"]) == 1


def test_group_and_labels_go_when_there_are_too_many() -> None:
    """The last resort; the alarm itself is still told."""
    shown = notification(labels={f"{n}": "x" * 1_000 for n in range(1_000)})

    message = rendered(shown)

    assert (message["Labels"], message["Group"]) == ({}, {})
    assert message["AlarmName"] == "console-login-failures"


@given(
    texts=st.lists(st.text(max_size=2_000), min_size=3, max_size=3),
    evidence=st.lists(st.builds(Evidence, user_agent=st.text(max_size=2_000))),
)
def test_no_message_is_ever_larger_than_allowed(
    texts: list[str], evidence: list[Evidence]
) -> None:
    """Whatever it holds, it is JSON and fits."""
    description, reason, value = texts
    shown = notification(
        description=description,
        reason=reason,
        group={"$.x": value},
        evidence=tuple(evidence),
    )

    message = render_json(shown, action_arn=TOPIC, max_bytes=20_000)

    assert len(message.encode()) <= 20_000
    assert json.loads(message)["NewStateValue"] == "ALARM"


def test_characters_that_sqs_refuses_are_escaped() -> None:
    """U+FFFE and U+FFFF may stand in JSON but not in a message."""
    shown = notification(description="a\ufffe\uffff\x00b")

    message = render_json(shown, action_arn=None)

    assert not set("\ufffe\uffff\x00") & set(message)
    assert json.loads(message)["AlarmDescription"] == "a\ufffe\uffff\x00b"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 'ALARM: "console-login-failures" in EU (Ireland)'),
        ({"state": AlarmState.OK, "alarm": "a"}, 'OK: "a" in EU (Ireland)'),
        ({"alarm": "pässwörter 名前!"}, 'ALARM: "p_ssw_rter _!" in EU (Ireland)'),
        (
            {"alarm": "n" * 200, "region": "us-east-1"},
            f'ALARM: "{"n" * 63}..." in US East (N. Virginia)',
        ),
    ],
    ids=["plain", "ok", "not ASCII", "long"],
)
def test_subject_is_cloudwatchs(changes: dict[str, Any], expected: str) -> None:
    """At most 100 characters, exactly 100 when the name is cut, ASCII only."""
    text = subject(notification(**changes))

    assert text == expected
    assert len(text) <= 100


def test_a_long_name_fills_the_subject_exactly() -> None:
    """As CloudWatch's own do."""
    assert len(subject(notification(alarm="n" * 255))) == 100


def test_the_arn_is_of_the_regions_partition() -> None:
    """China and GovCloud have their own."""
    arn = alarm_arn(notification(region="cn-north-1", alarm="a"))

    assert arn == "arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:a"


def test_evidence_of_the_example_is_complete() -> None:
    """The golden message shows every member, so none can be forgotten."""
    assert None not in msgspec.structs.astuple(EVIDENCE)
