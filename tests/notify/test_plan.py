"""Which transitions are told to whom."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.notify_section import Notify
from relay.config.rules import AlarmDefinition, LowSamples
from relay.config.statistics import parse_statistic
from relay.model import (
    AlarmKey,
    AlarmState,
    Evidence,
    OutboxEntry,
    Silence,
    Suppression,
    Transition,
    Trigger,
)
from relay.notify.plan import Plan, Planner, Situation
from relay.notify.silences import Silences
from relay.notify.told import Ended, Told
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
SECURITY: dict[str, Any] = {"receiver": "security"}


NOBODY = Situation(told=Told())
"""Nobody was told of anything, and nothing is in ALARM."""
NAME, GROUP = "console-login-failures", ("alice",)
ENDED = Ended(alarm=NAME, group=GROUP)


def planner(
    route: Mapping[str, Any] = SECURITY,
    *definitions: AlarmDefinition,
    notify: Mapping[str, Any] | None = None,
) -> Planner:
    """Return a planner of ``route`` and the example alarm, or of others."""
    return Planner(
        Notify.model_validate(
            {"receivers": RECEIVERS, "route": route, **(notify or {})}
        ),
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
    plan = planner().plan([transition()], NOBODY, now=AT + 1)

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
    plan = planner().plan([transition()], NOBODY, now=AT)

    sent = plan.entries[0].notification
    labels = {
        "alarm": "console-login-failures",
        "severity": "high",
        "account": "111122223333",
        "region": "eu-west-1",
        "userIdentity_userName": "alice",
    }
    assert sent == notification(id=sent.id, reason="Threshold Crossed", labels=labels)


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

    plan = planner(SECURITY, other).plan([transition()], NOBODY, now=AT)

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
    situation = Situation(told=told(AT - 60))

    plan = planner(route).plan([transition(old=old, new=new)], situation, now=AT)

    assert bool(plan.entries) is is_told
    assert bool(plan.notified) is (new is ALARM)


EVERYTHING = frozenset(AlarmState)


@pytest.mark.parametrize(
    ("notify_on", "expected"),
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
    notify_on: set[AlarmState], expected: list[str]
) -> None:
    """The end of an ALARM counts as OK; what is not about ALARM is told on demand."""
    alarm = definition(notify_on=frozenset(notify_on))
    changes = [(old, new) for old in AlarmState for new in AlarmState if old is not new]

    found = [
        f"{old}>{new}"
        for old, new in changes
        if planner(SECURITY, alarm)
        .plan([transition(old=old, new=new)], Situation(told=told(AT - 60)), now=AT)
        .entries
    ]

    assert found == expected


def test_no_reminder_of_what_was_not_told() -> None:
    """An alarm that does not tell of ALARM does not remind of it either."""
    alarm = definition(notify_on=frozenset({OK}))
    route = SECURITY | {"repeat_interval": "1h"}

    assert planner(route, alarm).next_reminder(active(), now=AT) is None


def test_a_staged_alarm_tells_nobody() -> None:
    """Neither at once nor as a reminder."""
    staged = planner(SECURITY, definition(staged=True))

    assert staged.plan([transition()], NOBODY, now=AT) == Plan()
    assert staged.next_reminder(active(), now=AT) is None


def test_a_percentile_is_told_with_its_treatment_of_few_samples() -> None:
    """Which plays no part for other statistics."""
    alarm = definition(
        statistic=parse_statistic("p99.9"),
        low_samples=LowSamples.IGNORE,
        notify_on=EVERYTHING,
    )

    plan = planner(SECURITY, alarm).plan([transition()], NOBODY, now=AT)

    sent = plan.entries[0].notification
    assert sent.trigger is not None
    assert (sent.trigger.statistic, sent.trigger.low_samples) == ("p99.9", "ignore")
    assert set(sent.notify_on) == EVERYTHING


def test_entries_of_one_plan_keep_their_order_in_a_store() -> None:
    """A store sorts by ``created_at``: an alarm's end must not come before it."""
    both = [transition(), transition(old=ALARM, new=OK)]

    entries = planner().plan(both, NOBODY, now=AT).entries

    states = [each.notification.state for each in sorted(entries, key=_created_at)]
    assert states == [ALARM, ALARM, OK, OK]
    assert entries[0].created_at == entries[1].created_at < entries[2].created_at


def _created_at(entry: OutboxEntry) -> float:
    return entry.created_at


