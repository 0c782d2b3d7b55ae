"""The change of an alarm, as EventBridge and Lambda get it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model import AlarmState, Evidence
from relay.model.notify import CompositeTrigger
from relay.notify.cloudwatch_message import encode
from relay.notify.receivers.state_change import (
    bounded_reason_data,
    change,
    short_enough,
)
from tests.notify.examples import EVIDENCE, TRIGGER, notification

MAX_BYTES = 100_000


def test_a_metric_alarm_has_its_metric() -> None:
    """With dimensions and unit, where it has any."""
    trigger = msgspec.structs.replace(TRIGGER, unit="Count", dimensions={"a": "b"})

    told = change(notification(trigger=trigger))

    assert told["configuration"] == {
        "description": "Someone is guessing passwords.",
        "metrics": [
            {
                "id": "m1",
                "metricStat": {
                    "metric": {
                        "namespace": "CISBenchmark",
                        "name": "ConsoleLoginFailures",
                        "dimensions": {"a": "b"},
                    },
                    "period": 300,
                    "stat": "Sum",
                    "unit": "Count",
                },
                "returnData": True,
            }
        ],
    }


def test_a_composite_alarm_has_its_rule() -> None:
    """It has no metric."""
    composite = CompositeTrigger(rule="ALARM(a) OR ALARM(b)")

    told = change(notification(trigger=None, composite=composite))

    assert told["configuration"] == {
        "description": "Someone is guessing passwords.",
        "alarmRule": "ALARM(a) OR ALARM(b)",
    }


def test_what_is_no_alarm_of_either_kind_has_no_condition() -> None:
    """As a match that was routed out."""
    told = change(notification(trigger=None, description=None))

    assert told["configuration"] == {"description": None}


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [("", False), ("x" * 4_000, True), ("x" * 4_001, False)],
)
def test_reason_data_is_whole_or_absent(text: str, is_kept: bool) -> None:
    """It is JSON: half of it is none."""
    assert (bounded_reason_data(text) == text) is is_kept
    told = change(notification(reason_data=text))
    assert isinstance(told["state"], dict)
    assert ("reasonData" in told["state"]) is is_kept


def test_what_fits_is_left_as_it_is() -> None:
    """Nothing is taken away without need."""
    whole = notification()

    assert short_enough(whole, MAX_BYTES) is whole


def test_the_oldest_evidence_goes_first() -> None:
    """And the newest stays."""
    newest = msgspec.structs.replace(EVIDENCE, event_id="newest")
    much = notification(evidence=(newest, *[EVIDENCE] * 300))

    fitting = short_enough(much, MAX_BYTES)

    assert 1 < len(fitting.evidence) < 300
    assert fitting.evidence[0].event_id == "newest"


TEXTS = st.text(max_size=3).map(lambda text: text * 20_000)


@given(TEXTS, TEXTS, TEXTS)
def test_whatever_a_record_holds_the_change_fits(
    reason: str, description: str, agent: str
) -> None:
    """Long texts, quotes and what UTF-8 makes longer."""
    hostile = notification(
        state=AlarmState.OK,
        reason=reason,
        description=description,
        reason_data='"' * 4_000,
        group={"$.a": agent, "$.b": reason},
        evidence=(Evidence(user_agent=agent),) * 5,
    )

    fitting = short_enough(hostile, MAX_BYTES)

    assert len(encode(change(fitting))) <= MAX_BYTES
