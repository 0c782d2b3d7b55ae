"""Rule tests of composite alarms, suppressors and mute rules."""

from pathlib import Path

import pytest

from tests.ruletest.conftest import LOGIN, RULES, Played, failures

MORE = """\
composite_alarms:
  - name: both
    rule: ALARM(failures) AND ALARM(stop-logging)
    actions_suppressor: {alarm: late-comers, wait_period: 1m, extension_period: 2m}
mute_rules:
  - {name: m, alarms: [stop-logging], schedule: at(2026-01-05T12:00), duration: 10m}
"""
STOP = "{eventName: StopLogging}"


@pytest.fixture
def more(rules: Path) -> None:
    """Add composite alarms and a mute rule to the rules."""
    (rules / "rules.yaml").write_text(RULES + MORE)


@pytest.mark.usefixtures("more")
def test_what_is_held_back_is_not_expected_yet(played: Played) -> None:
    """The states are there at once, the notifications when nothing holds them back."""
    verdict = played(
        f"""\
  - name: t
    start: 2026-01-05T11:59:00Z
    events:
      - {{repeat: {{times: 3, every: 1s}}, record: {LOGIN}}}
      - {{at: 2m, record: {STOP}}}
    expect:
      - {{at: 2m, alarm: stop-logging, state: ALARM}}
      - at: 2m
        alarm: both
        state: ALARM
        evidence: [$1, $2]
        total: 4
        reason: stop-logging transitioned to ALARM at Monday 05 January, 2026
      - {{at: 2m, notifications: [{{alarm: failures, state: ALARM}}]}}
      - at: 3m
        notifications:
          - {{alarm: failures, state: ALARM}}
          - {{alarm: both, state: ALARM}}
"""
    )

    assert failures(verdict) == []


@pytest.mark.usefixtures("more")
def test_a_rule_that_is_not_there_is_told(played: Played) -> None:
    """With the difference, as for any alarm."""
    verdict = played(
        """\
  - name: t
    events: [{record: {eventName: StopLogging}}]
    expect: [{at: 1s, alarm: both, state: ALARM}]
"""
    )

    assert failures(verdict) == [("state of both", ["ALARM"], ["OK"])]


@pytest.mark.usefixtures("more")
def test_a_composite_alarm_has_no_groups(played: Played) -> None:
    """As an alarm without group_by."""
    verdict = played(
        """\
  - name: t
    expect: [{at: 1s, alarm: both, group: {$.a: b}, state: OK}]
"""
    )

    assert len(verdict.problems) == 1
    assert "group" in str(verdict.problems[0])
