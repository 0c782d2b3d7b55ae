"""What one call of the alarm engine has to count, and what it has changed so far."""

import math
from dataclasses import dataclass, field

from relay.alarms.kinds import AlarmGroup
from relay.alarms.roster import Roster
from relay.model import AlarmKey, Datapoint, Group, Transition

MAX_VALUE = 2.0**360
"""CloudWatch API Reference, PutMetricData: values lie between -2^360 and 2^360."""


@dataclass(slots=True, kw_only=True)
class Changes:
    """What one call has changed so far; ``touched`` and ``gone`` may still overlap."""

    now: float
    until: float
    transitions: list[Transition] = field(default_factory=list)
    touched: dict[AlarmGroup, Roster] = field(default_factory=dict)
    gone: dict[tuple[AlarmKey, Group], None] = field(default_factory=dict)
    evicted: int = 0
    values_evicted: int = 0

    @classmethod
    def begin(cls, now: float, seen_until: float | None) -> "Changes":
        """Begin at ``now``; everything up to ``seen_until``, if given, has come."""
        return cls(now=now, until=now if seen_until is None else min(now, seen_until))


@dataclass(slots=True, kw_only=True)
class Batch:
    """The datapoints of one call that go to one group, which may not be there yet."""

    roster: Roster
    group: Group
    points: list[Datapoint] = field(default_factory=list)

    def place(self) -> tuple[bool, float, int, Group]:
        """Order a call's groups whatever the order of its datapoints.

        Known groups come first, lest they make room for the new ones of their own call.
        """
        is_new = self.roster.get(self.group) is None
        newest = max([point.time for point in self.points])
        return is_new, newest, self.roster.rank, self.group


def fits(point: Datapoint, roster: Roster) -> bool:
    """Return whether ``point`` is one of the alarm's, and possible."""
    return (
        len(point.group) == len(roster.definition.group_by)
        and -MAX_VALUE <= point.value <= MAX_VALUE
        and math.isfinite(point.time)
    )
