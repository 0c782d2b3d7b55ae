"""The groups of one alarm: at most ``max_groups``, and which of them goes first.

Groups stand in the order of their turn: of the newest datapoint that has changed them,
or of their newest transition. When one too many comes, the first one that is not in
ALARM goes; if all are, the first one.
"""

from collections.abc import Iterable, Iterator

from relay.alarms.kinds import AlarmGroup, kind_of
from relay.config.rules import AnyAlarm
from relay.model import AlarmState, Group


class Roster:
    """All live groups of one alarm; ``rank`` is its place in the configuration.

    Where it ``is_grouped`` groups come and go; otherwise there is one that always is.
    """

    __slots__ = (
        "_by_state",
        "_groups",
        "_turn",
        "definition",
        "is_grouped",
        "kind",
        "rank",
    )

    def __init__(self, definition: AnyAlarm, rank: int) -> None:
        self.definition = definition
        self.kind = kind_of(definition)
        self.rank = rank
        self.is_grouped = bool(definition.group_by)
        self._groups: dict[Group, AlarmGroup] = {}
        # Each dict in the order of turns: whoever changes is put in again.
        self._by_state: dict[AlarmState, dict[Group, AlarmGroup]] = {
            state: {} for state in AlarmState
        }
        self._turn = 0

    def __len__(self) -> int:
        return len(self._groups)

    def __iter__(self) -> Iterator[AlarmGroup]:
        for groups in self._by_state.values():
            yield from groups.values()

    def fits(self, group: Group) -> bool:
        """Return whether ``group`` has as many values as the definition groups by."""
        return len(group) == len(self.definition.group_by)

    def get(self, group: Group) -> AlarmGroup | None:
        """Return the live group of that name."""
        return self._groups.get(group)

    def inside(self, state: AlarmState) -> Iterable[AlarmGroup]:
        """Return the groups that are in ``state``, by turn."""
        return self._by_state[state].values()

    def count(self, state: AlarmState) -> int:
        """Return how many groups are in ``state``."""
        return len(self._by_state[state])

    def to_evict(self, coming: int) -> AlarmGroup | None:
        """Return the group that has to go before ``coming`` more can be placed."""
        if len(self) + coming <= self.definition.max_groups:
            return None
        calm = (
            next(iter(groups.values()))
            for state, groups in self._by_state.items()
            if groups and state is not AlarmState.ALARM
        )
        first_calm = min(calm, key=lambda each: each.turn, default=None)
        return first_calm or next(iter(self.inside(AlarmState.ALARM)), None)

    def place(self, state: AlarmGroup) -> None:
        """Let ``state`` take the last place: it has just changed, or is new."""
        self._turn += 1
        state.turn = self._turn
        self.remove(state.group)
        self._groups[state.group] = state
        self._by_state[state.state][state.group] = state

    def remove(self, group: Group) -> None:
        """Take ``group`` out, if it is in."""
        if self._groups.pop(group, None) is None:
            return
        for groups in self._by_state.values():
            groups.pop(group, None)

    def refill(self, states: Iterable[AlarmGroup]) -> None:
        """Put ``states`` into an empty roster, in the order of the turns they have."""
        for state in sorted(states, key=lambda each: each.turn):
            self._turn = state.turn
            self._groups[state.group] = state
            self._by_state[state.state][state.group] = state
