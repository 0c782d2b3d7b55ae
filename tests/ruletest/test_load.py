"""Tests of reading test files: all of it, or every problem."""

from pathlib import Path

import pytest

from relay.config.rule_test_schema import DEFAULT_START
from relay.ruletest.load import Suite, load_suite
from relay.ruletest.routing import EVERYTHING

TEST = "tests: [{name: t, events: [{matches_only: []}]}]\n"


def load(text: str) -> tuple[Suite | None, list[str]]:
    """Return what is read of ``text``, and what is said of it."""
    Path("x.test.yaml").write_text(text)
    suite, problems = load_suite(Path("x.test.yaml"), environment={})
    return suite, [str(each).removeprefix("x.test.yaml:") for each in problems]


def test_a_good_file(rules: Path) -> None:
    """It has the rules, its tests, and a time that depends on no day."""
    suite, problems = load(f"rule_files: [rules.yaml]\n{TEST}")

    assert problems == []
    assert suite is not None
    assert [each.name for each in suite.rules.filters][:1] == ["failures"]
    assert suite.notify is EVERYTHING
    assert [each.start for each in suite.cases] == [DEFAULT_START]


def test_the_nearest_start_counts(rules: Path) -> None:
    """A test's own goes before the file's."""
    suite, problems = load(
        'rule_files: [rules.yaml]\nstart: "2026-02-01T00:00:00Z"\ntests:\n'
        "  - {name: a, matches: {failures: 0}}\n"
        '  - {name: b, start: "1970-01-01T00:00:00Z", matches: {failures: 0}}\n'
    )

    assert problems == []
    assert suite is not None
    assert [each.start for each in suite.cases] == [1769904000, 0]


def test_rule_files_are_globs_and_read_once(rules: Path) -> None:
    """A file that two of them name would have all its names twice."""
    (rules / "rules.d").mkdir()
    suite, problems = load(f"rule_files: ['*les.yaml', '{rules}/rules.*']\n{TEST}")

    assert problems == []
    assert suite is not None


def test_the_whole_process_environment_is_the_default(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for the daemon."""
    monkeypatch.setenv("WHO", "a")
    (rules / "relay.yaml").write_text(
        "notify: {receivers: [{name: a}], route: {receiver: '${WHO}'}}"
    )
    Path("x.test.yaml").write_text(
        f"rule_files: [rules.yaml]\nconfig: relay.yaml\n{TEST}"
    )

    suite, problems = load_suite(Path("x.test.yaml"))

    assert problems == []
    assert suite is not None
    assert suite.notify.route is not None
    assert suite.notify.route.receiver == "a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rule_files: [", None),
        ("[]", None),
        (
            f"rule_files: [nope.yaml, 3, rules.d]\n{TEST}",
            [
                "1: rule_files[1]: 3 is no text; put it in quotes",
                "1: rule_files[0]: 'nope.yaml' names no file",
                "1: rule_files[2]: 'rules.d' names no file",
            ],
        ),
        (f"rule_files: rules.yaml\n{TEST}", None),
        (
            f"rule_files: [rules.yaml, bad.yaml]\nstar: x\n{TEST}",
            [
                "2: star: is no known key; did you mean start?",
                "bad.yaml:1: metric_filters[0].pattern: is missing; it has no default",
            ],
        ),
        (
            "rule_files: [rules.yaml]\nrule_files: [rules.yaml]\n" + TEST,
            ["2: rule_files: written twice, first on line 1"],
        ),
        (
            f"rule_files: [rules.yaml]\nconfig: no.yaml\n{TEST}",
            ["no.yaml: cannot be read: No such file or directory"],
        ),
        (
            "rule_files: [rules.yaml]\ntests:\n"
            "  - {name: t, matches: {failures: 0}}\n"
            "  - {name: t, matches: {failures: 0}}\n",
            ["4: tests[1].name: 't' is the name of another test as well, on line 3"],
        ),
        (
            "rule_files: [rules.yaml]\ntests:\n  - name: t\n    events:\n"
            "      - {remove: [$.x], matches: [failure]}\n    expect:\n"
            "      - {at: 0s, alarm: silence, evidence: [$7]}\n",
            [
                "5: tests[0].events[0].remove[0]: '$.x' is no member of the record",
                "5: tests[0].events[0].matches[0]: 'failure' is no metric filter that"
                " is tested here; did you mean failures?",
            ],
        ),
    ],
    ids=[
        "no YAML",
        "a list",
        "no files",
        "a text",
        "bad rules",
        "a key twice",
        "no configuration",
        "a name twice",
        "wrong names",
    ],
)
def test_what_is_wrong(rules: Path, text: str, expected: list[str] | None) -> None:
    """All of it is said at once, each with its file, its line and its option."""
    (rules / "rules.d").mkdir()
    (rules / "bad.yaml").write_text("metric_filters: [{name: x}]")

    suite, problems = load(text)

    assert suite is None
    assert problems
    assert expected is None or problems == expected


def test_a_missing_file(tmp_path: Path) -> None:
    """It is named."""
    suite, problems = load_suite(tmp_path / "no.test.yaml")

    assert suite is None
    assert [each.message for each in problems] == [
        "cannot be read: No such file or directory"
    ]
