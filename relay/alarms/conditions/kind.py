"""How the groups of a definition with a condition begin."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from relay.alarms.conditions.group import ConditionGroup
from relay.config.rules import AlarmDefinition
from relay.model import Group, SavedAlarm

G_co = TypeVar("G_co", bound=ConditionGroup, covariant=True)


class ConditionKind(ABC, Generic[G_co]):
    """What the kinds of all these conditions have in common."""

    def __init__(self, definition: AlarmDefinition) -> None:
        self._definition = definition

    def holds(self, group: Group) -> bool:  # noqa: ARG002 - one kind looks at it
        """Return whether the alarm can have this group; as a rule, any."""
        return True

    def begin(self, *, now: float) -> Sequence[G_co]:
        """Begin the groups that are there from the start, to be looked at at once."""
        newborn = [
            self._newborn(group, now=now, is_new=True)
            for group in self._from_the_start()
        ]
        for each in newborn:
            each.is_unsaved = True
        return newborn

    def begin_group(
        self,
        group: Group,
        *,
        now: float,
        until: float,  # noqa: ARG002 - its first datapoint brings the group up to it
    ) -> G_co:
        """Begin a group at its first datapoint."""
        return self._newborn(group, now=now, is_new=False)

    @abstractmethod
    def restore(self, saved: SavedAlarm) -> G_co:
        """Return a group as it was saved; raises StateError when it is unreadable."""

    @abstractmethod
    def _newborn(self, group: Group, *, now: float, is_new: bool) -> G_co:
        """Return a new group; ``is_new`` when no datapoint brings it."""

    def _from_the_start(self) -> Sequence[Group]:
        return () if self._definition.group_by else ((),)
