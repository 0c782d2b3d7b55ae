"""relay.publish.batching: every request is one that CloudWatch takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model import MetricPoint, MetricSeries, PublishOutcome
from relay.publish.batching import Request, requests, sift

NOW = 1_700_000_040.0
MINUTE = 1_700_000_040 // 60 * 60
DAY = 86_400


def series(name: str = "m", namespace: str = "n", **dimensions: str) -> MetricSeries:
    """Return a series."""
    return MetricSeries(
        namespace=namespace, name=name, dimensions=tuple(dimensions.items())
    )


def point(
    value: float = 1.0, *, minute: int = MINUTE, of: MetricSeries | None = None
) -> MetricPoint:
    """Return a point."""
    return MetricPoint(series=of or series(), minute=minute, value=value)


def test_values_of_a_minute_share_a_datum() -> None:
    """Different values of one series and minute, each with its count."""
    points = {point(1.0): 3, point(2.0): 1}

    (request,) = requests(points)

    (datum,) = request.data
    assert (datum.series, datum.minute) == (series(), MINUTE)
    assert dict(datum.points) == points


def test_datum_holds_150_values() -> None:
    """Of 151 values one goes into another datum of the same minute."""
    (request,) = requests({point(float(n)): 1 for n in range(151)})

    assert [len(datum.points) for datum in request.data] == [150, 1]


def test_request_holds_1000_data() -> None:
    """The next metric goes into the next request."""
    found = list(requests({point(of=series(f"m{n}")): 1 for n in range(1_001)}))

    assert [len(request.data) for request in found] == [1_000, 1]


def test_request_holds_one_megabyte() -> None:
    """Long names and many values fill it before 1 000 metrics do."""
    points = {
        point(float(n), of=series(f"m{m}", user="u" * 1_000)): 1
        for m in range(100)
        for n in range(150)
    }

    found = list(requests(points))

    assert len(found) > 1
    for request in found:
        assert sum(datum.size_bytes for datum in request.data) <= 1_000_000


def test_request_is_of_one_namespace() -> None:
    """PutMetricData takes one a call."""
    points = {point(of=series(namespace=name)): 1 for name in ("a", "b", "a")}

    assert [request.namespace for request in requests(points)] == ["a", "b"]


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        pytest.param(
            point(minute=MINUTE - 15 * DAY), PublishOutcome.TOO_OLD, id="two weeks"
        ),
        pytest.param(
            point(minute=MINUTE + 3 * 3_600), PublishOutcome.TOO_FAR_AHEAD, id="ahead"
        ),
        pytest.param(point(2.0**361), PublishOutcome.REJECTED, id="large"),
        pytest.param(point(-(2.0**361)), PublishOutcome.REJECTED, id="small"),
        pytest.param(
            point(of=series(user="Jos\N{LATIN SMALL LETTER E WITH ACUTE}")),
            PublishOutcome.REJECTED,
            id="not ASCII",
        ),
        pytest.param(point(of=series(user="a\tb")), PublishOutcome.REJECTED, id="tab"),
        pytest.param(point(of=series(user="  ")), PublishOutcome.REJECTED, id="blank"),
        pytest.param(
            point(of=series(user="x" * 1_025)), PublishOutcome.REJECTED, id="long"
        ),
    ],
)
def test_what_cloudwatch_refuses_is_kept_back(
    refused: MetricPoint, why: PublishOutcome
) -> None:
    """One such point would have the whole request refused."""
    sifted = sift({refused: 2, point(): 1}, now=NOW)

    assert sifted.good == {point(): 1}
    assert sifted.refused == {why: {refused: 2}}


@given(
    st.dictionaries(
        st.builds(
            point,
            st.floats(-10, 10),
            minute=st.sampled_from([MINUTE, MINUTE - 60]),
            of=st.builds(series, st.sampled_from("abc"), st.sampled_from("xy")),
        ),
        st.integers(1, 1_000),
    )
)
def test_nothing_is_lost_or_doubled(points: dict[MetricPoint, int]) -> None:
    """All requests together hold exactly what was given; so do their halves."""
    found = list(requests(points))

    assert _sum(found) == points
    halves = [
        half for each in found if len(each.data) > 1 for half in each.halves()
    ] + [each for each in found if len(each.data) == 1]
    assert _sum(halves) == points


def _sum(found: list[Request]) -> dict[MetricPoint, int]:
    together: dict[MetricPoint, int] = {}
    for each in found:
        for one, times in each.points().items():
            assert one not in together
            together[one] = times
    return together