def test_an_alarm_without_actions_tells_nobody() -> None:
    """``actions_enabled: false``, as CloudWatch's ActionsEnabled."""
    silent = planner(SECURITY, definition(actions_enabled=False))

    assert silent.plan([transition()], NOBODY, now=AT) == Plan()
    assert silent.next_reminder(active(), now=AT) is None


def test_an_alarm_of_another_configuration_is_passed_over() -> None:
    """Its definition is gone or has another fingerprint."""
    gone = transition(alarm=AlarmKey(name="console-login-failures", fingerprint="f0"))

    plan = planner().plan([gone, transition()], NOBODY, now=AT)

    assert len(plan.entries) == 2


def test_a_receiver_without_targets_gets_nothing() -> None:
    """A name alone is no target."""
    assert (
        planner({"receiver": "nobody"}).plan([transition()], NOBODY, now=AT).entries
        == ()
    )


def test_routes_decide_by_the_alarms_labels() -> None:
    """One notification, the same id, to every receiver it is routed to."""
    route = SECURITY | {
        "routes": [
            {"match": {"severity": "high"}, "receiver": "pager", "continue": True},
            {"match": {}, "receiver": "security"},
        ]
    }

    plan = planner(route).plan([transition()], NOBODY, now=AT)

    assert [each.receiver for each in plan.entries] == ["pager", "security", "security"]
    assert len({each.notification.id for each in plan.entries}) == 1


# --- ids ------------------------------------------------------------------------------


def test_the_same_transition_gives_the_same_ids() -> None:
    """A replay after a crash finds the entries that are there already."""
    first = planner().plan([transition()], NOBODY, now=AT)
    again = planner().plan([transition(evidence=())], NOBODY, now=AT + 60)

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
    situation = Situation(told=told(AT - 60))

    entries = planner().plan(changed, situation, now=AT).entries

    assert len({each.id for each in entries}) == 2 * len(OTHERS)
    assert len({each.notification.id for each in entries}) == len(OTHERS)


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_entries_can_always_be_stored(value: str, agent: str) -> None:
    """JSON's escapes can hold lone surrogates; a store's encoding cannot."""
    hostile = transition(group=(value,), evidence=(Evidence(user_agent=agent),))

    (entry, _) = planner().plan([hostile], NOBODY, now=AT).entries

    assert msgspec.json.decode(msgspec.json.encode(entry), type=OutboxEntry) == entry


# --- ends -----------------------------------------------------------------------------


def told(at: float, *receivers: str) -> Told:
    """Return that ``receivers`` (security) were last told of the example at ``at``."""
    return Told(
        Notified(alarm=NAME, group=GROUP, receiver=receiver, at=at)
        for receiver in receivers or ("security",)
    )


def active(
    at: float | None = None, *receivers: str, transitions: Sequence[Transition] = ()
) -> Situation:
    """Return that the example alarm, or others, last, and who was told at ``at``."""
    return Situation(
        told=Told() if at is None else told(at, *receivers),
        active=transitions or [transition()],
    )


END = transition(old=ALARM, new=OK, at=AT + 60, evidence=())
PAGER: dict[str, Any] = {"matchers": ["account=~1.*"], "receiver": "pager"}
BY_ACCOUNT = SECURITY | {"routes": [PAGER]}


def test_an_end_is_told_to_those_who_were_told_of_the_alarm() -> None:
    """To nobody else, and to them only once."""
    plan = planner().plan([END], NOBODY, now=AT + 60)

    assert plan == Plan(changes=(ENDED,))

    plan = planner().plan([END, END], Situation(told=told(AT)), now=AT + 60)

    assert targets(plan) == [("security", "sns"), ("security", "sqs")]
    assert plan.changes == (ENDED, ENDED)


def test_an_end_needs_no_records_to_find_its_way() -> None:
    """The alarm was routed by what its records said; its end has none."""
    plan = planner(BY_ACCOUNT).plan([transition(), END], NOBODY, now=AT)

    assert [each.receiver for each in plan.entries] == ["pager", "pager"]


def test_an_end_is_told_as_the_first_way_to_its_receiver_says() -> None:
    """Where its own labels do not lead there."""
    route = BY_ACCOUNT | {"routes": [PAGER | {"send_resolved": False}]}

    plan = planner(route).plan([END], Situation(told=told(AT, "pager")), now=AT + 60)

    assert plan.entries == ()


def test_a_receiver_that_no_route_leads_to_is_not_told_of_the_end() -> None:
    """A reload has taken it out of the tree."""
    plan = planner().plan([END], Situation(told=told(AT, "pager")), now=AT + 60)

    assert plan.entries == ()


