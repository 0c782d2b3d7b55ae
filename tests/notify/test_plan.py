"""Which transitions are told to whom."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.notify_section import Notify
from relay.config.rules import AlarmDefinition, LowSamples
from relay.config.statistics import parse_statistic
from relay.model import AlarmKey, AlarmState, Evidence, Group, OutboxEntry, Trigger
from relay.notify.plan import Plan, Planner
from relay.state.store import Notified
from tests.notify.examples import AT, definition, notification, transition

HOUR = 3_600.0
OK, ALARM, INSUFFICIENT = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA
RECEIVERS = [
    {
        "name": "security",
        "sns": [{"topic_arn": "arn:aws:sns:eu-west-1:123456789012:security"}],
        "sqs": [{"queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}],
    },
    {
        "name": "pager",
        "sns": [{"topic_arn": "arn:aws:sns:eu-west-1:123456789012:pager"}],
    },
    {"name": "nobody"},
]
SECURITY = {"receiver": "security"}


def planner(
    route: Mapping[str, Any] = SECURITY, *definitions: AlarmDefinition
) -> Planner:
    """Return a planner of ``route`` and the example alarm, or of others."""
    return Planner(
        Notify.model_validate({"receivers": RECEIVERS, "route": route}),
        definitions or [definition()],
        account="111122223333",
        region="eu-west-1",
        configured_at=AT - 86_400,
    )


def targets(plan: Plan) -> list[tuple[str, str]]:
    """Return (receiver, kind of target) of every entry of ``plan``."""
    return [(each.receiver, each.target.split(":")[0]) for each in plan.entries]


# --- transitions ----------------------------------------------------------------------


def test_an_entry_for_each_target_of_the_receiver() -> None:
    """And a note that the receiver was told, to remind it by."""
    plan = planner().plan([transition()], now=AT + 1)

    assert targets(plan) == [("security", "sns"), ("security", "sqs")]
    assert {each.created_at for each in plan.entries} == {AT + 1}
    assert plan.notified == (
        Notified(
            alarm="console-login-failures",
            group=("alice",),
            receiver="security",
            at=AT + 1,
        ),
    )


def test_a_notification_says_all_of_definition_and_transition() -> None:
    """The example notification is what the example transition gives."""
    plan = planner().plan([transition()], now=AT)

    sent = plan.entries[0].notification
    assert sent == notification(id=sent.id, reason="Threshold Crossed")


def test_a_trigger_is_the_definitions_condition() -> None:
    """With dimensions and unit where there are any."""
    other = definition(
        metric=definition().metric.__class__(
            namespace="N", name="M", dimensions=(("Account", "1"),)
        ),
        unit="Bytes",
        datapoints_to_alarm=2,
        evaluation_periods=3,
        period_secs=60,
    )

    plan = planner(SECURITY, other).plan([transition()], now=AT)

    assert plan.entries[0].notification.trigger == Trigger(
        namespace="N",
        metric_name="M",
        statistic="Sum",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=3.0,
        period_secs=60,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        treat_missing_data="notBreaching",
        unit="Bytes",
        dimensions={"Account": "1"},
    )


@pytest.mark.parametrize(
    ("old", "new", "send_resolved", "is_told"),
    [
        (OK, ALARM, True, True),
        (INSUFFICIENT, ALARM, False, True),
        (ALARM, OK, True, True),
        (ALARM, INSUFFICIENT, True, True),
        (ALARM, OK, False, False),
        (ALARM, INSUFFICIENT, False, False),
        (OK, INSUFFICIENT, True, False),
        (INSUFFICIENT, OK, True, False),
    ],
)
def test_only_what_concerns_alarm_is_told(
    old: AlarmState, new: AlarmState, send_resolved: bool, is_told: bool
) -> None:
    """Into ALARM always, out of it when wanted, between the others never."""
    route = SECURITY | {"send_resolved": send_resolved}

    plan = planner(route).plan([transition(old=old, new=new)], now=AT)

    assert bool(plan.entries) is is_told
    assert bool(plan.notified) is (new is ALARM)


EVERYTHING = frozenset(AlarmState)


@pytest.mark.parametrize(
    ("notify_on", "told"),
    [
        (frozenset(), []),
        ({ALARM}, ["OK>ALARM", "INSUFFICIENT_DATA>ALARM"]),
        ({OK}, ["ALARM>OK", "ALARM>INSUFFICIENT_DATA"]),
        ({INSUFFICIENT}, ["OK>INSUFFICIENT_DATA", "ALARM>INSUFFICIENT_DATA"]),
        (
            EVERYTHING,
            [
                "OK>ALARM",
                "OK>INSUFFICIENT_DATA",
                "ALARM>OK",
                "ALARM>INSUFFICIENT_DATA",
                "INSUFFICIENT_DATA>OK",
                "INSUFFICIENT_DATA>ALARM",
            ],
        ),
    ],
    ids=["nothing", "ALARM", "OK", "INSUFFICIENT_DATA", "everything"],
)
def test_an_alarm_tells_of_the_states_it_names(
    notify_on: set[AlarmState], told: list[str]
) -> None:
    """The end of an ALARM counts as OK; what is not about ALARM is told on demand."""
    alarm = definition(notify_on=frozenset(notify_on))
    changes = [(old, new) for old in AlarmState for new in AlarmState if old is not new]

    found = [
        f"{old}>{new}"
        for old, new in changes
        if planner(SECURITY, alarm).plan([transition(old=old, new=new)], now=AT).entries
    ]

    assert found == told


def test_no_reminder_of_what_was_not_told() -> None:
    """An alarm that does not tell of ALARM does not remind of it either."""
    alarm = definition(notify_on=frozenset({OK}))
    route = SECURITY | {"repeat_interval": "1h"}

    assert planner(route, alarm).next_reminder([transition()], {}) is None


def test_a_staged_alarm_tells_nobody() -> None:
    """Neither at once nor as a reminder."""
    staged = planner(SECURITY, definition(staged=True))

    assert staged.plan([transition()], now=AT) == Plan()
    assert staged.next_reminder([transition()], {}) is None


def test_a_percentile_is_told_with_its_treatment_of_few_samples() -> None:
    """Which plays no part for other statistics."""
    alarm = definition(
        statistic=parse_statistic("p99.9"),
        low_samples=LowSamples.IGNORE,
        notify_on=EVERYTHING,
    )

    plan = planner(SECURITY, alarm).plan([transition()], now=AT)

    sent = plan.entries[0].notification
    assert (sent.trigger.statistic, sent.trigger.low_samples) == ("p99.9", "ignore")
    assert set(sent.notify_on) == EVERYTHING


def test_entries_of_one_plan_keep_their_order_in_a_store() -> None:
    """A store sorts by ``created_at``: an alarm's end must not come before it."""
    both = [transition(), transition(old=ALARM, new=OK)]

    entries = planner().plan(both, now=AT).entries

    states = [each.notification.state for each in sorted(entries, key=_created_at)]
    assert states == [ALARM, ALARM, OK, OK]
    assert entries[0].created_at == entries[1].created_at < entries[2].created_at


