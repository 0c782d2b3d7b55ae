"""The rows of the state file that are still to be published to CloudWatch.

Plain functions over a connection; the store calls them in its thread.
"""

import sqlite3
from collections.abc import Mapping

import msgspec

from relay.model import MetricPoint, MetricSeries
from relay.state.sqlite_marks import Execute


def read_points(
    connection: sqlite3.Connection, *, limit: int, oldest_first: bool
) -> dict[MetricPoint, int]:
    """Return up to ``limit`` points with their counts, in the order of their minutes.

    All of a series' values of one minute stand together.
    """
    order = "ASC" if oldest_first else "DESC"
    rows = connection.execute(
        "SELECT minute, series, value, count FROM metric_points"  # noqa: S608 - ASC, DESC
        f" ORDER BY minute {order}, series {order}, value {order} LIMIT ?",
        (limit,),
    )
    return {
        MetricPoint(series=_series(series), minute=minute, value=value): count
        for minute, series, value, count in rows
    }


def count_points(connection: sqlite3.Connection) -> int:
    """Return how many rows wait."""
    (rows,) = connection.execute("SELECT count(*) FROM metric_points").fetchone()
    return int(rows)


def write_points(execute: Execute, points: Mapping[MetricPoint, int]) -> None:
    """Add to the counts of ``points``, or take from them; none left, no row left."""
    rows = [
        (point.minute, _text(point.series), point.value, count)
        for point, count in points.items()
        if count
    ]
    execute(
        "INSERT INTO metric_points VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET count = count + excluded.count",
        rows,
    )
    execute(
        "DELETE FROM metric_points"
        " WHERE minute = ? AND series = ? AND value = ? AND count <= 0",
        [row[:3] for row in rows if row[3] < 0],
    )


def _text(series: MetricSeries) -> str:
    return msgspec.json.encode(series).decode()


def _series(text: str) -> MetricSeries:
    return msgspec.json.decode(text, type=MetricSeries)
