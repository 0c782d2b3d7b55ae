"""Which groups live, and which goes first."""

from relay.alarms.condition import Condition
from relay.alarms.roster import Roster
from relay.alarms.saved import Body
from relay.alarms.state import GroupState
from relay.config.rules import AlarmDefinition
from relay.model import AlarmState
from tests.alarms.alarm_values import BY_USER, NOON, definition


def roster(*states: AlarmState, max_groups: int = 3) -> Roster:
    """Return a roster with one group in each of ``states``, named by its place."""
    made = Roster(definition(group_by=BY_USER, max_groups=max_groups), 0)
    for number, state in enumerate(states):
        made.place(group(made, str(number), state))
    return made


def group(
    where: Roster, name: str, state: AlarmState = AlarmState.OK, turn: int = 0
) -> GroupState:
    """Return a group that is in ``state``."""
    body = Body(state=state, born_at=NOON, turn=turn, hold_until=None, judged=0)
    assert isinstance(where.definition, AlarmDefinition)
    return GroupState(Condition.of(where.definition), (name,), body)


def evicted(where: Roster, coming: int = 1) -> str | None:
    """Return who has to go."""
    state = where.to_evict(coming)
    return None if state is None else state.group[0]


def test_nobody_goes_while_there_is_room() -> None:
    """Up to ``max_groups`` may live."""
    full = roster(AlarmState.OK, AlarmState.OK, AlarmState.OK)

    assert evicted(full, coming=0) is None
    assert evicted(full, coming=1) == "0"


def test_the_first_that_is_not_in_alarm_goes() -> None:
    """Calm groups go before those in ALARM, in the order of their turns."""
    full = roster(AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA, AlarmState.OK)

    assert evicted(full) == "1"


def test_a_new_turn_puts_off_the_end() -> None:
    """Who has changed goes last."""
    full = roster(AlarmState.OK, AlarmState.INSUFFICIENT_DATA, AlarmState.OK)
    for name in ("0", "1"):
        state = full.get((name,))
        assert state is not None
        full.place(state)

    assert evicted(full) == "2"


def test_if_all_are_in_alarm_the_first_goes() -> None:
    """There is no other one to take."""
    full = roster(AlarmState.ALARM, AlarmState.ALARM, AlarmState.ALARM)

    assert evicted(full) == "0"


def test_an_empty_roster_has_nobody_to_evict() -> None:
    """Even where no group may live."""
    assert evicted(roster(max_groups=0)) is None


def test_refilling_keeps_the_turns() -> None:
    """Restored groups stand in the order they had, and new ones behind them."""
    made = roster()
    made.refill([group(made, "later", turn=9), group(made, "sooner", turn=4)])
    made.place(group(made, "new"))

    assert [state.group[0] for state in made] == ["sooner", "later", "new"]
    assert [state.turn for state in made] == [4, 9, 10]


def test_who_leaves_is_gone() -> None:
    """Also when told twice."""
    made = roster(AlarmState.OK, AlarmState.ALARM)

    made.remove(("1",))
    made.remove(("1",))

    assert made.get(("1",)) is None
    assert len(made) == 1
    assert (made.count(AlarmState.OK), made.count(AlarmState.ALARM)) == (1, 0)


def test_a_group_has_a_value_for_each_selector() -> None:
    """Groups of another shape do not belong here."""
    made = roster()

    assert made.fits(("ann",))
    assert not made.fits(())
    assert made.is_grouped
    assert made.get(("ann",)) is None