def _created_at(entry: OutboxEntry) -> float:
    return entry.created_at


def test_an_alarm_without_actions_tells_nobody() -> None:
    """``actions_enabled: false``, as CloudWatch's ActionsEnabled."""
    silent = planner(SECURITY, definition(actions_enabled=False))

    assert silent.plan([transition()], now=AT) == Plan()
    assert silent.next_reminder([transition()], {}) is None


def test_an_alarm_of_another_configuration_is_passed_over() -> None:
    """Its definition is gone or has another fingerprint."""
    gone = transition(alarm=AlarmKey(name="console-login-failures", fingerprint="f0"))

    plan = planner().plan([gone, transition()], now=AT)

    assert len(plan.entries) == 2


def test_a_receiver_without_targets_gets_nothing() -> None:
    """A name alone is no target."""
    assert planner({"receiver": "nobody"}).plan([transition()], now=AT).entries == ()


def test_routes_decide_by_the_alarms_labels() -> None:
    """One notification, the same id, to every receiver it is routed to."""
    route = SECURITY | {
        "routes": [
            {"match": {"severity": "high"}, "receiver": "pager", "continue": True},
            {"match": {}, "receiver": "security"},
        ]
    }

    plan = planner(route).plan([transition()], now=AT)

    assert [each.receiver for each in plan.entries] == ["pager", "security", "security"]
    assert len({each.notification.id for each in plan.entries}) == 1


# --- ids ------------------------------------------------------------------------------


