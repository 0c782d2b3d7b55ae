"""The state of one alarm group."""

import json
from typing import Unpack

import pytest

from relay.alarms.kinds import MetricKind
from relay.alarms.state import MAX_AHEAD_SECS, GroupState
from relay.config.rules import Comparison, LowSamples, MissingData
from relay.config.statistics import Statistic, parse_statistic
from relay.model import AlarmState, Transition
from tests.alarms.alarm_values import NOON, Members, definition, point

OK, ALARM, INSUFFICIENT = (
    AlarmState.OK,
    AlarmState.ALARM,
    AlarmState.INSUFFICIENT_DATA,
)
MINUTE = 60.0
LATENESS = 900.0


def begin(**members: Unpack[Members]) -> GroupState:
    """Return an alarm without groups that was judged once at noon."""
    (state,) = MetricKind(definition(**members)).begin(now=NOON)
    state.advance(NOON)
    return state


def begin_group(**members: Unpack[Members]) -> GroupState:
    """Return a group that begins at noon."""
    kind = MetricKind(definition(**members))
    return kind.begin_group(("ann",), now=NOON, until=NOON)


def short(transitions: list[Transition]) -> list[tuple[float, AlarmState]]:
    """Return when (seconds after noon) and whereto."""
    return [(each.at - NOON, each.new) for each in transitions]


def grown_up(**members: Unpack[Members]) -> tuple[GroupState, float]:
    """Return an alarm that has seen its whole range, and the time that it is."""
    state = begin(**members)
    now = NOON + 86_400
    state.advance(now)
    return state, now


@pytest.mark.parametrize(
    ("treatment", "state"),
    [
        (MissingData.NOT_BREACHING, OK),
        (MissingData.MISSING, INSUFFICIENT),
        (MissingData.IGNORE, INSUFFICIENT),
        (MissingData.BREACHING, INSUFFICIENT),
    ],
)
@pytest.mark.parametrize("statistic", [Statistic.SUM, Statistic.AVERAGE])
def test_begins_as_cloudwatch_does(
    treatment: MissingData, state: AlarmState, statistic: Statistic
) -> None:
    """INSUFFICIENT_DATA, and OK at once where absence is fine."""
    kind = MetricKind(definition(treat_missing_data=treatment, statistic=statistic))
    (alarm,) = kind.begin(now=NOON)
    before = alarm.state

    transitions = alarm.advance(NOON)

    assert before is INSUFFICIENT
    assert alarm.state is state
    assert short(transitions) == ([] if state is INSUFFICIENT else [(0, OK)])


def test_fires_at_the_datapoint_that_completes_the_breach() -> None:
    """Two of three do nothing, the third one fires, and says what and why."""
    alarm = begin(threshold=3.0, evidence=2)
    now = NOON + 120

    first = alarm.add([point(NOON, event_id="a"), point(now, event_id="b")], now=now)
    [fired] = alarm.add(
        [point(NOON + 60, event_id="c", received_at=now + 5)], now=now + 6
    )

    assert first == []
    assert (fired.old, fired.new, fired.at) == (OK, ALARM, now + 6)
    assert [each.event_id for each in fired.evidence] == ["b", "c"]
    assert (fired.total, fired.received_at) == (3, now + 5)
    assert fired.reason == (
        "Threshold Crossed: 1 datapoint [3.0 (14/11/23 11:58:00)] was greater than or "
        "equal to the threshold (3.0)."
    )
    assert json.loads(fired.reason_data)["recentDatapoints"] == [3.0]


def test_days_late_still_fires() -> None:
    """Event time is all that counts, and the evidence is of that time."""
    alarm = begin(threshold=2.0)
    old = NOON - 3 * 86_400
    alarm.add([point(old, event_id="a"), point(NOON, event_id="now")], now=NOON)

    [fired] = alarm.add([point(old + 240, event_id="b")], now=NOON + 10)

    assert [each.event_id for each in fired.evidence] == ["b", "a"]


def test_more_of_the_same_does_not_fire_again() -> None:
    """ALARM stays ALARM without another transition."""
    alarm = begin()
    alarm.add([point(NOON)], now=NOON)

    assert alarm.add([point(NOON + 30)], now=NOON + 31) == []
    assert alarm.state is ALARM


