"""Rule tests of conditions beyond a threshold, from the rule file to the state."""

from pathlib import Path

import pytest

from tests.ruletest.conftest import Played, failures

RULES = """\
metric_filters:
  - name: events
    pattern: '{ $.eventSource = "*" }'
    alarm:
      name: silent-account
      absent: {for: 1h, expected: ["111122223333", "444455556666"]}
      group_by: [$.recipientAccountId]
  - name: logins
    pattern: '{ $.eventName = ConsoleLogin }'
    alarm:
      name: new-address
      new_value: {of: $.sourceIPAddress, learn: 1d}
alarms:
  - name: many-calls
    filter: events
    cardinality: {of: $.eventName, more_than: 3}
    group_by: [$.userIdentity.userName]
  - name: many-more
    filter: events
    rate_change: {times: 5, at_least: 10}
"""


@pytest.fixture
def conditions(rules: Path) -> None:
    """Put alarms with conditions into the rules."""
    (rules / "rules.yaml").write_text(RULES)


@pytest.mark.usefixtures("conditions")
@pytest.mark.parametrize(
    "test",
    [
        """\
  - name: an expected account falls silent, and comes again
    events:
      - {repeat: {times: 3, every: 30m}}
      - {at: 4h}
      - {account: "444455556666", repeat: {times: 20, every: 30m}}
      - {account: "999999999999"}
    expect:
      - {at: 2h14m, alarm: silent-account, state: OK}
      - at: 2h15m
        alarm: silent-account
        group: {$.recipientAccountId: "111122223333"}
        state: ALARM
        evidence: [$1.3]
        reason: "(last [05/01/26 13:00:00])"
      - {at: 4h, alarm: silent-account, state: OK}
""",
        """\
  - name: an address that was not there when it learned
    events:
      - {at: 1h, record: {eventName: ConsoleLogin, sourceIPAddress: 192.0.2.1}}
      - {at: 25h, record: {eventName: ConsoleLogin, sourceIPAddress: 192.0.2.1}}
      - {at: 26h, record: {eventName: ConsoleLogin, sourceIPAddress: 192.0.2.2}}
    expect:
      - {at: 1h, alarm: new-address, state: INSUFFICIENT_DATA}
      - {at: 25h, alarm: new-address, state: OK}
      - {at: 26h, alarm: new-address, state: ALARM, evidence: [$3], total: 1}
      - {at: 26h5m, alarm: new-address, state: OK}
""",
        """\
  - name: one user asks many different things, another the same thing often
    events:
      - {repeat: {times: 4, every: 1m}, record: {eventName: "Get{n}"}}
      - {repeat: {times: 9, every: 1m}, record: {userIdentity: {userName: bob}}}
    expect:
      - {at: 2m, alarm: many-calls, state: OK}
      - {at: 3m, alarm: many-calls, group: {$.userIdentity.userName: alice},
         state: ALARM, evidence: [$1], total: 4}
      - {at: 3m, alarm: many-calls, group: {$.userIdentity.userName: bob}, state: OK}
      - {at: 8m, alarm: many-calls, state: OK}
""",
        """\
  - name: five times as many
    events:
      - {repeat: {times: 15, every: 1m}}
      - {at: 10m, repeat: {times: 25, every: 1s}}
    expect:
      - {at: 20m, alarm: many-more, state: OK}
      - {at: 21m, alarm: many-more, state: ALARM, reason: times the 5 of 5m before}
      - {at: 2h, alarm: many-more, state: OK}
""",
    ],
    ids=["absent", "new_value", "cardinality", "rate_change"],
)
def test_a_condition_can_be_tested(played: Played, test: str) -> None:
    """As any other alarm."""
    assert failures(played(test)) == []
