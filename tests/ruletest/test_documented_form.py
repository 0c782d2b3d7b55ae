"""docs/testing-rules.md is true: its files are read and played as it says."""

import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from relay.config.export import tests_schema as rule_tests_schema
from relay.config.rule_test_schema import (
    Defaults,
    EventEntry,
    Expectation,
    ExpectedNotification,
    RuleTest,
    RuleTestFile,
)
from relay.ruletest.play import play_file
from relay.ruletest.report import file_lines
from relay.ruletest.results import FileVerdict
from tests.support.clock import FakeClock

PAGE = (Path(__file__).parents[2] / "docs" / "testing-rules.md").read_text()
RULES, FIRST, ROUTED, CONFIG, OTHERS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
(REPORT,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with the page's rules and its configuration."""
    monkeypatch.chdir(tmp_path)
    Path("logins.yaml").write_text(RULES)
    Path("relay.yaml").write_text(CONFIG)


def play(text: str) -> FileVerdict:
    """Return what comes of the test file ``text``."""
    Path("logins.test.yaml").write_text(text)
    return play_file(Path("logins.test.yaml"), FakeClock())


@pytest.mark.parametrize("text", [FIRST, ROUTED, OTHERS], ids=["first", "told", "more"])
def test_the_examples_pass(text: str) -> None:
    """As they stand there; an editor has nothing to say either."""
    verdict = play(text)

    assert verdict.has_passed, verdict
    Draft202012Validator(rule_tests_schema()).validate(yaml.safe_load(text))


def test_the_failure_looks_as_shown() -> None:
    """Line for line."""
    Path("logins.yaml").write_text(RULES.replace("threshold: 3", "threshold: 4"))

    lines = [line.plain for line in file_lines(play(FIRST), is_verbose=False)]

    assert lines == REPORT.splitlines()


def test_every_option_is_on_the_page() -> None:
    """Nothing has to be looked up in the code."""
    models = (Defaults, EventEntry, Expectation, ExpectedNotification, RuleTest)
    options = {name for model in (*models, RuleTestFile) for name in model.model_fields}

    assert {each for each in options if each not in PAGE} == set()