def test_ok_when_nothing_breached_for_n_periods() -> None:
    """The end moves with each datapoint of a breaching window, in processing time."""
    alarm = begin(threshold=2.0)
    alarm.add([point(NOON - 400, 2.0)], now=NOON)
    alarm.add([point(NOON - 380)], now=NOON + 200)
    alarm.add([point(NOON + 250)], now=NOON + 260)

    too_early = alarm.advance(NOON + 499.9)
    back = alarm.advance(NOON + 1000)

    assert too_early == []
    assert short(back) == [(500, OK)]
    assert back[0].received_at is None
    assert back[0].evidence == ()
    assert back[0].reason == (
        "Threshold Crossed: 1 datapoint [1.0 (14/11/23 12:04:00)] was not greater than "
        "or equal to the threshold (2.0)."
    )


def test_ok_after_silence_says_so() -> None:
    """Without any datapoint in the newest periods, that is the reason."""
    alarm = begin(evaluation_periods=2, datapoints_to_alarm=1)
    alarm.add([point(NOON)], now=NOON)

    [back] = alarm.advance(NOON + 700)

    assert back.reason == (
        "Threshold Crossed: no datapoints were received for 2 periods and 2 missing "
        "datapoints were treated as [NonBreaching]."
    )


def test_ok_with_times_ahead_of_the_clock_does_not_lie() -> None:
    """Datapoints that lie ahead breach "now" when the hold ends; still nothing came."""
    alarm = begin()
    alarm.add([point(NOON + 200)], now=NOON)

    [back] = alarm.advance(NOON + 300)

    assert back.new is OK
    assert back.reason == (
        "Threshold Crossed: no breaching datapoints were received for 1 period."
    )


def test_m_of_n_periods() -> None:
    """Two breaching periods of three fire, wherever in the window they are."""
    alarm = begin(threshold=2.0, evaluation_periods=3, datapoints_to_alarm=2)
    one = alarm.add([point(NOON, 2.0)], now=NOON)
    apart = alarm.add([point(NOON + 900, 2.0)], now=NOON + 900)

    [fired] = alarm.add([point(NOON + 540, 2.0)], now=NOON + 901)

    assert one == apart == []
    assert fired.reason.startswith("Threshold Crossed: 2 out of the last 3 datapoints")


def test_a_negative_value_lowers_the_sum_but_takes_no_alarm_back() -> None:
    """A sum is what has come so far; what has fired has fired."""
    alarm = begin(threshold=2.0)
    lowered = alarm.add([point(NOON, 2.0), point(NOON, -1.0)], now=NOON)
    fired = alarm.add([point(NOON, 1.0)], now=NOON)
    alarm.add([point(NOON, -5.0)], now=NOON + 100)
    alarm.add([point(NOON, 1.0)], now=NOON + 200)

    assert lowered == []
    assert short(fired) == [(0, ALARM)]
    assert short(alarm.advance(NOON + 900)) == [(300, OK)]


def test_a_time_far_ahead_counts_as_now() -> None:
    """A wrong clock somewhere cannot put a datapoint out of reach."""
    alarm = begin(threshold=2.0)
    alarm.add([point(NOON)], now=NOON)

    fired = alarm.add([point(NOON + MAX_AHEAD_SECS + 1)], now=NOON)

    assert short(fired) == [(0, ALARM)]


def test_an_average_waits_for_the_watermark() -> None:
    """It is judged when the window's end is ``lateness`` ago, and goes the same way."""
    alarm = begin(statistic=Statistic.AVERAGE, threshold=5.0, period_secs=60)

    at_once = alarm.add([point(NOON, 9.0)], now=NOON)
    due = alarm.due()
    alarm.add([point(NOON + 60, 1.0)], now=NOON + 60)
    later = alarm.advance(NOON + 3600)

    assert at_once == []
    assert due == NOON + 60 + LATENESS
    assert short(later) == [(60 + LATENESS, ALARM), (120 + LATENESS, OK)]


def test_a_late_datapoint_makes_a_judged_average_breach() -> None:
    """Windows behind the watermark are judged again when something late falls in."""
    alarm, now = grown_up(statistic=Statistic.AVERAGE, threshold=5.0, period_secs=60)
    alarm.add([point(now, 1.0)], now=now)
    much_later = now + 5000
    alarm.advance(much_later)

    in_time = alarm.add([point(much_later, 9.0)], now=much_later)
    [fired] = alarm.add([point(now, 20.0, received_at=7.0)], now=much_later)
    held = alarm.advance(much_later + 59)

    assert in_time == held == []
    assert (fired.new, fired.received_at) == (ALARM, 7.0)
    assert short(alarm.advance(much_later + 60))[0][1] is OK


