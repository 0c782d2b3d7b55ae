"""relay.accounting.points: what goes to CloudWatch, and into which minute."""

import pytest

from relay.accounting.commits import merge
from relay.accounting.points import LogTime, add_point
from relay.model import DefaultPoints, Evidence, Match, MetricPoint, MetricSeries
from relay.state.store import Commit

SERIES = MetricSeries(namespace="n", name="m")
EVENT_TIME, DELIVERED_AT, RECEIVED_AT = 600.5, 1_000.0, 1_300.0


def match(*, value: float | None = 1.0, series: MetricSeries | None = SERIES) -> Match:
    """Return a match of a filter that is published in ``series``."""
    return Match(
        filter="f",
        event_id="id",
        time=EVENT_TIME,
        value=value,
        feeds=(),
        evidence=Evidence(),
        series=series,
    )


def point(minute: int, value: float = 1.0) -> MetricPoint:
    """Return a point of the series."""
    return MetricPoint(series=SERIES, minute=minute, value=value)


@pytest.mark.parametrize(
    ("timestamp", "minute"),
    [("delivery", 960), ("event_time", 600), ("arrival", 1_260)],
)
def test_minute_is_that_of_the_log_event(timestamp: str, minute: int) -> None:
    """There a metric filter of CloudWatch's own on the log group would put it."""
    commit = Commit(at=0.0)
    log_time = LogTime.of_object(
        timestamp,  # type: ignore[arg-type]  # one of the three
        delivered_at=DELIVERED_AT,
        received_at=RECEIVED_AT,
    )

    add_point(match(), log_time, commit)

    assert commit.points == {point(minute): 1}


def test_record_without_a_time_has_the_object_s() -> None:
    """As its log event does."""
    log_time = LogTime(fixed=None, fallback=DELIVERED_AT)

    assert log_time.of(None) == DELIVERED_AT


def test_equal_points_are_counted() -> None:
    """Matches one by one, defaults by their number."""
    commit = Commit(at=0.0)
    log_time = LogTime(fixed=60.0, fallback=0.0)

    add_point(match(), log_time, commit)
    add_point(match(), log_time, commit)
    add_point(match(value=0.0), log_time, commit)
    defaults = DefaultPoints(
        filter="f", time=None, value=0.0, count=5, feeds=(), series=SERIES
    )
    add_point(defaults, log_time, commit)

    assert commit.points == {point(60): 2, point(60, 0.0): 6}


@pytest.mark.parametrize(
    "unpublished",
    [
        pytest.param(match(series=None), id="publish: false"),
        pytest.param(match(value=None), id="no number"),
    ],
)
def test_nothing_to_publish(unpublished: Match) -> None:
    """A filter that is not published, or a match without a value."""
    commit = Commit(at=0.0)

    add_point(unpublished, LogTime(fixed=0.0, fallback=0.0), commit)

    assert commit.points == {}


def test_commits_add_up() -> None:
    """What is counted and what is done of one point in one commit."""
    commit = Commit(at=0.0, points={point(60): 5})

    merge(commit, Commit(at=0.0, points={point(60): -2, point(120): 1}))

    assert commit.points == {point(60): 3, point(120): 1}
