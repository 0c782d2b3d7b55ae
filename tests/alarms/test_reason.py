"""CloudWatch's words for a verdict."""

import json
from collections.abc import Sequence

import pytest

from relay.alarms.condition import Condition
from relay.alarms.evaluator import evaluate
from relay.alarms.reason import (
    MAX_REASON_CHARS,
    MAX_REASON_DATA_CHARS,
    explain,
    explain_calm,
    format_double,
)
from relay.config.rules import Comparison, MissingData
from relay.config.statistics import Statistic
from relay.model import AlarmState
from tests.alarms.alarm_values import NOON, condition, slots

VALUES = {"0": 0.0, "2": 2.0, "7": 7.0, "9": 9.5}


def reason(
    text: str, rule: Condition, previous: AlarmState = AlarmState.INSUFFICIENT_DATA
) -> str:
    """Return the reason of the verdict on the slots ``text`` that end at noon."""
    period_secs = rule.definition.period_secs
    found = slots(text, VALUES, end=NOON, period_secs=period_secs)
    return explain(evaluate(found, rule, previous), rule, at=NOON).reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (100.0, "100.0"),
        (0.0666851903306472, "0.0666851903306472"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (9_999_999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-123_456_789.5, "-1.234567895E8"),
        (2.0**360, "2.3485425827738332E108"),
    ],
)
def test_doubles_are_written_as_java_does(value: float, text: str) -> None:
    """Plain between 10^-3 and 10^7, else with an exponent; always with a decimal."""
    assert format_double(value) == text


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        (Comparison.GREATER_OR_EQUAL, "greater than or equal to"),
        (Comparison.GREATER, "greater than"),
        (Comparison.LESS, "less than"),
        (Comparison.LESS_OR_EQUAL, "less than or equal to"),
    ],
)
def test_operators(comparison: Comparison, words: str) -> None:
    """Each comparison has its words, negated when the alarm is over."""
    rule = condition(comparison=comparison, threshold=5.0)
    value, other = ("7", "2") if "greater" in words else ("2", "7")

    breach, calm = reason(f"--{value}", rule), reason(f"--{other}", rule)

    assert f"was {words} the threshold (5.0)." in breach
    assert f"was not {words} the threshold (5.0)." in calm


@pytest.mark.parametrize(
    ("text", "periods", "expected"),
    [
        ("--9", 1, "1 datapoint [9.5 (14/11/23 11:55:00)] was greater"),
        (
            "--79",
            2,
            "2 datapoints [9.5 (14/11/23 11:55:00), 7.0 (14/11/23 11:50:00)] were "
            "greater",
        ),
        (
            "77777777",
            6,
            "6 datapoints were greater than or equal to the threshold (5.0). The most "
            "recent datapoints which crossed the threshold: [7.0 (14/11/23 11:55:00), "
            "7.0 (14/11/23 11:50:00), 7.0 (14/11/23 11:45:00), 7.0 (14/11/23 11:40:00),"
            " 7.0 (14/11/23 11:35:00)].",
        ),
        (
            "----9",
            3,
            "1 datapoint was received for 3 periods and 2 missing datapoints were "
            "treated as [NonBreaching].",
        ),
    ],
)
def test_short_form(text: str, periods: int, expected: str) -> None:
    """Without ``datapoints_to_alarm``: no minimum is named, and five at most listed."""
    rule = condition(threshold=5.0, evaluation_periods=periods)

    assert reason(text, rule).startswith(f"Threshold Crossed: {expected}")


def test_short_form_for_one_period() -> None:
    """The commonest reason of all, word for word."""
    assert reason("--9", condition(threshold=5.0)) == (
        "Threshold Crossed: 1 datapoint [9.5 (14/11/23 11:55:00)] was greater than or "
        "equal to the threshold (5.0)."
    )


def test_long_form() -> None:
    """With ``datapoints_to_alarm``: out of how many, fillings, and the minimum."""
    rule = condition(threshold=5.0, evaluation_periods=20, datapoints_to_alarm=1)

    assert reason("-" * 20 + "9-", rule) == (
        "Threshold Crossed: 1 out of the last 20 datapoints [9.5 (14/11/23 11:50:00)] "
        "was greater than or equal to the threshold (5.0) and 19 missing datapoints "
        "were treated as [NonBreaching] (minimum 1 datapoint for OK -> ALARM "
        "transition)."
    )


