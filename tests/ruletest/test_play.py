"""Tests of whole tests: events and time in, differences out."""

from pathlib import Path

from tests.ruletest.conftest import LOGIN, Played, failures

ALICE = "{$.userIdentity.userName: alice}"
BOB = "{$.userIdentity.userName: bob}"


def test_the_example_of_three_failures(played: Played) -> None:
    """The third failure within five minutes raises the alarm, and not the second."""
    verdict = played(
        f"""\
  - name: three failures for one user within five minutes
    events:
      - {{at: 0s, repeat: {{times: 3, every: 20s}}, record: {LOGIN}}}
    expect:
      - {{at: 39s, alarm: failures, group: {ALICE}, state: OK}}
      - {{at: 41s, alarm: failures, group: {ALICE}, state: ALARM,
         evidence: [$1], total: 3, reason: greater than or equal to the threshold}}
      - {{at: 41s, alarm: failures, group: {BOB}, state: OK}}
      - {{at: 1h, alarm: failures, state: OK}}
"""
    )

    assert failures(verdict) == []
    assert verdict.has_passed


def test_every_difference_is_told(played: Played) -> None:
    """With what was expected and what was found."""
    verdict = played(
        f"""\
  - name: t
    events: [{{repeat: {{times: 3, every: 20s}}, record: {LOGIN}}}]
    matches: {{failures: 4, stop-logging: 0}}
    expect:
      - {{at: 39s, alarm: failures, state: ALARM}}
      - {{at: 50s, alarm: failures, group: {ALICE}, state: OK,
         evidence: [$1.2, $1.3], total: 2, reason: never}}
      - {{at: 50s, alarm: failures, group: {BOB},
         evidence: [$1.2], total: 2, reason: never}}
"""
    )

    alice = "of failures {$.userIdentity.userName: alice}"
    bob = "of failures {$.userIdentity.userName: bob}"
    reason = (
        "Threshold Crossed: 1 datapoint [3.0 (05/01/26 11:56:00)] was greater than or"
        " equal to the threshold (3.0)."
    )
    assert failures(verdict) == [
        ("state of failures", ["ALARM"], ["OK"]),
        (f"state {alice}", ["OK"], ["ALARM"]),
        (f"evidence {alice}", ["$1.2", "$1.3"], ["$1.1", "$1.2", "$1.3"]),
        (f"datapoints {alice}", ["2"], ["3"]),
        (f"reason {alice}", ["never"], [reason]),
        (f"evidence {bob}", ["$1.2"], []),
        (f"datapoints {bob}", ["2"], ["0"]),
        (f"reason {bob}", ["never"], ["no transition yet"]),
        ("events that failures counted", ["4"], ["3"]),
    ]
    (test,) = verdict.tests
    assert [each.line for each in test.differences] == [7, *[8] * 4, *[10] * 3, 5]
    assert [each.at_secs for each in test.differences][:2] == [39, 50]
    assert test.differences[-1].at_secs is None


def test_which_filters_match_an_event(played: Played) -> None:
    """At least some, none of some, or exactly some; of repetitions the first one."""
    verdict = played(
        f"""\
  - name: right
    events:
      - {{record: {LOGIN}, matches: [failures], matches_not: [stop-logging]}}
      - {{record: {LOGIN}, matches_only: [any-login, failures]}}
      - {{matches_only: []}}
  - name: wrong
    events:
      - {{record: {LOGIN}, matches: [stop-logging, failures]}}
      - {{record: {LOGIN}, matches_not: [failures, stop-logging]}}
      - {{record: {LOGIN}, matches_only: [failures]}}
      - {{record: {LOGIN}, repeat: {{times: 2}}, matches_only: []}}
"""
    )

    assert failures(verdict) == [
        ("matches of $1 ConsoleLogin", ["failures", "stop-logging"], ["failures"]),
        ("matches_not of $2 ConsoleLogin", [], ["failures"]),
        ("matches_only of $3 ConsoleLogin", ["failures"], ["any-login", "failures"]),
        ("matches_only of $4.1 ConsoleLogin", [], ["any-login", "failures"]),
    ]


def test_the_same_event_counts_once(played: Played) -> None:
    """Whatever it is delivered with, as the daemon has it."""
    verdict = played(
        f"""\
  - name: t
    events:
      - {{id: same, repeat: {{times: 5, every: 1s}}, record: {LOGIN}}}
      - {{at: 10s, id: same, record: {LOGIN}}}
      - {{at: 10s, record: {{eventName: ConsoleLogin, eventID: null}}}}
      - {{at: 10s, record: {{eventName: ConsoleLogin, eventID: null}}}}
    matches: {{failures: 1, any-login: 3}}
    expect: [{{at: 1m, alarm: failures, state: OK}}]
"""
    )

    assert failures(verdict) == []


def test_late_events_still_alarm(played: Played) -> None:
    """All come at once, an hour late: the alarm rises when they do."""
    verdict = played(
        f"""\
  - name: at once
    events: [{{repeat: {{times: 3, every: 20s}}, arrives: 1h, record: {LOGIN}}}]
    expect:
      - {{at: 59m59s, alarm: failures, state: OK}}
      - {{at: 1h, alarm: failures, state: ALARM}}
  - name: each
    events: [{{repeat: {{times: 3, every: 20s}}, delay: 1h, record: {LOGIN}}}]
    expect:
      - {{at: 1h, alarm: failures, state: OK}}
      - {{at: 1h40s, alarm: failures, state: ALARM}}
"""
    )

    assert failures(verdict) == []


