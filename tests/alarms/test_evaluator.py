"""CloudWatch's judgement of complete slots."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Unpack

import pytest

from relay.alarms.condition import Condition
from relay.alarms.evaluator import evaluate
from relay.alarms.reason import explain
from relay.alarms.windows import Windows
from relay.config.rules import Comparison, LowSamples, MissingData
from relay.config.statistics import Statistic, parse_statistic
from relay.model import AlarmState
from tests.alarms.alarm_values import NOON, Members, condition, point, slot, slots

VALUES = {"0": 0.0, "X": 100.0}
OWN_TABLE = json.loads(
    (Path(__file__).parent / "data" / "complete_slots.json").read_text()
)
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "alarm_vectors.json"
VECTORS = json.loads(SHARED.read_text()) if SHARED.exists() else None
needs_vectors = pytest.mark.skipif(VECTORS is None, reason="no recorded vectors here")


def above_50(**members: Unpack[Members]) -> Condition:
    """Return a condition that "X" fulfils and "0" does not."""
    members["statistic"] = Statistic.AVERAGE
    members["comparison"] = Comparison.GREATER
    members["threshold"] = 50.0
    return condition(**members)


def table_rows(rows: list[dict[str, Any]]) -> list[Any]:
    """Return one test parameter for each cell of the table."""
    return [
        pytest.param(
            row,
            MissingData(treatment),
            expected,
            id=f"{row['slots']} {row['needed']}/{row['periods']} {treatment}",
        )
        for row in rows
        for treatment, expected in row["expected"].items()
    ]


@pytest.mark.parametrize("previous", list(AlarmState))
@pytest.mark.parametrize(
    ("row", "treatment", "expected"), table_rows(OWN_TABLE["rows"])
)
def test_own_table(
    row: dict[str, Any], treatment: MissingData, expected: str, previous: AlarmState
) -> None:
    """Every row of our own table, worked out from the rules, holds in every state."""
    rule = above_50(
        evaluation_periods=row["periods"],
        datapoints_to_alarm=row["needed"],
        treat_missing_data=treatment,
    )

    verdict = evaluate(
        slots(row["slots"], VALUES, end=NOON, period_secs=300), rule, previous
    )

    assert verdict.state == (previous if expected == "keep" else expected)


@needs_vectors
def test_aws_tables() -> None:
    """All cells of AWS's two tables come out as AWS says, whatever the state was."""
    assert VECTORS is not None
    cells = [
        (row, treatment, expected, previous)
        for row in VECTORS["doc_tables"]
        for treatment, expected in row["expected"].items()
        for previous in AlarmState
    ]

    found = [
        evaluate(
            slots(row["datapoints_oldest_first"], VALUES, end=NOON, period_secs=300),
            above_50(
                evaluation_periods=row["evaluation_periods"],
                datapoints_to_alarm=row["datapoints_to_alarm"],
                treat_missing_data=MissingData(treatment),
            ),
            previous,
        ).state
        for row, treatment, _, previous in cells
    ]

    assert len(cells) == 120
    assert found == [
        previous if expected == "RETAIN" else expected
        for _, _, expected, previous in cells
    ]


@needs_vectors
@pytest.mark.parametrize(
    "row",
    VECTORS["native"] if VECTORS else [],
    ids=[row["name"] for row in VECTORS["native"]] if VECTORS else [],
)
def test_native_evaluations(row: dict[str, Any]) -> None:
    """State, wording and evaluated datapoints are those that CloudWatch itself gave."""
    queried_at = datetime.fromisoformat(row["query_time"]).replace(tzinfo=UTC)
    at = queried_at.timestamp()
    rule = above_50(
        period_secs=row["period"],
        evaluation_periods=row["evaluation_periods"],
        datapoints_to_alarm=row["datapoints_to_alarm"],
        treat_missing_data=MissingData(row["treat_missing_data"]),
        lateness_secs=10.0,
    )
    found = slots(
        row["slots_9_oldest_first"],
        VALUES,
        end=rule.watermark(at) * row["period"],
        period_secs=row["period"],
    )
    previous = AlarmState(row["prior_state"] or "INSUFFICIENT_DATA")

    verdict = evaluate(found, rule, previous)
    explanation = explain(verdict, rule, at=at)

    data = json.loads(explanation.data)
    evaluated = [
        f"{each['timestamp'][11:19]}"
        + (f"={each['value']:g}" if "value" in each else " missing")
        for each in data["evaluatedDatapoints"]
    ]
    assert len(found) == rule.range_slots
    assert verdict.state == row["expected_state"]
    assert explanation.reason == row["state_reason"]
    assert data["recentDatapoints"] == row["recent_datapoints"]
    assert evaluated == row["evaluated_datapoints"]
    assert data["queryDate"] == f"{row['query_time']}+0000"


@pytest.mark.parametrize("previous", list(AlarmState))
@pytest.mark.parametrize(
    ("samples", "low_samples", "is_judged"),
    [
        (99, LowSamples.IGNORE, False),
        (100, LowSamples.IGNORE, True),
        (1, LowSamples.EVALUATE, True),
    ],
)
def test_too_few_samples_for_a_percentile(
    samples: int, low_samples: LowSamples, is_judged: bool, previous: AlarmState
) -> None:
    """Seen at AWS: p90 of 99 samples is ignored and keeps the state, of 100 not."""
    rule = condition(
        statistic=parse_statistic("p90"), threshold=5.0, low_samples=low_samples
    )

    verdict = evaluate([slot(NOON, [9.0] * samples)], rule, previous)

    assert verdict.state is (AlarmState.ALARM if is_judged else previous)


def test_one_slot_of_too_few_samples_among_others() -> None:
    """Where it is one of those that decide, nothing is decided; an older one may be."""
    rule = condition(
        statistic=parse_statistic("p50"),
        threshold=5.0,
        evaluation_periods=2,
        low_samples=LowSamples.IGNORE,
    )
    enough, few = slot(NOON, [9.0] * 20), slot(NOON, [9.0] * 19)

    found = [
        evaluate(each, rule, AlarmState.OK).state
        for each in ([few, enough], [few, enough, enough])
    ]

    assert found == [AlarmState.OK, AlarmState.ALARM]


def test_absence_is_told_apart() -> None:
    """An ALARM that the real datapoints alone would not raise is marked."""
    rule = above_50(evaluation_periods=2, treat_missing_data=MissingData.BREACHING)

    filled = evaluate(
        slots("---X", VALUES, end=NOON, period_secs=300), rule, AlarmState.OK
    )
    real = evaluate(
        slots("--XX", VALUES, end=NOON, period_secs=300), rule, AlarmState.OK
    )

    assert (filled.state, filled.by_absence) == (AlarmState.ALARM, True)
    assert (real.state, real.by_absence) == (AlarmState.ALARM, False)


def test_a_point_counts_until_it_leaves_the_range() -> None:
    """Measured at AWS: a 900 s period decides until three of them have gone by."""
    rule = condition(period_secs=900, lateness_secs=0.0)
    windows = Windows(rule)
    seen_at = NOON + 50 * 60 + 31
    windows.add([point(seen_at)], now=seen_at)
    looks = [NOON + 95 * 60 + 51.29, NOON + 96 * 60 + 51.29]

    verdicts = [
        evaluate(
            windows.slots(rule.watermark(at), rule.range_slots), rule, AlarmState.ALARM
        )
        for at in looks
    ]

    assert [verdict.state for verdict in verdicts] == [AlarmState.ALARM, AlarmState.OK]
    assert explain(verdicts[1], rule, at=looks[1]).reason == (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing "
        "datapoint was treated as [NonBreaching]."
    )
