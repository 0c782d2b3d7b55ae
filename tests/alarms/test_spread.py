"""How the values of one bucket are spread."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.alarms.spread import (
    MAX_DISTINCT,
    count_inside,
    joined,
    percentile,
    spread_out,
)
from relay.config.statistics import Percentile, PercentileRank, parse_statistic


def as_percentile(text: str) -> Percentile:
    """Return the percentile of that name."""
    found = parse_statistic(text)
    assert isinstance(found, Percentile)
    return found


@given(
    values=st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=60),
    percent=st.integers(0, 100),
)
@settings(deadline=None)
def test_few_values_are_exact(values: list[float], percent: int) -> None:
    """The percentile is the value at its rank in the sorted list."""
    kept: dict[float, int] = {}

    scale = spread_out(kept, 0, ((value, 1) for value in values))

    statistic = as_percentile(f"p{percent}")
    assert scale == 0
    assert (
        percentile(kept, statistic) == sorted(values)[statistic.rank(len(values)) - 1]
    )


@pytest.mark.parametrize(
    ("decades", "error"), [(2, 0.01), (4, 0.02), (8, 0.04), (40, 0.32)]
)
def test_many_values_are_as_near_as_said(decades: int, error: float) -> None:
    """The wider they span, the coarser; never more than MAX_DISTINCT are kept."""
    draw = random.Random(decades)  # noqa: S311 - no secret
    values = [10 ** (draw.random() * decades) for _ in range(5_000)]
    kept: dict[float, int] = {}

    spread_out(kept, 0, ((value, 1) for value in values))

    assert len(kept) <= MAX_DISTINCT
    assert sum(kept.values()) == len(values)
    for text in ("p0", "p10", "p50", "p90", "p99", "p99.9", "p100"):
        exact = sorted(values)[as_percentile(text).rank(len(values)) - 1]
        assert percentile(kept, as_percentile(text)) == pytest.approx(exact, rel=error)


@given(
    values=st.lists(
        st.one_of(
            st.floats(-(2.0**360), 2.0**360, allow_nan=False),
            st.integers(-3, 3).map(float),
        ),
        max_size=900,
    ),
    seed=st.integers(),
    batch=st.integers(1, 400),
)
@settings(max_examples=40, deadline=None)
def test_the_order_and_the_batches_are_no_matter(
    values: list[float], seed: int, batch: int
) -> None:
    """Any values, in any order, all at once or bit by bit, come to the same."""
    at_once: dict[float, int] = {}
    scale_at_once = spread_out(at_once, 0, ((value, 1) for value in values))
    mixed = random.Random(seed).sample(values, len(values))  # noqa: S311 - no secret
    bit_by_bit: dict[float, int] = {}
    scale = 0
    for start in range(0, len(mixed), batch):
        part = ((value, 1) for value in mixed[start : start + batch])
        scale = spread_out(bit_by_bit, scale, part)

    assert bit_by_bit == at_once
    assert scale == scale_at_once
    assert len(at_once) <= MAX_DISTINCT
    assert sum(at_once.values()) == len(values)


def test_zero_and_the_sign_are_kept() -> None:
    """Rounding moves no value to the other side of zero, and zero not at all."""
    kept: dict[float, int] = {}
    values = [0.0, -0.0, *(float(n) for n in range(-500, 501))]

    spread_out(kept, 0, ((value, 1) for value in values))

    assert kept[0.0] == 3
    assert sum(count for value, count in kept.items() if value < 0) == 500
    assert all(map(math.isfinite, kept))


def test_counts_add_up() -> None:
    """Several buckets make one slot."""
    together = joined([{1.0: 2, 2.0: 1}, {2.0: 3}, {}])

    assert together == Counter({1.0: 2, 2.0: 4})
    inside = parse_statistic("PR(1:2)")
    assert isinstance(inside, PercentileRank)
    assert count_inside(together, inside) == 4
