"""What an alarm may wait for beside a threshold, as the rules say it; times in seconds.

All of them look at the matches of one metric filter, in event time.
"""

from dataclasses import dataclass

from relay.config.units import format_duration
from relay.model import Group
from relay.patterns import Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """No match for so long.

    Of an alarm with groups, either the ``expected`` groups are watched, or all that
    have been seen within ``seen_within_secs``; otherwise both are empty.
    """

    for_secs: float
    expected: tuple[Group, ...] = ()
    seen_within_secs: float | None = None

    def describe(self, _period_secs: int) -> str:
        """Say the condition in a few words."""
        return f"no match for {format_duration(self.for_secs)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValue:
    """A value of ``of`` that was not seen for ``within_secs``.

    For the first ``learn_secs`` values are only learned. At most ``max_values`` are
    remembered in a group; those that were not seen for the longest time go first.
    """

    of: Selector
    within_secs: float
    learn_secs: float
    max_values: int

    def describe(self, _period_secs: int) -> str:
        """Say the condition in a few words."""
        within = format_duration(self.within_secs)
        return f"a value of {self.of.text} that was not seen for {within}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cardinality:
    """More than so many different values of ``of`` within one period.

    At most ``max_values`` are remembered in a group, each once per stretch of time in
    which it keeps coming.
    """

    of: Selector
    more_than: int
    max_values: int

    def describe(self, period_secs: int) -> str:
        """Say the condition in a few words."""
        period = format_duration(period_secs)
        return f"more than {self.more_than} values of {self.of.text} within {period}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """At least so many ``times`` the matches of the same window ``against_secs`` ago.

    And ``at_least`` so many, which is all that counts when there were none.
    """

    times: float
    at_least: int
    against_secs: int

    def describe(self, period_secs: int) -> str:
        """Say the condition in a few words."""
        ago = format_duration(self.against_secs)
        return (
            f"{self.times:g} times the matches of {ago} before within"
            f" {format_duration(period_secs)}, and at least {self.at_least}"
        )


AnyCondition = Absent | NewValue | Cardinality | RateChange


def selector_of(condition: AnyCondition | None) -> Selector | None:
    """Return the selector of the field whose values count, if there is one."""
    if isinstance(condition, NewValue | Cardinality):
        return condition.of
    return None
