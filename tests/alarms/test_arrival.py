"""``time: arrival``: alarms that are evaluated as CloudWatch evaluates them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Unpack

import pytest

from relay.alarms.engine import AlarmEngine
from relay.config.rules import AlarmTime, Comparison, MissingData
from relay.config.statistics import Statistic
from relay.model import AlarmState, Datapoint, Transition
from tests.alarms.alarm_values import NOON, Members, definition, point

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)
HOUR = 3_600.0
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "alarm_vectors.json"
VECTORS = json.loads(SHARED.read_text()) if SHARED.exists() else None
needs_vectors = pytest.mark.skipif(VECTORS is None, reason="no recorded vectors here")


def course(
    *points: Datapoint, start: float, end: float, **members: Unpack[Members]
) -> list[Transition]:
    """Return the transitions of an alarm that begins at ``start``, until ``end``.

    Each datapoint comes at its own time, and every deadline is kept.
    """
    members["time"] = AlarmTime.ARRIVAL
    engine = AlarmEngine([definition(**members)], now=start)
    transitions: list[Transition] = []

    def pass_time(until: float) -> None:
        while (due := engine.next_deadline()) is not None and due <= until:
            transitions.extend(engine.tick(now=due).transitions)

    for each in points:
        pass_time(each.time)
        transitions.extend(engine.apply([each], now=each.time).transitions)
    pass_time(end)
    return transitions


def short(transitions: list[Transition]) -> list[tuple[float, AlarmState]]:
    """Return when (seconds after noon) and whereto."""
    return [(each.at - NOON, each.new) for each in transitions]


def test_fires_at_the_next_full_minute() -> None:
    """Not before, though the breach is certain; and from then on for three periods."""
    found = course(
        point(NOON + 70, received_at=NOON + 70),
        start=NOON,
        end=NOON + 10_000,
    )

    assert short(found) == [(0, OK), (120, ALARM), (1020, OK)]
    assert found[1].reason == (
        "Threshold Crossed: 1 datapoint [1.0 (14/11/23 11:57:00)] was greater than or "
        "equal to the threshold (1.0)."
    )
    assert found[2].reason == (
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing "
        "datapoint was treated as [NonBreaching]."
    )


def test_windows_slide_by_the_minute() -> None:
    """Two datapoints 4 minutes apart meet in a period of five, wherever it begins."""
    found = course(
        point(NOON + 230),
        point(NOON + 470),
        start=NOON,
        end=NOON + 700,
        threshold=2.0,
    )

    assert short(found) == [(0, OK), (480, ALARM), (540, OK)]


@pytest.mark.parametrize("period_secs", [10, 20, 30])
def test_a_period_under_a_minute_is_looked_at_every_10_s(period_secs: int) -> None:
    """One period after its end."""
    found = course(
        point(NOON + 41),
        start=NOON,
        end=NOON + 100,
        period_secs=period_secs,
    )

    assert short(found) == [(0, OK), (50 + period_secs, ALARM)]


def test_more_than_a_day_is_looked_at_every_hour() -> None:
    """On what came up to the last full hour."""
    found = course(
        point(NOON + 60),
        point(NOON + HOUR + 60),
        start=NOON,
        end=NOON + 3 * HOUR,
        period_secs=86_400,
        evaluation_periods=2,
        datapoints_to_alarm=1,
        threshold=2.0,
    )

    assert short(found) == [(0, OK), (2 * HOUR, ALARM)]


def test_a_point_counts_until_it_leaves_the_range() -> None:
    """Measured at AWS: a 900 s period decides until three of them have gone by."""
    found = course(
        point(NOON + 50 * 60 + 31), start=NOON, end=NOON + 10_000, period_secs=900
    )

    assert short(found) == [(0, OK), (51 * 60, ALARM), (96 * 60, OK)]


def test_a_breach_fires_again_without_new_data() -> None:
    """AWS's "premature alarm": the good datapoint leaves, the bad one remains."""
    found = course(
        point(NOON + 5, 0.0),
        point(NOON + 65, 9.0),
        start=NOON,
        end=NOON + 10_000,
        period_secs=60,
        evaluation_periods=2,
        treat_missing_data=MissingData.MISSING,
        threshold=5.0,
    )

    assert short(found) == [(60, OK), (300, ALARM), (360, INSUFFICIENT)]


BEGAN_MIDWAY = {"dense-real-over-breaching", "sparse-real-over-breaching"}
"""AWS's alarms that were made just before: in ALARM first, for want of data."""

NATIVE_ALARMS = (
    sorted(
        {(r["datapoints_to_alarm"], r["treat_missing_data"]) for r in VECTORS["native"]}
    )
    if VECTORS
    else []
)


@needs_vectors
@pytest.mark.parametrize(("needed", "treatment"), NATIVE_ALARMS)
def test_native_courses(needed: int, treatment: str) -> None:
    """Fed with what AWS was fed with, alarms change when and as AWS's alarms did.

    AWS asks at any second of its 10 s; what it then looks at is what counts.
    """
    assert VECTORS is not None
    points = [
        point(datetime.fromisoformat(each["timestamp"]).timestamp(), each["value"])
        for each in VECTORS["publications_native"]
    ]
    recorded = [
        row
        for row in VECTORS["native"]
        if (row["datapoints_to_alarm"], row["treat_missing_data"])
        == (needed, treatment)
        and row["name"] not in BEGAN_MIDWAY
    ]

    found = course(
        *points,
        start=points[0].time - HOUR,
        end=points[-1].time + HOUR,
        statistic=Statistic.AVERAGE,
        comparison=Comparison.GREATER,
        threshold=50.0,
        period_secs=10,
        evaluation_periods=3,
        datapoints_to_alarm=needed,
        treat_missing_data=MissingData(treatment),
    )

    changes = [(each.at, each.new.value, each.reason) for each in found]
    assert [
        change for change in map(_recorded, recorded) if change not in changes
    ] == []


def _recorded(row: dict[str, Any]) -> tuple[float, str, str]:
    queried_at = datetime.fromisoformat(row["query_time"]).replace(tzinfo=UTC)
    at = queried_at.timestamp() // 10 * 10
    return at, row["expected_state"], row["state_reason"]