def test_the_same_transition_gives_the_same_ids() -> None:
    """A replay after a crash finds the entries that are there already."""
    first = planner().plan([transition()], now=AT)
    again = planner().plan([transition(evidence=())], now=AT + 60)

    assert [each.id for each in first.entries] == [each.id for each in again.entries]


OTHERS: list[dict[str, Any]] = [
    {},
    {"group": ("bob",)},
    {"group": ("alice", "")},
    {"new": OK, "old": ALARM},
    {"at": AT + 0.001},
]


def test_whatever_differs_gives_other_ids() -> None:
    """Group, state, time, target and receiver each tell entries apart."""
    changed = [transition(**changes) for changes in OTHERS]

    entries = planner().plan(changed, now=AT).entries

    assert len({each.id for each in entries}) == 2 * len(OTHERS)
    assert len({each.notification.id for each in entries}) == len(OTHERS)


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_entries_can_always_be_stored(value: str, agent: str) -> None:
    """JSON's escapes can hold lone surrogates; a store's encoding cannot."""
    hostile = transition(group=(value,), evidence=(Evidence(user_agent=agent),))

    (entry, _) = planner().plan([hostile], now=AT).entries

    assert msgspec.json.decode(msgspec.json.encode(entry), type=OutboxEntry) == entry


# --- reminders ------------------------------------------------------------------------


def told(at: float, receiver: str = "security") -> dict[tuple[str, Group, str], float]:
    """Return that ``receiver`` was last told of the example alarm at ``at``."""
    return {("console-login-failures", ("alice",), receiver): at}


def test_a_reminder_is_due_after_the_repeat_interval() -> None:
    """Not before; four hours by default."""
    active = [transition()]

    assert planner().next_reminder(active, told(AT)) == AT + 4 * HOUR
    assert planner().reminders(active, told(AT), now=AT + 4 * HOUR - 1) == Plan()

    plan = planner().reminders(active, told(AT), now=AT + 4 * HOUR)

    assert targets(plan) == [("security", "sns"), ("security", "sqs")]
    assert [each.at for each in plan.notified] == [AT + 4 * HOUR]


def test_a_reminder_is_a_notification_of_its_own() -> None:
    """Marked as a repeat, with another id, and not counted as a delay."""
    first = planner().plan([transition()], now=AT).entries[0]
    due = planner().reminders([transition()], told(AT), now=AT + 4 * HOUR).entries[0]
    next_due = planner().reminders(
        [transition()], told(AT + 4 * HOUR), now=AT + 8 * HOUR
    )

    reminder = due.notification
    assert (reminder.repeat, reminder.state, reminder.at) == (True, ALARM, AT)
    assert reminder.received_at is None
    assert len({first.id, due.id, next_due.entries[0].id}) == 3


def test_one_reminder_however_late() -> None:
    """After a long stop nobody is reminded several times at once."""
    plan = planner().reminders([transition()], told(AT), now=AT + 100 * HOUR)

    assert len(plan.entries) == 2


def test_a_receiver_that_was_never_told_counts_as_told_at_the_transition() -> None:
    """So does one that was last told of an earlier time in ALARM."""
    expected = AT + 4 * HOUR

    assert planner().next_reminder([transition()], {}) == expected
    assert planner().next_reminder([transition()], told(AT - HOUR)) == expected


def test_zero_means_no_reminders() -> None:
    """``repeat_interval: 0s``."""
    once = planner(SECURITY | {"repeat_interval": "0s"})

    assert once.next_reminder([transition()], told(AT)) is None
    assert once.reminders([transition()], told(AT), now=AT + 100 * HOUR) == Plan()


def test_every_receiver_has_its_own_interval() -> None:
    """The next reminder is the soonest of all."""
    route = SECURITY | {
        "routes": [
            {"receiver": "pager", "repeat_interval": "1h", "continue": True},
            {"receiver": "security"},
        ]
    }
    both = told(AT) | told(AT, "pager")

    assert planner(route).next_reminder([transition()], both) == AT + HOUR

    plan = planner(route).reminders([transition()], both, now=AT + 2 * HOUR)

    assert targets(plan) == [("pager", "sns")]


def test_without_active_alarms_nobody_waits() -> None:
    """Nothing to come back for."""
    assert planner().next_reminder([], {}) is None
