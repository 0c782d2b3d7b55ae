"""What keeps an alarm from being told: inhibition, its route's times, silences; pure.

Alertmanager's stages, in its order. Whatever is held back is told when the reason ends,
if the alarm still lasts by then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from relay.config.notify_section import Notify
from relay.config.time_intervals import TimeInterval
from relay.model import Suppression
from relay.notify.calendar import is_inside, next_boundary
from relay.notify.inhibit import Inhibition, Inhibitors, Sides
from relay.notify.route import RoutedReceiver
from relay.notify.silences import Silences

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Why somebody is not told now; ``until`` is when to look again.

    ``until`` is None for what ends with an alarm, not at a time.
    """

    reason: Suppression
    until: float | None


class Mutes:
    """The mute times and the inhibition of one configuration."""

    def __init__(self, notify: Notify) -> None:
        self.inhibition = Inhibition(notify.inhibit_rules)
        self._intervals = {
            each.name: each.time_intervals for each in notify.time_intervals
        }

    def at(
        self, now: float, silences: Silences, active: Iterable[Sides] = ()
    ) -> "MutesNow":
        """Return what is mute at ``now``, while all that is ``active`` lasts."""
        return MutesNow(now, self._intervals, Inhibitors(active), silences)


class MutesNow:
    """What is mute at one moment."""

    def __init__(
        self,
        now: float,
        intervals: Mapping[str, tuple[TimeInterval, ...]],
        inhibitors: Inhibitors,
        silences: Silences,
    ) -> None:
        self._now = now
        self._intervals = intervals
        self._inhibitors = inhibitors
        self._silences = silences
        self._by_route: dict[tuple[tuple[str, ...], tuple[str, ...]], Mute | None] = {}

    def find(self, labels: Labels, sides: Sides, routed: RoutedReceiver) -> Mute | None:
        """Return what keeps ``routed`` from being told of an alarm, if anything.

        The alarm has these ``labels``, and stands on these ``sides`` of inhibition.
        """
        if self._inhibitors.silence(sides):
            return Mute(reason=Suppression.INHIBITION, until=None)
        mute = self._of_route(routed)
        if mute is not None:
            return mute
        until = self._silences.until(labels, self._now)
        if until is None:
            return None
        return Mute(reason=Suppression.SILENCE, until=until)

    def _of_route(self, routed: RoutedReceiver) -> Mute | None:
        names = (routed.active_time_intervals, routed.mute_time_intervals)
        if names == ((), ()):
            return None
        if names not in self._by_route:
            self._by_route[names] = self._by_time(*names)
        return self._by_route[names]

    def _by_time(
        self, active_names: tuple[str, ...], mute_names: tuple[str, ...]
    ) -> Mute | None:
        active, mute = self._named(active_names), self._named(mute_names)
        is_active = not active_names or is_inside(active, self._now)
        if is_active and not is_inside(mute, self._now):
            return None
        until = next_boundary((*active, *mute), self._now)
        return Mute(reason=Suppression.INTERVAL, until=until)

    def _named(self, names: tuple[str, ...]) -> tuple[TimeInterval, ...]:
        return tuple(each for name in names for each in self._intervals[name])
