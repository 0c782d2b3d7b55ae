"""Tests of the files in config/: they load, keep to their schema, and say the truth."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from relay.config.export import config_schema, rules_schema
from relay.config.export import tests_schema as rule_tests_schema
from relay.config.load import Report, examine
from relay.config.model_keys import known_keys
from relay.config.problems import Location, option_path
from relay.config.rules import AlarmDefinition, MetricFilter
from relay.config.schema import Config
from relay.config.source_map import read_document

CONFIG = Path(__file__).parents[1] / "config"
RULE_FILES = sorted((CONFIG / "rules.d").glob("*.yaml"))
SHARED = (
    Path(__file__).parents[1] / ".." / "shared" / "data" / "cis_filter_patterns.json"
)
ENVIRONMENT = {
    "RELAY_HOOK_TOKEN": "token",
    "RELAY_HOOK_SECRET": "secret",
    "RELAY_TOKEN": "token",
}
SHOWN_APART = {"tags", "headers", "match", "access_points", "fields"}
"""Mappings whose keys are the user's."""


def example(name: str) -> Report:
    """Return what examining an example finds."""
    return examine(CONFIG / name, environment=ENVIRONMENT)


def filters() -> dict[str, MetricFilter]:
    """Return the metric filters of all example rule files."""
    report = example("minimal.yaml")
    assert report.loaded is not None
    return {each.name: each for each in report.loaded.rules.filters}


def alarms() -> dict[str, AlarmDefinition]:
    """Return the alarms of all example rule files."""
    report = example("minimal.yaml")
    assert report.loaded is not None
    return {each.name: each for each in report.loaded.rules.alarms}


@pytest.mark.parametrize("name", ["relay.yaml", "minimal.yaml"])
def test_an_example_loads(name: str) -> None:
    """Warned of are a text that is the benchmark's own, and a quota of AWS's own."""
    report = example(name)

    text, quota = report.warnings
    assert [str(problem) for problem in report.problems] == []
    assert text.option == "metric_filters[0].pattern"
    assert "AWS takes 100 on a log group" in quota.message


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (CONFIG / "relay.yaml", config_schema()),
        (CONFIG / "minimal.yaml", config_schema()),
    ]
    + [(path, rules_schema()) for path in RULE_FILES],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_an_example_keeps_to_its_schema(path: Path, schema: dict[str, Any]) -> None:
    """What an editor says of an example is nothing."""
    Draft202012Validator(schema).validate(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("relay.schema.json", config_schema()),
        ("rules.schema.json", rules_schema()),
        ("tests.schema.json", rule_tests_schema()),
    ],
)
def test_the_schema_files_are_up_to_date(name: str, schema: dict[str, Any]) -> None:
    """After a change: ``relay schema config > config/relay.schema.json``, and rules."""
    assert (CONFIG / name).read_text() == json.dumps(schema, indent=2) + "\n"


def test_the_long_example_shows_every_option() -> None:
    """Whoever reads config/relay.yaml has seen all there is."""
    document, _ = read_document(
        CONFIG / "relay.yaml", file="relay.yaml", environment={}
    )
    assert document is not None
    shown = {_generic(location) for location in document.lines}

    missing = {path for path in _options(Config, ()) if path not in shown}

    # What one service has apart is shown for S3.
    missing = {
        path for path in missing if not path.startswith(("aws.s", "aws.logs.", "aws.c"))
    }
    assert missing == set()


def _generic(location: Location) -> str:
    return option_path(tuple(step for step in location if isinstance(step, str)))


def _options(model: type[BaseModel], location: Location) -> Iterator[str]:
    for key in known_keys(model, location):
        inner = (*location, key)
        yield _generic(inner)
        # apprise is an extra: the example must load without it.
        is_apart = key in SHOWN_APART or key == "apprise"
        if is_apart or (key == "routes" and "routes" in location):
            continue
        # Sections stand right there, or in the list there.
        yield from _options(model, inner)
        yield from _options(model, (*inner, 0))