def test_one_commit_may_hold_a_whole_alarm_and_the_next_one() -> None:
    """Each end belongs to the alarm before it."""
    both = [transition(), END, transition(at=AT + 70)]

    plan = planner().plan(both, NOBODY, now=AT + 70)

    states = [each.notification.state for each in plan.entries]
    assert states == [ALARM, ALARM, OK, OK, ALARM, ALARM]
    assert [type(each) for each in plan.changes] == [Notified, Ended, Notified]


# --- mute -----------------------------------------------------------------------------

LABELS = (("alarm", "root"), ("severity", "critical"))
SOURCE = definition(name="root", group_by=(), severity="critical", labels=LABELS)
ROOT = transition(alarm=SOURCE.key, group=())
INHIBITED = {
    "inhibit_rules": [
        {
            "source_matchers": ["severity=critical"],
            "target_matchers": ["severity=high"],
            "equal": ["account"],
        }
    ]
}
NIGHT = {
    "time_intervals": [
        {
            "name": "now",
            # AT is at 11:18:44.
            "time_intervals": [
                {"times": [{"start_time": "11:00", "end_time": "12:00"}]}
            ],
        }
    ]
}
AT_NOON = AT - AT % HOUR + HOUR
MUTE = SECURITY | {"routes": [{"mute_time_intervals": ["now"]}]}


def test_an_alarm_in_a_mute_time_is_told_when_that_ends() -> None:
    """If it still lasts: as it was, and not counted as a delay."""
    muted = planner(MUTE, notify=NIGHT)

    plan = muted.plan([transition()], active(), now=AT)

    assert plan == Plan(suppressed=(Suppression.INTERVAL,))
    assert muted.next_reminder(active(), now=AT) == AT_NOON
    assert muted.reminders(active(), now=AT_NOON - 1) == Plan()

    plan = muted.reminders(active(), now=AT_NOON)

    sent = plan.entries[0].notification
    assert targets(plan) == [("security", "sns"), ("security", "sqs")]
    assert (sent.repeat, sent.at, sent.received_at) == (False, AT, None)
    assert [each.at for each in plan.notified] == [AT_NOON]


def test_a_reminder_in_a_mute_time_comes_when_that_ends() -> None:
    """One, however many were due."""
    route = {"mute_time_intervals": ["now"], "repeat_interval": "10m"}
    muted = planner(SECURITY | {"routes": [route]}, notify=NIGHT)
    situation = active(AT)

    assert muted.next_reminder(situation, now=AT) == AT + 600
    assert muted.next_reminder(situation, now=AT + 600) == AT_NOON
    assert muted.reminders(situation, now=AT + 600) == Plan()
    assert muted.reminders(situation, now=AT_NOON).entries[0].notification.repeat


def test_the_end_of_what_was_told_is_told_in_a_mute_time() -> None:
    """So that nobody keeps working on what is over."""
    muted = planner(MUTE, notify=NIGHT)

    plan = muted.plan([END], Situation(told=told(AT)), now=AT + 60)

    assert len(plan.entries) == 2


def test_what_is_told_without_an_alarm_can_be_mute() -> None:
    """An alarm that tells only of OK: nothing waits for it afterwards."""
    alarm = definition(notify_on=frozenset({OK}))
    muted = planner(MUTE, alarm, notify=NIGHT)

    plan = muted.plan([END], Situation(told=told(AT)), now=AT + 60)

    assert plan == Plan(changes=(ENDED,), suppressed=(Suppression.INTERVAL,))


def test_an_alarm_is_inhibited_while_another_lasts() -> None:
    """Also when both come with one commit, and until the other one ends."""
    alone = planner(SECURITY, definition(), SOURCE, notify=INHIBITED)
    both = [transition(), ROOT]
    situation = active(transitions=both)

    plan = alone.plan(both, situation, now=AT)
    assert {each.notification.alarm for each in plan.entries} == {"root"}
    assert plan.suppressed == (Suppression.INHIBITION,)

    told_of_root = Situation(told=Told(plan.changes), active=both)
    assert alone.next_reminder(told_of_root, now=AT) == AT + 4 * HOUR

    plan = alone.reminders(active(), now=AT + 60)
    assert {each.notification.alarm for each in plan.entries} == {NAME}


def test_an_alarm_of_another_place_inhibits_nothing() -> None:
    """``equal`` compares what the records said."""
    elsewhere = transition(
        alarm=SOURCE.key, group=(), evidence=(Evidence(account="222233334444"),)
    )
    alone = planner(SECURITY, definition(), SOURCE, notify=INHIBITED)

    plan = alone.plan([transition()], active(transitions=[elsewhere]), now=AT)

    assert len(plan.entries) == 2


