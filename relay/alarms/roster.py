"""The groups of one alarm: at most ``max_groups``, and which of them goes first.

Groups stand in the order of their turn: of their newest datapoint or transition. When
one too many comes, the first one that is not in ALARM goes; if all are, the first one.
"""

from collections.abc import Iterable, Iterator

from relay.alarms.condition import Condition
from relay.alarms.state import GroupState
from relay.model import AlarmState, Group


class Roster:
    """All live groups of one alarm; ``rank`` is its place in the configuration."""

    __slots__ = ("_by_state", "_turn", "condition", "rank")

    def __init__(self, condition: Condition, rank: int) -> None:
        self.condition = condition
        self.rank = rank
        # Each dict in the order of turns: whoever changes is put in again.
        self._by_state: dict[AlarmState, dict[Group, GroupState]] = {
            state: {} for state in AlarmState
        }
        self._turn = 0

    def __len__(self) -> int:
        return sum(map(len, self._by_state.values()))

    def __iter__(self) -> Iterator[GroupState]:
        for groups in self._by_state.values():
            yield from groups.values()

    @property
    def is_grouped(self) -> bool:
        """Whether groups come and go; otherwise there is one that always is."""
        return bool(self.condition.definition.group_by)

    def fits(self, group: Group) -> bool:
        """Return whether ``group`` has as many values as the definition groups by."""
        return len(group) == len(self.condition.definition.group_by)

    def get(self, group: Group) -> GroupState | None:
        """Return the live group of that name."""
        for groups in self._by_state.values():
            if (state := groups.get(group)) is not None:
                return state
        return None

    def inside(self, state: AlarmState) -> Iterable[GroupState]:
        """Return the groups that are in ``state``, by turn."""
        return self._by_state[state].values()

    def count(self, state: AlarmState) -> int:
        """Return how many groups are in ``state``."""
        return len(self._by_state[state])

    def to_evict(self, coming: int) -> GroupState | None:
        """Return the group that has to go before ``coming`` more can be placed."""
        if len(self) + coming <= self.condition.definition.max_groups:
            return None
        calm = (
            next(iter(groups.values()))
            for state, groups in self._by_state.items()
            if groups and state is not AlarmState.ALARM
        )
        first_calm = min(calm, key=lambda each: each.turn, default=None)
        return first_calm or next(iter(self.inside(AlarmState.ALARM)), None)

    def place(self, state: GroupState) -> None:
        """Let ``state`` take the last place: it has just changed, or is new."""
        self._turn += 1
        state.turn = self._turn
        self.remove(state.group)
        self._by_state[state.state][state.group] = state

    def remove(self, group: Group) -> None:
        """Take ``group`` out, if it is in."""
        for groups in self._by_state.values():
            groups.pop(group, None)

    def refill(self, states: Iterable[GroupState]) -> None:
        """Put ``states`` into an empty roster, in the order of the turns they have."""
        for state in sorted(states, key=lambda each: each.turn):
            self._turn = state.turn
            self._by_state[state.state][state.group] = state
