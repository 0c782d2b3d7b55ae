"""The rule packs of config/rules.d: complete, tested, documented, to the letter."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from relay.config import export
from relay.config.load import Report, examine
from relay.config.rules import AlarmDefinition, MetricFilter
from relay.patterns import compile_pattern
from relay.ruletest.play import play_file
from tests.support.clock import FakeClock

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "config" / "rules.d"
PAGE = ROOT / "docs" / "rules.md"
TEXTS = ROOT / ".." / "shared" / "data" / "cis_filter_patterns.json"
PACKS = sorted([*FOLDER.glob("*.yaml"), *(FOLDER / "compliance").glob("*.yaml")])
SEVERITIES = {"critical", "high", "medium", "low"}
TACTICS = {
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "defense-evasion",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
}
FLAWED = {
    "cis-4.1-unauthorized-api-calls": "'&&' binds tighter than '||'",
    "cis-1.4-4.1-unauthorized-api-calls": "'!=' on $.sourceIPAddress and $.eventName",
    "cis-3.0-4.1-unauthorized-api-calls": "'&&' binds tighter than '||'",
}
"""Texts of the benchmark that are kept as they are, with what is wrong with them."""


def pack_name(path: Path) -> str:
    """Return the name of a file as pytest shows it."""
    return path.name


def cases_of(pack: Path) -> Path:
    """Return the file that tests a pack."""
    return FOLDER / "tests" / f"{pack.stem}.test.yaml"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return what `relay check` finds when all packs are loaded together."""
    path = tmp_path_factory.mktemp("packs") / "relay.yaml"
    config = {
        "source": {
            "queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/relay",
            "buckets": ["org-trail-logs"],
        },
        "logs": {"group": "/relay/cloudtrail"},
        "rules": [str(each) for each in PACKS],
    }
    path.write_text(yaml.safe_dump(config))
    return examine(path, environment={})


def alarms_of(report: Report) -> dict[str, AlarmDefinition]:
    """Return all alarms of all packs, by name."""
    assert report.loaded is not None
    return {alarm.name: alarm for alarm in report.loaded.rules.alarms}


def filters_of(report: Report) -> dict[str, MetricFilter]:
    """Return all metric filters of all packs, by name."""
    assert report.loaded is not None
    return {each.name: each for each in report.loaded.rules.filters}


@cache
def written(path: Path) -> Any:  # noqa: ANN401 - YAML
    """Return what stands in a YAML file."""
    return yaml.safe_load(path.read_text())


def is_own(name: str) -> bool:
    """Tell a rule of ours from those whose text others prescribe."""
    return not name.startswith(("cis-", "securityhub-"))


def test_all_packs_go_together(report: Report) -> None:
    """No name is used twice; warned of are the known flaws and AWS's own quota."""
    texts = [str(warning.message) for warning in report.warnings]

    assert [str(problem) for problem in report.problems] == []
    assert len(texts) == len(FLAWED) + 2
    assert sum("AWS takes 100 on a log group" in text for text in texts) == 1
    assert sum(text.startswith("tells nobody") for text in texts) == 1
    for reason in set(FLAWED.values()):
        assert sum(reason in text for text in texts) == [*FLAWED.values()].count(reason)


def test_metrics_belong_to_one_filter_each(report: Report) -> None:
    """A pack that is loaded beside another does not count into its alarms."""
    metrics = [each.metric for each in filters_of(report).values()]

    assert len(set(metrics)) == len(metrics)


def test_there_are_sixty_rules_of_our_own(report: Report) -> None:
    """Beyond what CIS and Security Hub ask for."""
    own = {name for name in alarms_of(report) if is_own(name)}

    assert len(own) >= 60


def runbooks_of_the_page() -> dict[str, str]:
    """Return what docs/rules.md says to do, by the heading that it stands under."""
    sections = re.findall(
        r"(?m)^### (\S+)\n\n((?:.|\n)*?)(?=\n#{2,3} |\Z)", PAGE.read_text()
    )
    return {
        heading: " ".join(re.sub(r"\[([^]]+)\]\([^)]*\)|`", r"\1", text).split())
        for heading, text in sections
    }


def test_every_filter_has_an_alarm_that_tells_what_it_means(report: Report) -> None:
    """A severity, a description, a technique with its tactic, its pack, a runbook."""
    alarms = alarms_of(report)
    runbooks = runbooks_of_the_page()

    assert alarms.keys() == filters_of(report).keys()
    for name, alarm in alarms.items():
        labels = dict(alarm.labels)
        assert alarm.severity in SEVERITIES, name
        assert (alarm.description or "").endswith("."), name
        assert re.fullmatch(r"T1[0-9]{3}(\.[0-9]{3})?", labels["mitre"]), name
        assert labels["tactic"] in TACTICS, name
        assert labels["pack"] == Path(alarm.origin.rpartition(":")[0]).stem, name
        assert alarm.runbook == runbooks.get(name, alarm.runbook), name
        assert alarm.runbook in runbooks.values(), name


