"""Who was told of which alarm, and has not been told of its end yet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from relay.model import Group, Transition
from relay.state.store import Notified

GroupKey = tuple[str, Group]
"""An alarm's name and the group."""

_NOBODY: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """An alarm group left ALARM: what was said of it has no bearing on the next one."""

    alarm: str
    group: Group


class Told:
    """When each receiver was last told of each alarm group that is in ALARM."""

    def __init__(self, changes: Iterable[Notified | Ended] = ()) -> None:
        self._receivers: dict[GroupKey, dict[str, float]] = {}
        self.take(changes)

    def receivers(self, alarm: str, group: Group) -> Mapping[str, float]:
        """Return who was told, and when last."""
        return self._receivers.get((alarm, group), _NOBODY)

    def take(self, changes: Iterable[Notified | Ended]) -> None:
        """Note ``changes``, in their order."""
        for each in changes:
            key = (each.alarm, each.group)
            if isinstance(each, Ended):
                self._receivers.pop(key, None)
            else:
                self._receivers.setdefault(key, {})[each.receiver] = each.at

    def part(self, keys: Iterable[GroupKey]) -> "Told":
        """Return a copy of what is known of ``keys``, to be changed by itself."""
        copy = Told()
        copy._receivers = {key: dict(self.receivers(*key)) for key in keys}
        return copy

    def keep(self, active: Iterable[Transition], held: Iterable[GroupKey] = ()) -> None:
        """Forget what was said of anything but ``active``: those in ALARM, since when.

        A store keeps who was told longer than it matters. Of what is ``held`` back, it
        matters who was told of an earlier ALARM.
        """
        kept = self.part(held)
        for each in active:
            name, group = each.alarm.name, each.group
            for receiver, at in self.receivers(name, group).items():
                if at >= each.at:
                    kept._receivers.setdefault((name, group), {})[receiver] = at
        self._receivers = kept._receivers
