"""Tests of what is expected of notifications."""

from pathlib import Path

import pytest

from tests.ruletest.conftest import LOGIN, Played, failures

CONFIG = """\
notify:
  receivers: [{name: all, sqs: [{}]}, {name: pager, email: [{}]}, {name: nobody}]
  route:
    receiver: all
    repeat_interval: 1h
    routes:
      - match: {severity: critical}
        receiver: pager
        continue: true
        send_resolved: false
      - {match: {severity: critical}}
      - {match: {alarm: silence}, receiver: nobody}
"""
STOP = "{record: {eventName: StopLogging}}"


@pytest.mark.parametrize(
    ("expected", "wanted", "found"),
    [
        ("[{alarm: failures, state: ALARM, times: 2}]", [], []),
        (
            "[{alarm: failures, group: {$.userIdentity.userName: a1}, state: ALARM},"
            " {alarm: failures, group: {$.userIdentity.userName: a2}, state: ALARM}]",
            [],
            [],
        ),
        (
            "[{alarm: failures, state: ALARM, times: 2}, {alarm: failures, state: OK,"
            " times: 0}]",
            [],
            [],
        ),
        (
            "[]",
            [],
            [
                "1 x ALARM failures {$.userIdentity.userName: a1}",
                "1 x ALARM failures {$.userIdentity.userName: a2}",
            ],
        ),
        (
            "[{alarm: failures, state: ALARM}, {alarm: silence, state: OK}]",
            ["1 x ALARM failures", "1 x OK silence"],
            ["2 x ALARM failures"],
        ),
        (
            "[{alarm: failures, group: {$.userIdentity.userName: a2}, state: ALARM}]",
            ["1 x ALARM failures {$.userIdentity.userName: a2}"],
            [
                "1 x ALARM failures {$.userIdentity.userName: a2}",
                "1 x ALARM failures {$.userIdentity.userName: a1}",
            ],
        ),
    ],
)
def test_all_that_was_sent_is_expected(
    played: Played, expected: str, wanted: list[str], found: list[str]
) -> None:
    """So often as it says, and nothing besides; groups when they are named."""
    verdict = played(
        f"""\
  - name: t
    events:
      - {{repeat: {{times: 3}}, record: {LOGIN[:-1]}, userIdentity: {{userName: a1}}}}}}
      - {{repeat: {{times: 3}}, record: {LOGIN[:-1]}, userIdentity: {{userName: a2}}}}}}
    expect: [{{at: 1m, notifications: {expected}}}]
"""
    )

    difference = [("notifications sent", wanted, found)] if found else []
    assert failures(verdict) == difference


def test_without_a_configuration_nobody_is_reminded(played: Played) -> None:
    """Each transition into ALARM and out of it is told once."""
    verdict = played(
        f"""\
  - name: t
    events: [{STOP}, {{at: 10h}}]
    expect:
      - {{at: 2m, notifications: [{{alarm: stop-logging, state: ALARM}}]}}
      - at: 45m
        notifications:
          - {{alarm: stop-logging, state: ALARM}}
          - {{alarm: stop-logging, state: OK}}
"""
    )

    assert failures(verdict) == []


def test_routes_decide_who_is_told(played: Played, rules: Path) -> None:
    """By the labels; the pager does not hear of the end."""
    (rules / "relay.yaml").write_text(CONFIG)
    verdict = played(
        f"""\
  - name: right
    events: [{STOP}]
    expect:
      - at: 30m
        notifications:
          - {{alarm: stop-logging, state: ALARM, receiver: all}}
          - {{alarm: stop-logging, state: ALARM, receiver: pager}}
          - {{alarm: stop-logging, state: OK, receiver: all}}
      - at: 30m
        notifications:
          - {{alarm: stop-logging, state: ALARM}}
          - {{alarm: stop-logging, state: OK}}
  - name: wrong
    events: [{STOP}]
    expect:
      - at: 30m
        notifications:
          - {{alarm: stop-logging, state: ALARM, receiver: all}}
          - {{alarm: stop-logging, state: OK, receiver: pager}}
""",
        top="config: relay.yaml\n",
    )

    assert failures(verdict) == [
        (
            "notifications sent",
            ["1 x ALARM stop-logging to all", "1 x OK stop-logging to pager"],
            [
                "1 x ALARM stop-logging to all",
                "1 x ALARM stop-logging to pager",
                "1 x OK stop-logging to all",
            ],
        )
    ]


def test_reminders_come_as_long_as_it_lasts(played: Played, rules: Path) -> None:
    """Every hour; they are expected apart. Who has no target gets none."""
    (rules / "relay.yaml").write_text(CONFIG)
    verdict = played(
        """\
  - name: t
    events:
      - {repeat: {times: 37, every: 4m}, record: {eventName: StopLogging}}
    expect:
      - at: 59m
        notifications: [{alarm: stop-logging, state: ALARM}]
      - at: 2h10m
        notifications:
          - {alarm: stop-logging, state: ALARM}
          - {alarm: stop-logging, state: ALARM, reminder: true, times: 2}
      - at: 2h10m
        notifications:
          - {alarm: stop-logging, state: ALARM, receiver: pager}
          - {alarm: stop-logging, state: ALARM, receiver: all}
          - {alarm: stop-logging, state: ALARM, reminder: true, receiver: all}
""",
        top="config: relay.yaml\n",
    )

    assert failures(verdict) == [
        (
            "notifications sent",
            [
                "1 x ALARM stop-logging to pager",
                "1 x ALARM stop-logging to all",
                "1 x reminder of ALARM stop-logging to all",
            ],
            [
                "1 x ALARM stop-logging to pager",
                "1 x ALARM stop-logging to all",
                "2 x reminder of ALARM stop-logging to all",
                "2 x reminder of ALARM stop-logging to pager",
            ],
        )
    ]