def test_the_page_says_what_the_files_say(report: Report) -> None:
    """Each rule has one line in docs/rules.md, with its technique and severity."""
    rows = re.findall(
        r"(?m)^\| \[(\S+)\]\(#\1\) \| \[(T[0-9.]+)\]\(\S+\) (\S+) \| (\S+) \|$",
        PAGE.read_text(),
    )

    assert sorted(rows) == sorted(
        (name, labels["mitre"], labels["tactic"], labels["severity"])
        for name, alarm in alarms_of(report).items()
        if is_own(name)
        for labels in [dict(alarm.labels)]
    )


def test_the_page_counts_the_rules() -> None:
    """The table of packs has the number of rules in each."""
    rows = re.findall(r"(?m)^\| `(\S+\.yaml)` \| ([0-9]+) \|", PAGE.read_text())

    assert {name: int(rules) for name, rules in rows} == {
        str(pack.relative_to(FOLDER)): len(written(pack)["metric_filters"])
        for pack in PACKS
    }


def test_flawed_texts_of_the_older_benchmarks_tell_nobody(report: Report) -> None:
    """The corrected variant beside them does."""
    alarms = alarms_of(report)

    for pack in ("cis-1.4", "cis-3.0"):
        assert not alarms[f"{pack}-4.1-unauthorized-api-calls"].actions_enabled
        assert alarms[f"{pack}-4.1-corrected"].actions_enabled


@pytest.mark.parametrize("pack", PACKS, ids=pack_name)
def test_a_pack_keeps_to_its_schema(pack: Path) -> None:
    """An editor has nothing to say of it, nor of its tests."""
    Draft202012Validator(export.rules_schema()).validate(written(pack))
    Draft202012Validator(export.tests_schema()).validate(written(cases_of(pack)))


@pytest.mark.parametrize("pack", PACKS, ids=pack_name)
def test_a_pack_is_in_the_language_of_aws(pack: Path) -> None:
    """Whoever wants to can carry a rule over to CloudWatch Logs."""
    for entry in written(pack)["metric_filters"]:
        assert "extensions" not in entry
        assert compile_pattern(entry["pattern"]).text == entry["pattern"]


@pytest.mark.parametrize("pack", PACKS, ids=pack_name)
def test_every_rule_is_tested_both_ways(pack: Path) -> None:
    """Some record matches and raises the alarm; some does not, and it stays OK."""
    names = {entry["name"] for entry in written(pack)["metric_filters"]}
    matched: set[str] = set()
    refused: set[str] = set()
    states: set[tuple[str, str]] = set()

    for test in written(cases_of(pack))["tests"]:
        for event in test["events"]:
            matched.update(event.get("matches", ()))
            refused.update(event.get("matches_not", ()))
        states.update((each["alarm"], each["state"]) for each in test.get("expect", ()))

    assert names == matched
    assert names == refused
    assert {(name, state) for name in names for state in ("ALARM", "OK")} == states


@pytest.mark.parametrize("pack", PACKS, ids=pack_name)
def test_the_tests_of_a_pack_pass(pack: Path) -> None:
    """What `relay test` says of it."""
    verdict = play_file(cases_of(pack), FakeClock())

    assert [str(problem) for problem in verdict.problems] == []
    assert [test.name for test in verdict.failed] == []


@pytest.mark.skipif(not TEXTS.exists(), reason="the benchmark's texts are not here")
@pytest.mark.parametrize(
    ("version", "prefix", "differing"),
    [
        ("1.2", "cis-1.2-3", {"4"}),
        ("1.4", "cis-1.4-4", set()),
        ("3.0", "cis-3.0-4", {"4"}),
        ("5.0", "cis-4", set()),
    ],
)
def test_cis_patterns_are_the_benchmarks_own_texts(
    report: Report, version: str, prefix: str, differing: set[str]
) -> None:
    """To the last blank, but for those that are printed broken."""
    number = re.compile(rf"{re.escape(prefix)}\.([0-9]+)-(?!corrected)")
    rows = json.loads(TEXTS.read_text())["cis"]
    texts: dict[str, list[str]] = {}
    for row in rows:
        if row["version"] == f"v{version}.0":
            control = row["control"].split(".")[1]
            texts.setdefault(control, []).append(row["pattern"])

    found = {
        control[1]: each.pattern.text
        for name, each in filters_of(report).items()
        if (control := number.match(name))
    }

    assert found.keys() == texts.keys()
    assert {each for each in found if found[each] not in texts[each]} == differing
    for control in differing:
        without = [text.replace(" ", "") for text in texts[control]]
        assert found[control].replace(" ", "") in without


@pytest.mark.skipif(not TEXTS.exists(), reason="the controls' texts are not here")
def test_security_hub_patterns_are_the_controls_own_texts(report: Report) -> None:
    """CloudWatch.1 to CloudWatch.14, to the last blank."""
    rows = json.loads(TEXTS.read_text())["security_hub_2023"]
    number = re.compile(r"securityhub-cloudwatch\.([0-9]+)-")

    found = {
        f"CloudWatch.{control[1]}": each.pattern.text
        for name, each in filters_of(report).items()
        if (control := number.match(name))
    }

    assert found == {row["control"]: row["pattern"] for row in rows}