def test_silence_is_noticed(played: Played) -> None:
    """A day without any event passes deadline by deadline."""
    verdict = played(
        """\
  - name: nothing comes
    expect:
      - {at: 1h, alarm: silence, state: INSUFFICIENT_DATA}
      - {at: 1d, alarm: silence, state: ALARM, evidence: [], reason: no datapoints}
  - name: something comes
    events: [{repeat: {times: 26, every: 1h}, record: {eventName: Heartbeat}}]
    expect:
      - {at: 3h, alarm: silence, state: OK}
      - {at: 1d, alarm: silence, state: OK}
      - {at: 3d, alarm: silence, state: ALARM}
"""
    )

    assert failures(verdict) == []


def test_alarms_by_arrival(played: Played) -> None:
    """Two of different hours that come together are two at one time."""
    verdict = played(
        """\
  - name: t
    events:
      - {at: 0s, arrives: 5h, record: {eventName: Heartbeat}}
      - {at: 4h, arrives: 5h, record: {eventName: Heartbeat}}
    expect:
      - {at: 4h59m, alarm: late-comers, state: OK}
      - {at: 6h, alarm: late-comers, state: OK}
"""
    )

    assert failures(verdict) == []
    raised = [
        each.at_secs
        for each in verdict.tests[0].moments
        if (each.alarm, each.new) == ("late-comers", "ALARM")
    ]
    assert [5 * 3600 <= at < 5 * 3600 + 180 for at in raised] == [True]


def test_what_later_data_can_undo_waits(played: Played) -> None:
    """An average is judged behind the watermark, without groups, in the long form."""
    verdict = played(
        """\
  - name: t
    events: [{record: {eventName: ConsoleLogin}}]
    expect:
      - {at: 0s, alarm: denied-share, state: INSUFFICIENT_DATA}
      - {at: 5m, alarm: denied-share, state: INSUFFICIENT_DATA}
      - {at: 11m30s, alarm: denied-share, state: ALARM, evidence: [$1], total: 1}
"""
    )

    assert failures(verdict) == []


def test_an_unseen_group_is_in_the_state_that_silence_leads_to(
    played: Played, rules: Path
) -> None:
    """OK where missing data is not breaching, else INSUFFICIENT_DATA."""
    (rules / "rules.yaml").write_text(
        "metric_filters:\n"
        "  - name: f\n"
        "    pattern: '{ $.eventName = F }'\n"
        "    alarm: {group_by: [$.a], treat_missing_data: missing}\n"
    )
    verdict = played(
        """\
  - name: t
    events: [{at: 1m, record: {eventName: F, a: x}}]
    expect:
      - {at: 0s, alarm: f, state: INSUFFICIENT_DATA}
      - {at: 1m, alarm: f, group: {$.a: x}, state: ALARM}
      - {at: 1m, alarm: f, group: {$.a: y}, state: INSUFFICIENT_DATA}
      - {at: 1m, alarm: f, state: ALARM}
"""
    )

    assert failures(verdict) == []


def test_what_happened_is_there_for_reports(played: Played) -> None:
    """Transitions with their groups and events, events with their filters."""
    verdict = played(
        f"""\
  - name: t
    events: [{{repeat: {{times: 3, every: 20s}}, delay: 1s, record: {LOGIN}}}]
    matches: {{failures: 3}}
"""
    )

    (test,) = verdict.tests
    (moment,) = [each for each in test.moments if each.alarm == "failures"]
    assert (test.name, test.line) == ("t", 3)
    assert (moment.at_secs, moment.old, moment.new) == (41, "OK", "ALARM")
    assert moment.group == {"$.userIdentity.userName": "alice"}
    assert moment.evidence == ["$1.1", "$1.2", "$1.3"]
    assert [each.arrives_secs for each in test.events] == [1, 21, 41]
    assert {each.filters for each in test.events} == {("failures", "any-login")}


def test_tests_know_nothing_of_each_other(played: Played) -> None:
    """Each begins anew: states, windows, and events that were counted."""
    one = (
        f"events: [{{id: x, record: {LOGIN}}}], matches: {{failures: 1}},"
        " expect: [{at: 1m, alarm: failures, state: OK}]"
    )
    body = "".join(f"  - {{name: t{number}, {one}}}\n" for number in range(4))

    assert failures(played(body)) == []


def test_an_invalid_file_is_not_played(played: Played) -> None:
    """Its problems are the verdict."""
    verdict = played("  - {name: t}\n")

    assert [str(each) for each in verdict.problems] == [
        "x.test.yaml:3: tests[0]: expects nothing, so it cannot fail"
    ]
    assert not verdict.has_passed


def test_two_hundred_tests_are_quick(played: Played) -> None:
    """A day each; rules are compiled once and nothing waits, or this took for ever."""
    body = "".join(
        f"  - {{name: t{number}, events: [{{at: 30m}}],"
        " expect: [{at: 1d, alarm: failures, state: OK}]}\n"
        for number in range(200)
    )

    assert len(played(body).tests) == 200