def test_the_end_of_a_hold_judges_complete_windows_only() -> None:
    """What the watermark has not passed yet stays out, also when a hold ends."""
    alarm, now = grown_up(statistic=Statistic.AVERAGE, threshold=5.0, period_secs=60)
    alarm.add([point(now - LATENESS + 60, 9.0)], now=now)

    alarm.add([point(now - 86_400, 9.0)], now=now + 30)

    assert [(each.at - now, each.new) for each in alarm.advance(now + 130)] == [
        (90, OK),
        (120, ALARM),
    ]


def test_a_late_datapoint_can_calm_down_at_once() -> None:
    """The newest complete windows are judged anew when late data change them."""
    alarm, now = grown_up(statistic=Statistic.AVERAGE, threshold=5.0)
    alarm.add([point(now, 9.0)], now=now)
    later = now + MINUTE + LATENESS
    fired = alarm.advance(later)

    calmed = alarm.add([point(now, 0.0)], now=later + 1)

    assert [each.new for each in (*fired, *calmed)] == [ALARM, OK]


def test_too_little_is_judged_behind_the_watermark() -> None:
    """Fewer than three a period: only complete slots tell."""
    alarm, now = grown_up(
        comparison=Comparison.LESS, threshold=3.0, period_secs=60, lateness_secs=120.0
    )

    at_once = alarm.add([point(now, 1.0)], now=now)
    more = alarm.add([point(now + 60, 3.0)], now=now + 61)

    assert at_once == more == []
    assert short(alarm.advance(now + 1000)) == [
        (now - NOON + 180, ALARM),
        (now - NOON + 240, OK),
    ]


def test_too_little_is_not_judged_before_all_is_seen() -> None:
    """Slots that began before the alarm did are partial: they raise nothing."""
    alarm = begin(comparison=Comparison.LESS, threshold=3.0, period_secs=300)
    alarm.add([point(NOON - 60, 1.0)], now=NOON)

    assert alarm.advance(NOON + 240 + LATENESS) == []


def test_absence_breaches_after_n_periods_behind_the_watermark() -> None:
    """``breaching``: silence raises the alarm, but only silence since it exists."""
    alarm = begin(treat_missing_data=MissingData.BREACHING, evaluation_periods=2)

    [fired] = alarm.advance(NOON + 10_000)

    assert fired.at == NOON + 600 + LATENESS
    assert fired.reason == (
        "Threshold Crossed: no datapoints were received for 2 periods and 2 missing "
        "datapoints were treated as [Breaching]."
    )
    assert fired.total == 0


def test_insufficient_data_after_the_range_is_empty() -> None:
    """``missing``: OK with datapoints, INSUFFICIENT_DATA after N + 2 periods."""
    alarm, now = grown_up(treat_missing_data=MissingData.MISSING, threshold=2.0)
    alarm.add([point(now)], now=now)
    since = now - NOON + LATENESS + 60

    assert short(alarm.advance(now + 10_000)) == [
        (since, OK),
        (since + 900, INSUFFICIENT),
    ]


def test_missing_keeps_an_early_alarm_until_its_data_leave() -> None:
    """Fired at once, it stays until the watermark has passed: nothing flaps."""
    alarm, now = grown_up(treat_missing_data=MissingData.MISSING)

    fired = alarm.add([point(now - 240)], now=now)
    after = alarm.advance(now + 20_000)

    assert [each.new for each in fired] == [ALARM]
    assert short(after) == [(now - NOON - 240 + LATENESS + 60 + 900, INSUFFICIENT)]


def test_ignore_keeps_the_state() -> None:
    """``ignore``: silence changes nothing, for ever."""
    alarm, now = grown_up(treat_missing_data=MissingData.IGNORE)
    alarm.add([point(now)], now=now)

    assert alarm.advance(now + 1_000_000) == []
    assert alarm.state is ALARM
    assert not alarm.is_spent


def test_a_group_begins_in_the_state_that_silence_leads_to() -> None:
    """So that it can go and come again without a transition."""
    rested = begin_group()
    waiting = begin_group(treat_missing_data=MissingData.BREACHING)

    assert (rested.state, waiting.state) == (OK, INSUFFICIENT)


