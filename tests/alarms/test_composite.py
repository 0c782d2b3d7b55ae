"""One composite alarm: judged, told why, saved and restored."""

import json

import msgspec
import pytest

from relay.alarms.composite import Cause, CompositeBody, CompositeKind, CompositeState
from relay.alarms.suppression import Hold
from relay.config.rules import CompositeDefinition
from relay.errors import StateError
from relay.model import AlarmKey, AlarmState, Child, Evidence, SavedAlarm
from tests.alarms.alarm_values import NOON, point
from tests.alarms.composite_values import composite, suppressed_by

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)
BOTH = composite("both", "ALARM(a) AND ALARM(b)")
AT = 1_789_384_732.496  # Monday 14 September, 2026 11:18:52.496 UTC


def begin(definition: CompositeDefinition = BOTH) -> CompositeState:
    """Return a new one."""
    (state,) = CompositeKind(definition).begin(now=NOON)
    return state


def nothing() -> Cause:
    """Return that there is nothing to show."""
    return Cause()


def judged(**states: AlarmState) -> CompositeState:
    """Return one that was judged once, with these states."""
    state = begin()
    assert state.judge(states, NOON, nothing) is not None
    return state


def test_it_begins_in_insufficient_data() -> None:
    """And is to be saved."""
    state = begin()

    assert (state.state, state.group, state.is_new) == (INSUFFICIENT, (), True)
    assert state.is_unsaved
    assert state.last_transition is None
    assert state.suppressed_by is None
    assert not state.is_kept_back


@pytest.mark.parametrize(("a", "expected"), [(ALARM, ALARM), (OK, OK)])
def test_its_first_judgement_is_its_creation(
    a: AlarmState, expected: AlarmState
) -> None:
    """ALARM where the rule is true, else OK; in CloudWatch's words, but for ARNs."""
    state = begin()

    found = state.judge({"a": a, "b": ALARM}, AT, nothing)

    assert found is not None
    assert found == state.last_transition
    assert (found.alarm, found.group) == (BOTH.key, ())
    assert (found.old, found.new, found.at) == (INSUFFICIENT, expected, AT)
    assert (
        found.reason == f"both was created and its alarm rule evaluates to {expected}"
    )
    assert found.children == (
        Child(alarm="a", state=a, at=AT),
        Child(alarm="b", state=ALARM, at=AT),
    )


def test_a_child_moves_it() -> None:
    """The reason names it and when, as does the reason's data."""
    state = judged(a=OK, b=ALARM)

    found = state.judge({"a": ALARM, "b": ALARM}, AT, nothing)

    assert found is not None
    assert (found.old, found.new) == (OK, ALARM)
    assert found.reason == (
        "a transitioned to ALARM at Monday 14 September, 2026 11:18:52 UTC"
    )
    assert json.loads(found.reason_data) == {
        "triggeringAlarms": [
            {
                "name": "a",
                "state": {
                    "value": "ALARM",
                    "timestamp": "2026-09-14T11:18:52.496+0000",
                },
            }
        ]
    }
    assert found.children == (Child(alarm="a", state=ALARM, at=AT),)


def test_what_does_not_change_the_verdict_is_noted() -> None:
    """It is no transition, but the child's state has been seen, and is saved."""
    state = judged(a=OK, b=ALARM)
    state.save()

    same = state.judge({"a": OK, "b": ALARM}, AT, nothing)
    was_unsaved = state.is_unsaved
    other = state.judge({"a": INSUFFICIENT, "b": ALARM}, AT, nothing)

    assert (same, other) == (None, None)
    assert (was_unsaved, state.is_unsaved) == (False, True)


def test_what_is_shown_is_asked_for_only_in_alarm() -> None:
    """Looking for evidence costs."""
    shown = Cause(total=7, evidence=(Evidence(event_id="e"),))
    state = judged(a=ALARM, b=OK)

    alarm = state.judge({"a": ALARM, "b": ALARM}, AT, lambda: shown)
    calm = state.judge({"a": OK, "b": ALARM}, AT, lambda: pytest.fail("not asked"))

    assert alarm is not None
    assert (alarm.total, alarm.evidence) == (7, shown.evidence)
    assert calm is not None
    assert (calm.total, calm.evidence) == (0, ())


