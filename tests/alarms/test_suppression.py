"""The suppressor's periods, by the rules of CloudWatch's user guide."""

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from relay.alarms.suppression import Hold, Suppression

WAIT, EXTENSION, ALARM = Hold.WAIT_PERIOD, Hold.EXTENSION_PERIOD, Hold.ALARM


def suppression(wait_secs: float = 2, extension_secs: float = 3) -> Suppression:
    """Return one whose suppressor is not in ALARM."""
    return Suppression(wait_secs=wait_secs, extension_secs=extension_secs)


@dataclass
class Played:
    """When actions ran, and what held them back in the end."""

    ran: list[float] = field(default_factory=list)
    by: Hold | None = None


def play(course: str, *, wait_secs: float = 2, extension_secs: float = 3) -> Played:
    """Play ``course``: a character a second from 1 on.

    "c" the composite changes, "A" the suppressor goes into ALARM, "o" it leaves it, "."
    nothing. What is due comes first.
    """
    one, played = suppression(wait_secs, extension_secs), Played()
    waits = False
    for second, what in enumerate(course, start=1):
        if one.end(second) and waits:
            waits = False
            played.ran.append(second)
        if what in "Ao":
            one.see(second, is_in_alarm=what == "A")
        elif what == "c":
            one.change(second)
            waits = True
        if one.end(second) and waits:  # periods without any length
            waits = False
            played.ran.append(second)
    played.by = one.by
    return played


@pytest.mark.parametrize(
    ("course", "ran", "by"),
    [
        # 1: the wait period ends, and the actions run.
        (".c...", [4], None),
        # 1: the suppressor comes within it: suppressed, the wait period is gone.
        (".cA....", [], ALARM),
        # The period that is over comes before a suppressor of the same second.
        (".c.A", [4], ALARM),
        # 2: a change in between begins another wait period: OK at 3 runs at 5.
        (".cc...", [5], None),
        (".c.c...", [4, 6], None),
        # 3: nothing runs while the suppressor is in ALARM, however often it changes.
        ("A.c.c.c....", [], ALARM),
        # 4: it leaves: after the extension period the actions of the state then run.
        ("A.c.o....", [8], None),
        ("A.c.c.o....", [10], None),
        # 4: nothing to run.
        ("A...o....", [], None),
        # 4: a change within the extension period discards it, and begins a wait period.
        ("A.c.o.c....", [9], None),
        # It comes back within the extension period.
        ("A.c.oA.....", [], ALARM),
        ("A.c.oA..o....", [12], None),
        # Still within a period.
        (".c", [], WAIT),
        ("A.o", [], EXTENSION),
    ],
)
def test_the_rules_of_the_user_guide(
    course: str, ran: list[float], by: Hold | None
) -> None:
    """Wait period 2, extension period 3."""
    assert play(course) == Played(ran=ran, by=by)


@pytest.mark.parametrize(
    ("course", "ran"), [(".c.", [2]), ("A.c.o.", [5]), ("Ac.oc", [4, 5])]
)
def test_periods_may_have_no_length(course: str, ran: list[float]) -> None:
    """Then only the suppressor's own state counts."""
    assert play(course, wait_secs=0, extension_secs=0).ran == ran


def test_what_changes_nothing_is_told() -> None:
    """So that nothing has to be saved."""
    one = suppression()

    assert not one.see(1, is_in_alarm=False)
    assert one.see(2, is_in_alarm=True)
    assert not one.see(3, is_in_alarm=True)
    assert one.see(4, is_in_alarm=False)
    assert not one.see(5, is_in_alarm=False)
    assert (one.by, one.until) == (EXTENSION, 7)
    assert not one.end(6.9)
    assert one.end(7)
    assert not one.end(8)


class SuppressionMachine(RuleBasedStateMachine):
    """The rules above, told from all that has happened instead of from a state."""

    def __init__(self) -> None:
        super().__init__()
        self.one = suppression()
        self.now = 0.0
        self.changed_at: float | None = None
        self.left_at: float | None = None
        self.is_in_alarm = False

    @rule(secs=st.sampled_from([0.5, 1, 2, 3, 5]))
    def pass_time(self, secs: float) -> None:
        """Nothing happens for a while."""
        self.now += secs
        self.one.end(self.now)

    @rule()
    def change(self) -> None:
        """The composite alarm changes its state."""
        self.one.end(self.now)
        self.one.change(self.now)
        if not self.is_in_alarm:
            self.changed_at, self.left_at = self.now, None

    @rule()
    def toggle(self) -> None:
        """The suppressor goes into ALARM, or leaves it."""
        self.one.end(self.now)
        self.is_in_alarm = not self.is_in_alarm
        self.one.see(self.now, is_in_alarm=self.is_in_alarm)
        self.changed_at = None
        self.left_at = None if self.is_in_alarm else self.now

    @invariant()
    def is_suppressed_for_a_reason(self) -> None:
        """By the suppressor, by what it left, or by the last change."""
        expected: tuple[Hold | None, float | None] = None, None
        if self.is_in_alarm:
            expected = ALARM, None
        elif self.left_at is not None and self.now < self.left_at + 3:
            expected = EXTENSION, self.left_at + 3
        elif self.changed_at is not None and self.now < self.changed_at + 2:
            expected = WAIT, self.changed_at + 2
        assert (self.one.by, self.one.until) == expected


TestSuppression = SuppressionMachine.TestCase
TestSuppression.settings = settings(max_examples=60, stateful_step_count=30)