def test_spent_when_at_rest_and_empty() -> None:
    """A group with nothing to remember may go; one in ALARM or with datapoints not."""
    group = begin_group(threshold=2.0)
    group.add([point(NOON)], now=NOON)
    counting = group.is_spent
    due = group.due()
    assert due is not None

    group.advance(due)

    assert not counting
    assert group.is_spent
    assert group.due() is None


def test_forgetting_ends_the_known_breach() -> None:
    """When buckets have gone, the search has the word again."""
    alarm = begin(threshold=3.0, lateness_secs=0.0)
    alarm.add([point(NOON - 7200, 2.0), point(NOON - 7140, 1.0)], now=NOON)
    alarm.add([point(NOON - 7140, 0.0)], now=NOON + 299)

    alarm.add([point(NOON - 3600, 1.0)], now=NOON + 301)
    alarm.add([point(NOON - 7140, 1.0)], now=NOON + 310)

    assert short(alarm.advance(NOON + 2000)) == [(599, OK)]


def test_a_percentile_waits_for_the_watermark() -> None:
    """It is judged as an average is, and says its value."""
    alarm = begin(statistic=parse_statistic("p90"), threshold=5.0, period_secs=60)
    for number in range(10):
        alarm.add([point(NOON, float(number))], now=NOON)
    due = NOON + 60 + LATENESS

    [fired] = alarm.advance(due)

    assert fired.reason == (
        "Threshold Crossed: 1 datapoint [8.0 (14/11/23 12:00:00)] was greater than or "
        "equal to the threshold (5.0)."
    )
    assert json.loads(fired.reason_data)["statistic"] == "p90"


def test_a_late_percentile_of_too_few_samples_raises_nothing() -> None:
    """Neither alone nor beside a slot that breaches."""
    alarm, now = grown_up(
        statistic=parse_statistic("p50"),
        low_samples=LowSamples.IGNORE,
        threshold=5.0,
        period_secs=60,
        evaluation_periods=2,
        datapoints_to_alarm=1,
    )
    long_ago = now - 5000
    few = alarm.add([point(long_ago, 9.0, count=19)], now=now)
    beside = alarm.add([point(long_ago + 60, 9.0, count=20)], now=now)

    [fired] = alarm.add([point(long_ago, 9.0)], now=now)

    assert few == beside == []
    assert fired.new is ALARM


def test_time_passes_no_further_than_has_been_seen() -> None:
    """While a backlog is read, silence is not absence; then it is."""
    alarm = begin(treat_missing_data=MissingData.BREACHING, lateness_secs=0.0)
    back_at = NOON + 7200
    backlog: list[Transition] = []
    for minute in range(0, 120, 4):
        at = NOON + minute * MINUTE
        backlog += alarm.advance(at)
        backlog += alarm.add([point(at, 0.0)], now=back_at, until=at)

    [fired] = alarm.advance(NOON + 3 * 7200)

    assert [each.new for each in backlog] == [OK]
    assert (fired.new, fired.at - NOON) == (ALARM, 116 * MINUTE + 60 + 900)


def test_a_transition_is_no_earlier_than_the_one_before() -> None:
    """What was due long ago is judged after what has come now."""
    alarm, now = grown_up(statistic=Statistic.AVERAGE, threshold=5.0, period_secs=60)
    alarm.add([point(now, 9.0), point(now + 60, 0.0)], now=now + 60)
    overdue = now + 10_000
    [fired] = alarm.advance(now + 60 + LATENESS)
    [calmed] = alarm.add([point(now, 0.0)], now=overdue, until=now + 60 + LATENESS)
    alarm.add([point(now + 60, 99.0)], now=overdue, until=now + 60 + LATENESS)

    [again] = alarm.advance(now + 120 + LATENESS)

    assert [fired.new, calmed.new, again.new] == [ALARM, OK, ALARM]
    assert [fired.at, calmed.at, again.at] == [now + 960, overdue, overdue]


def test_the_last_transition_is_remembered() -> None:
    """For reminders and status pages, across a restart."""
    alarm = begin()
    before = alarm.last_transition
    [fired] = alarm.add([point(NOON, event_id="a")], now=NOON)

    assert before is not None
    assert before.new is OK
    assert alarm.last_transition == fired


def test_saving_is_asked_for_when_something_changed() -> None:
    """New datapoints and transitions are unsaved until saved."""
    alarm = begin()
    alarm.save()
    alarm.advance(NOON + 60)
    idle = alarm.is_unsaved

    alarm.add([point(NOON)], now=NOON + 61)

    assert not idle
    assert alarm.is_unsaved
