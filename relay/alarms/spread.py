"""How the values of one bucket are spread, for percentiles: exact while they are few.

A map from value to count. Beyond MAX_DISTINCT different values they are rounded, each
to within 1 % of itself (a value then stands for its interval on a logarithmic scale);
when that does not make them few enough, to within 2 %, 4 % and so on: one bucket of
values that span four orders of magnitude stays within 2 %. The intervals of a coarser
scale are made of whole ones of the finer scale, so nothing is rounded twice, and the
result does not depend on the order in which values come.
"""

import math
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Final

from relay.config.statistics import Percentile, PercentileRank

MAX_DISTINCT: Final = 256
"""Different values of one bucket; of 60 s as a rule."""

_FINEST_RATIO: Final = math.log(1.02)
"""The natural logarithm of an interval's upper bound to its lower one, at scale 1."""


def spread_out(
    values: dict[float, int], scale: int, added: Iterable[tuple[float, int]]
) -> int:
    """Add (value, count) pairs to ``values``, kept at ``scale``; return the new scale.

    Scale 0 is exact, each further one rounds twice as coarsely as the one before.
    """
    for value, count in added:
        kept = _rounded(value, scale) if scale else value
        values[kept] = values.get(kept, 0) + count
    while len(values) > MAX_DISTINCT:
        scale += 1
        finer = list(values.items())
        values.clear()
        for value, count in finer:
            kept = _rounded(value, scale)
            values[kept] = values.get(kept, 0) + count
    return scale


def joined(parts: Iterable[Mapping[float, int]]) -> Mapping[float, int]:
    """Return the values of all ``parts`` together."""
    together: dict[float, int] = {}
    for part in parts:
        for value, count in part.items():
            together[value] = together.get(value, 0) + count
    return together


def percentile(values: Mapping[float, int], statistic: Percentile) -> float:
    """Return the value at the percentile's rank; ``values`` are not empty."""
    ordered = sorted(values)
    ranks = accumulate(values[value] for value in ordered)
    wanted = statistic.rank(sum(values.values()))
    return next(
        value
        for value, reached in zip(ordered, ranks, strict=True)
        if reached >= wanted
    )


def count_inside(values: Mapping[float, int], statistic: PercentileRank) -> int:
    """Return how many of ``values`` lie between the bounds of ``statistic``."""
    return sum(count for value, count in values.items() if statistic.holds(value))


def _rounded(value: float, scale: int) -> float:
    """Return what stands for ``value``: the point that is as near to both ends."""
    if value == 0:
        return 0.0
    width = _FINEST_RATIO * 2.0 ** (scale - 1)
    upper = math.exp(math.ceil(math.log(abs(value)) / width) * width)
    return math.copysign(2 * upper / (math.exp(width) + 1), value)