def test_at_most_ten_children_are_named() -> None:
    """As in CloudWatch's mail; the rule may have a hundred."""
    names = [f"a{number}" for number in range(12)]
    state = begin(composite("any", " OR ".join(f"ALARM({name})" for name in names)))

    found = state.judge(dict.fromkeys(names, ALARM), AT, nothing)

    assert found is not None
    assert [child.alarm for child in found.children] == names[:10]
    assert len(json.loads(found.reason_data)["triggeringAlarms"]) == 10


def test_a_rule_that_reads_otherwise_after_an_update() -> None:
    """Without any child that has changed there still is a reason."""
    state = judged(a=ALARM, b=ALARM)
    turned = CompositeState(
        composite("both", "NOT (ALARM(a) AND ALARM(b))"),
        msgspec.msgpack.decode(state.save().body, type=CompositeBody),
    )

    found = turned.judge({"a": ALARM, "b": ALARM}, AT, nothing)

    assert found is not None
    assert found.reason == "both was created and its alarm rule evaluates to OK"


def test_no_time_and_no_datapoint_moves_it() -> None:
    """Only its children do."""
    state = judged(a=OK, b=OK)

    assert state.due() is None
    assert state.advance(NOON + 1e6) == []
    assert state.add([point(NOON)], now=NOON, until=NOON) == []
    assert (state.evictions(), state.is_spent) == (0, False)


# --- saving ---------------------------------------------------------------------------


def test_it_is_restored_as_it_was() -> None:
    """State, transition with its children, what it has seen, and its turn."""
    state = judged(a=OK, b=ALARM)
    moved = state.judge({"a": ALARM, "b": ALARM}, AT, lambda: Cause(total=3))
    state.turn = 5

    restored = CompositeKind(BOTH).restore(state.save())

    assert not state.is_unsaved
    assert restored.last_transition == moved
    assert (restored.state, restored.turn, restored.is_new) == (ALARM, 5, False)
    assert restored.judge({"a": ALARM, "b": ALARM}, AT + 1, nothing) is None
    assert not restored.is_unsaved
    assert restored.save() == state.save()


SUPPRESSED = composite("both", "ALARM(a) AND ALARM(b)", suppressed_by("s"))


def suppressed() -> CompositeState:
    """Return one whose wait period is under way."""
    state = begin(SUPPRESSED)
    assert state.suppression is not None
    state.suppression.change(NOON)
    return state


def test_a_period_under_way_is_restored() -> None:
    """Its end is durable; other lengths count from the next one on."""
    longer = composite("both", BOTH.rule.text, suppressed_by("s", 300, 300))

    restored = CompositeKind(longer).restore(suppressed().save())

    assert restored.suppression is not None
    assert restored.suppressed_by is Hold.WAIT_PERIOD
    assert restored.suppression.until == NOON + 60


@pytest.mark.parametrize(
    "definition",
    [BOTH, composite("both", BOTH.rule.text, suppressed_by("other"))],
    ids=["none", "other"],
)
def test_another_suppressor_discards_what_is_under_way(
    definition: CompositeDefinition,
) -> None:
    """As CloudWatch has it."""
    restored = CompositeKind(definition).restore(suppressed().save())

    assert restored.suppressed_by is None


def test_a_body_that_cannot_be_read() -> None:
    """The error names the alarm."""
    saved = SavedAlarm(
        alarm=AlarmKey(name="both", fingerprint="f"), group=(), body=b"\xc1"
    )

    with pytest.raises(StateError, match="alarm 'both' cannot be read"):
        CompositeKind(BOTH).restore(saved)


def test_its_only_group_is_the_one_without_values() -> None:
    """However it begins."""
    kind = CompositeKind(BOTH)

    assert (kind.holds(()), kind.holds(("x",))) == (True, False)
    assert kind.begin_group((), now=NOON, until=NOON).state is INSUFFICIENT