def test_the_minimal_example_is_ten_lines() -> None:
    """Ten lines of configuration are all that relay needs."""
    lines = (CONFIG / "minimal.yaml").read_text().splitlines()

    assert len([line for line in lines if not line.startswith("#")]) <= 10


def test_every_cis_control_has_its_alarm() -> None:
    """4.1 to 4.15, each Sum >= 1 within five minutes, with a severity and a reason."""
    found = {name: alarm for name, alarm in alarms().items() if name.startswith("cis-")}

    assert [name.split("-")[1] for name in found] == [f"4.{n}" for n in range(1, 16)]
    for alarm in found.values():
        assert alarm.metric.namespace == "CISBenchmark"
        assert (alarm.statistic, alarm.comparison) == (
            "Sum",
            "GreaterThanOrEqualToThreshold",
        )
        assert (alarm.threshold, alarm.period_secs, alarm.evaluation_periods) == (
            1,
            300,
            1,
        )
        assert alarm.severity in {"critical", "high", "medium", "low"}
        assert alarm.description


@pytest.mark.skipif(not SHARED.exists(), reason="the benchmark's texts are not here")
def test_cis_patterns_are_the_benchmarks_own_texts() -> None:
    """Compliance checkers compare them character for character."""
    texts: dict[str, list[str]] = {}
    for row in json.loads(SHARED.read_text())["cis"]:
        if row["version"] == "v5.0.0":
            texts.setdefault(row["control"], []).append(row["pattern"])

    found = {
        name.split("-")[1]: each.pattern.text
        for name, each in filters().items()
        if name.startswith("cis-")
    }

    assert found.keys() == texts.keys()
    for control, text in found.items():
        assert text in texts[control]


def permission(*ranges: str, ipv6: str = "fd00::/8") -> dict[str, Any]:
    """Return one permission of a security group's request."""
    return {
        "ipRanges": {"items": [{"cidrIp": each} for each in ranges]},
        "ipv6Ranges": {"items": [{"cidrIpv6": ipv6}]},
    }


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ([permission("10.0.0.0/8")], False),
        ([permission("0.0.0.0/0")], True),
        ([permission("10.0.0.0/8", "0.0.0.0/0")], True),
        ([permission("10.0.0.0/8"), permission("0.0.0.0/0")], True),
        ([permission(), permission(ipv6="::/0")], True),
        ([], False),
    ],
)
def test_an_open_security_group_is_found(
    permissions: list[dict[str, Any]], expected: bool
) -> None:
    """Wherever the open range stands among the first permissions or ranges."""
    record = {
        "eventName": "AuthorizeSecurityGroupIngress",
        "requestParameters": {
            "groupId": "sg-1",
            "ipPermissions": {"items": permissions},
        },
    }
    pattern = filters()["security-group-open-to-world"].pattern

    assert pattern.matches(json.dumps(record)) is expected
    assert not pattern.matches(
        json.dumps(record | {"errorCode": "Client.Unauthorized"})
    )


@pytest.mark.parametrize(
    ("name", "record"),
    [
        (
            "describe-trails",
            {"eventSource": "cloudtrail.amazonaws.com", "eventName": "DescribeTrails"},
        ),
        (
            "console-login-failures",
            {"eventName": "ConsoleLogin", "errorMessage": "Failed authentication"},
        ),
        (
            "root-login-without-mfa",
            {
                "eventName": "ConsoleLogin",
                "userIdentity": {"type": "Root"},
                "additionalEventData": {"MFAUsed": "No"},
                "responseElements": {"ConsoleLogin": "Success"},
            },
        ),
    ],
)
def test_what_an_intruder_does_is_found(name: str, record: dict[str, Any]) -> None:
    """The patterns match what CloudTrail writes, and not just anything."""
    pattern = filters()[name].pattern

    assert pattern.matches(json.dumps(record))
    assert not pattern.matches(json.dumps(record | {"eventName": "ListBuckets"}))


def test_login_failures_are_counted_per_user() -> None:
    """The third failure of one user raises the alarm, not the third failure."""
    alarm = alarms()["console-login-failures"]

    assert alarm.threshold == 3
    assert [selector.text for selector in alarm.group_by] == ["$.userIdentity.userName"]
