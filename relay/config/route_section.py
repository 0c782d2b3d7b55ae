"""The routing tree of ``notify``: who is told of what, in Alertmanager's words."""

from pydantic import Field

from relay.config.matchers import CompiledMatcher, Matcher, Operator
from relay.config.names import LabelName
from relay.config.scalars import Duration, Switch, Text
from relay.config.section import Section


class ChildRoute(Section):
    """Notifications whose labels fit ``match`` and ``matchers`` go to ``receiver``."""

    match: dict[LabelName, str] = Field(default={})
    """Labels that must be equal."""
    matchers: tuple[CompiledMatcher, ...] = ()
    """Conditions on labels: name, then = != =~ !~, then the value or expression."""
    receiver: str | None = None
    """Without one, the parent's."""
    continue_: Switch = Field(default=False, alias="continue")
    """Look at the following siblings as well."""
    repeat_interval: Duration | None = None
    send_resolved: Switch | None = None
    mute_time_intervals: tuple[Text, ...] = ()
    """Names of time intervals in which this route tells of no alarm."""
    active_time_intervals: tuple[Text, ...] = ()
    """Names of time intervals outside of which this route tells of no alarm."""
    routes: tuple["ChildRoute", ...] = ()

    @property
    def all_matchers(self) -> tuple[Matcher, ...]:
        """``match`` and ``matchers`` together."""
        equal = (
            Matcher(name, Operator.EQUALS, value) for name, value in self.match.items()
        )
        return (*equal, *self.matchers)


class Route(Section):
    """The root of the routing tree (Alertmanager's): matches everything."""

    receiver: str
    repeat_interval: Duration = 4 * 3600.0
    """Remind as long as an alarm stays in ALARM; 0s: never."""
    send_resolved: Switch = True
    routes: tuple[ChildRoute, ...] = ()


class InhibitRule(Section):
    """While an alarm that fits the source is in ALARM, those of the target are mute."""

    source_matchers: tuple[CompiledMatcher, ...] = Field(min_length=1)
    target_matchers: tuple[CompiledMatcher, ...] = Field(min_length=1)
    equal: tuple[Text, ...] = ()
    """Labels that both must have alike; missing in both is alike."""