SILENCE = Silence(
    id="1",
    matchers=("userIdentity_userName=alice", "account=~1.*"),
    starts_at=AT,
    ends_at=AT + 600,
    created_by="bob",
    comment="she is at it",
)


def test_a_silenced_alarm_is_told_when_the_silence_ends() -> None:
    """Others are told at once; the end of the silence is a deadline."""
    both = [transition(), transition(group=("bob",))]
    situation = replace(active(transitions=both), silences=Silences([SILENCE]))

    plan = planner().plan(both, situation, now=AT)
    assert len(plan.entries) == 2
    assert plan.suppressed == (Suppression.SILENCE,)
    assert [each.group for each in plan.notified] == [("bob",)]

    later = replace(situation, told=Told(plan.changes))
    assert planner().next_reminder(later, now=AT) == AT + 600
    assert planner().reminders(later, now=AT + 599) == Plan()

    plan = planner().reminders(later, now=AT + 600)
    assert [each.group for each in plan.notified] == [("alice",)]
    assert not plan.entries[0].notification.repeat


def test_the_end_of_what_was_told_is_told_in_spite_of_a_silence() -> None:
    """The silence came later."""
    situation = Situation(told=told(AT), silences=Silences([SILENCE]))

    plan = planner().plan([END], situation, now=AT + 60)

    assert len(plan.entries) == 2


# --- reminders ------------------------------------------------------------------------


def test_a_reminder_is_due_after_the_repeat_interval() -> None:
    """Not before; four hours by default."""
    situation = active(AT)

    assert planner().next_reminder(situation, now=AT) == AT + 4 * HOUR
    assert planner().reminders(situation, now=AT + 4 * HOUR - 1) == Plan()

    plan = planner().reminders(situation, now=AT + 4 * HOUR)

    assert targets(plan) == [("security", "sns"), ("security", "sqs")]
    assert [each.at for each in plan.notified] == [AT + 4 * HOUR]


def test_a_reminder_is_a_notification_of_its_own() -> None:
    """Marked as a repeat, with another id, and not counted as a delay."""
    first = planner().plan([transition()], NOBODY, now=AT).entries[0]
    due = planner().reminders(active(AT), now=AT + 4 * HOUR).entries[0]
    next_due = planner().reminders(active(AT + 4 * HOUR), now=AT + 8 * HOUR)

    reminder = due.notification
    assert (reminder.repeat, reminder.state, reminder.at) == (True, ALARM, AT)
    assert reminder.received_at is None
    assert len({first.id, due.id, next_due.entries[0].id}) == 3


def test_one_reminder_however_late() -> None:
    """After a long stop nobody is reminded several times at once."""
    plan = planner().reminders(active(AT), now=AT + 100 * HOUR)

    assert len(plan.entries) == 2


@pytest.mark.parametrize("situation", [active(), active(AT - HOUR)])
def test_a_receiver_that_was_never_told_is_told_at_once(situation: Situation) -> None:
    """A reload has brought the route; what was said of an earlier alarm is no news."""
    assert planner().next_reminder(situation, now=AT + 60) == AT

    (entry, _) = planner().reminders(situation, now=AT + 60).entries

    (first, _) = planner().plan([transition()], NOBODY, now=AT).entries
    assert not entry.notification.repeat
    assert entry.id == first.id


def test_zero_means_no_reminders() -> None:
    """``repeat_interval: 0s``; whoever was not told is told once all the same."""
    once = planner(SECURITY | {"repeat_interval": "0s"})

    assert once.next_reminder(active(AT), now=AT) is None
    assert once.reminders(active(AT), now=AT + 100 * HOUR) == Plan()
    assert len(once.reminders(active(), now=AT + 100 * HOUR).entries) == 2


def test_every_receiver_has_its_own_interval() -> None:
    """The next reminder is the soonest of all."""
    route = SECURITY | {
        "routes": [
            {"receiver": "pager", "repeat_interval": "1h", "continue": True},
            {"receiver": "security"},
        ]
    }
    both = active(AT, "security", "pager")

    assert planner(route).next_reminder(both, now=AT) == AT + HOUR

    plan = planner(route).reminders(both, now=AT + 2 * HOUR)

    assert targets(plan) == [("pager", "sns")]


def test_without_active_alarms_nobody_waits() -> None:
    """Nothing to come back for."""
    assert planner().next_reminder(NOBODY, now=AT) is None
