"""Tests of the world of one test: time, log files, and what can be looked at."""

from pathlib import Path

from relay.config.rule_test_schema import DEFAULT_START, Defaults, EventEntry
from relay.model import AlarmState
from relay.ruletest.load import load_suite
from relay.ruletest.records import Occurrence, occurrences
from relay.ruletest.simulation import Scene, Simulation

ALICE = ("alice",)


def simulation() -> Simulation:
    """Return the world of a test that begins."""
    Path("x.yaml").write_text(
        "rule_files: [rules.yaml]\ntests: [{name: t, matches: {failures: 0}}]"
    )
    suite, problems = load_suite(Path("x.yaml"))
    assert problems == []
    assert suite is not None
    return Simulation(Scene(suite.rules, suite.notify), start=DEFAULT_START)


def logins(*places: tuple[str, str]) -> list[Occurrence]:
    """Return a failed login in each account and region."""
    record = {"eventName": "ConsoleLogin", "errorMessage": "Failed authentication"}
    events = [
        EventEntry(account=account, region=region, record=record)
        for account, region in places
    ]
    return occurrences(events, Defaults(), test="t", start=DEFAULT_START)


def test_alarms_without_groups_are_judged_at_the_start(rules: Path) -> None:
    """As when the daemon starts: no matches are no trouble."""
    world = simulation()

    assert world.states("stop-logging") == {(): AlarmState.OK}
    assert world.states("failures") == {}
    assert world.last_transition("failures", ALICE) is None


def test_each_account_and_region_has_its_log_file(rules: Path) -> None:
    """Evidence names the file as CloudTrail would have."""
    world = simulation()
    here, there = ("111122223333", "us-east-1"), ("444455556666", "eu-west-1")

    world.advance(DEFAULT_START + 90)
    world.receive(logins(here, there, here))

    transition = world.last_transition("failures", ALICE)
    assert transition is not None
    assert {each.key for each in transition.evidence} == {
        f"AWSLogs/{account}/CloudTrail/{region}/2026/01/05/"
        f"{account}_CloudTrail_{region}_20260105T1201Z_{number:016}.json.gz"
        for number, (account, region) in enumerate((here, there), start=1)
    }
    assert [each.at for each in world.sent] == [DEFAULT_START + 90]


def test_time_passes_deadline_by_deadline(rules: Path) -> None:
    """Each transition has happened at its own time, however far the clock moved."""
    world = simulation()
    world.receive(logins(*[("111122223333", "us-east-1")] * 3))

    world.advance(DEFAULT_START + 86_400)

    times = [
        each.at - DEFAULT_START
        for each in world.transitions
        if each.alarm.name == "failures"
    ]
    assert times == [0, 300]
    assert world.now == DEFAULT_START + 86_400
    assert world.states("failures") == {}
