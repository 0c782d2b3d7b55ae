"""The statistics that alarms may use: how a period's datapoints become one number.

CloudWatch's five, percentiles (``p99.9``) and percentile ranks (``PR(100:2000)``), as
the CloudWatch User Guide's "CloudWatch statistics definitions" has them.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

_PERCENTILE: Final = re.compile(r"p(100(?:\.0{1,10})?|[0-9]{1,2}(?:\.[0-9]{1,10})?)")
_NUMBER: Final = r"-?(?:[0-9]{1,100}(?:\.[0-9]{0,100})?|\.[0-9]{1,100})"
_RANK: Final = re.compile(rf"PR\(({_NUMBER})?:({_NUMBER})?\)")
_TRIMMED: Final = re.compile(r"(?:tm|tc|ts|wm)[0-9.]+|(?:TM|TC|TS|WM)\(.*\)|IQM", re.I)
_LOW_SAMPLES: Final = 10


class Statistic(StrEnum):
    """CloudWatch's five, each a number that is kept with the datapoints."""

    SAMPLE_COUNT = "SampleCount"
    SUM = "Sum"
    AVERAGE = "Average"
    MINIMUM = "Minimum"
    MAXIMUM = "Maximum"


@dataclass(frozen=True, slots=True)
class Percentile:
    """``p90``: the smallest value that 90 % of the datapoints do not exceed.

    AWS does not say how it interpolates; this is always a value that occurred (nearest
    rank). ``share`` is exact, 0 to 1.
    """

    text: str
    share: Fraction

    def __str__(self) -> str:
        return self.text

    def rank(self, count: int) -> int:
        """Return which of ``count`` values in ascending order it is, from 1."""
        return max(1, math.ceil(self.share * count))

    @property
    def least_samples(self) -> int:
        """How many datapoints are not too few for it.

        CloudWatch User Guide, "Percentile-based alarms and low data samples": 10/(1-p)
        from the median up, 10/p below; p0 and p100 are extremes of any number.
        """
        rarer = min(self.share, 1 - self.share)
        return math.ceil(_LOW_SAMPLES / rarer) if rarer else 0


@dataclass(frozen=True, slots=True)
class PercentileRank:
    """``PR(100:2000)``: the percentage of values above 100 and up to 2000.

    A bound that is left out is infinite.
    """

    text: str
    lower: float
    upper: float

    def __str__(self) -> str:
        return self.text

    def holds(self, value: float) -> bool:
        """Return whether ``value`` is inside; the lower bound is not."""
        return self.lower < value <= self.upper


AnyStatistic = Statistic | Percentile | PercentileRank


def parse_statistic(text: str) -> AnyStatistic:
    """Return the statistic of that name.

    Raises ValueError, with a text that follows on the name, for everything else.
    """
    if text in set(Statistic):
        return Statistic(text)
    if found := _PERCENTILE.fullmatch(text):
        return Percentile(text=text, share=Fraction(found[1]) / 100)
    if found := _RANK.fullmatch(text):
        lower, upper = found.groups()
        rank = PercentileRank(
            text=text,
            lower=-math.inf if lower is None else float(lower),
            upper=math.inf if upper is None else float(upper),
        )
        if (lower or upper) and rank.lower < rank.upper:
            return rank
        raise ValueError("holds no value; write PR(lower:upper), lower below upper")
    if _TRIMMED.fullmatch(text):
        raise ValueError(
            "is not available: AWS does not say what becomes of a datapoint on the"
            f" border of a trimmed statistic; write {_CHOICE}"
        )
    raise ValueError(f"is no statistic; write {_CHOICE}")


_CHOICE: Final = (
    f"{', '.join(Statistic)}, a percentile (p0 to p100, such as p99.9) or a percentile"
    " rank, such as PR(100:2000)"
)
