"""A folder with rules in it, and what becomes of test files there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from relay.ruletest.play import play_file
from relay.ruletest.results import FileVerdict
from tests.support.clock import FakeClock

RULES = """\
metric_filters:
  - name: failures
    pattern: '{ $.eventName = ConsoleLogin && $.errorMessage = "Failed*" }'
    alarm: {threshold: 3, period: 5m, group_by: [$.userIdentity.userName]}
  - name: stop-logging
    pattern: '{ $.eventName = StopLogging }'
    alarm: {severity: critical}
  - name: any-login
    pattern: '{ $.eventName = ConsoleLogin }'
  - name: heartbeat
    pattern: '{ $.eventName = Heartbeat }'
alarms:
  - name: silence
    metric: relay/heartbeat
    comparison_operator: LessThanThreshold
    threshold: 1
    period: 1h
    treat_missing_data: breaching
  - name: late-comers
    metric: relay/heartbeat
    threshold: 2
    period: 1m
    time: arrival
  - name: denied-share
    metric: relay/any-login
    statistic: Average
    threshold: 1
    period: 1m
    lateness: 10m
"""
LOGIN = "{eventName: ConsoleLogin, errorMessage: Failed authentication}"

Played = Callable[..., FileVerdict]


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, the working directory, that has ``rules.yaml`` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.yaml").write_text(RULES)
    return tmp_path


@pytest.fixture
def played(rules: Path) -> Played:
    """Write a test file, play it, and return what came of it."""

    def write_and_play(tests: str, *, top: str = "") -> FileVerdict:
        text = f"rule_files: [rules.yaml]\n{top}tests:\n{tests}"
        Path("x.test.yaml").write_text(text)
        return play_file(Path("x.test.yaml"), FakeClock())

    return write_and_play


def failures(verdict: FileVerdict) -> list[tuple[str, list[str], list[str]]]:
    """Return the differences of all tests: subject, expected, actual."""
    assert [str(problem) for problem in verdict.problems] == []
    return [
        (each.subject, list(each.expected), list(each.actual))
        for test in verdict.tests
        for each in test.differences
    ]