def test_long_form_without_support() -> None:
    """Where only fillings decide, there is no list to give."""
    rule = condition(
        threshold=5.0,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        treat_missing_data=MissingData.BREACHING,
    )

    assert reason("----2", rule) == (
        "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing "
        "datapoints were treated as [Breaching]."
    )


@pytest.mark.parametrize(
    ("treatment", "periods", "expected"),
    [
        (
            MissingData.NOT_BREACHING,
            1,
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing "
            "datapoint was treated as [NonBreaching].",
        ),
        (
            MissingData.BREACHING,
            3,
            "Threshold Crossed: no datapoints were received for 3 periods and 3 "
            "missing datapoints were treated as [Breaching].",
        ),
        (MissingData.MISSING, 1, "Insufficient Data: 1 datapoint was unknown."),
        (MissingData.MISSING, 3, "Insufficient Data: 3 datapoints were unknown."),
    ],
)
def test_without_data(treatment: MissingData, periods: int, expected: str) -> None:
    """No datapoints at all: said in CloudWatch's words."""
    rule = condition(evaluation_periods=periods, treat_missing_data=treatment)

    assert reason("-" * (periods + 2), rule) == expected


def test_nothing_that_breaches_came() -> None:
    """The words of our own name the periods."""
    rule = condition(evaluation_periods=2)
    verdict = evaluate([], rule, AlarmState.OK)

    explanation = explain_calm(verdict, rule, at=NOON)

    assert explanation.reason == (
        "Threshold Crossed: no breaching datapoints were received for 2 periods."
    )


def test_reason_data() -> None:
    """Members stand in CloudWatch's order, values as Java writes them."""
    rule = condition(threshold=5e7, unit="Count", statistic=Statistic.AVERAGE)
    found = slots("0-2", VALUES, end=NOON, period_secs=300)

    data = explain(evaluate(found, rule, AlarmState.ALARM), rule, at=NOON + 0.2506).data

    assert data == (
        '{"version":"1.0","queryDate":"2023-11-14T12:00:00.251+0000",'
        '"startDate":"2023-11-14T11:55:00.000+0000","unit":"Count",'
        '"statistic":"Average","period":300,"recentDatapoints":[2.0],'
        '"threshold":5.0E7,"evaluatedDatapoints":['
        '{"timestamp":"2023-11-14T11:55:00.000+0000","sampleCount":1.0,"value":2.0}]}'
    )


@pytest.mark.parametrize("needed", [None, 300])
def test_limits_hold_for_very_many_datapoints(needed: int | None) -> None:
    """Long lists are cut, the newest stay, and the JSON remains JSON."""
    rule = condition(threshold=5.0, evaluation_periods=300, datapoints_to_alarm=needed)
    found = slots("9" * 302, VALUES, end=NOON, period_secs=300)

    explanation = explain(evaluate(found, rule, AlarmState.OK), rule, at=NOON)

    data = json.loads(explanation.data)
    newest: Sequence[dict[str, object]] = data["evaluatedDatapoints"]
    assert len(explanation.reason) <= MAX_REASON_CHARS
    assert len(explanation.data) <= MAX_REASON_DATA_CHARS
    assert "9.5 (14/11/23 11:55:00)" in explanation.reason
    assert newest[0]["timestamp"] == "2023-11-14T11:55:00.000+0000"
    assert len(data["recentDatapoints"]) > 10


def test_a_sparse_range_of_very_many_slots_fits_too() -> None:
    """Gaps between two datapoints are cut like datapoints."""
    rule = condition(threshold=5.0, period_secs=60, evaluation_periods=1440)
    found = slots("9" + "-" * 1440 + "9", VALUES, end=NOON, period_secs=60)

    explanation = explain(evaluate(found, rule, AlarmState.ALARM), rule, at=NOON)

    assert len(explanation.data) <= MAX_REASON_DATA_CHARS
    assert json.loads(explanation.data)["recentDatapoints"][-1] == 9.5
