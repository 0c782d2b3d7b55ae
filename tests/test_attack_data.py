"""The rules of our own over real records of a simulated attack: found, and no noise."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
import yaml

from relay.clock import parse_isoformat
from relay.config.load import load
from relay.config.notify_section import Notify
from relay.match.event_files import find_files, read_events
from relay.model import AlarmState
from relay.ruletest.records import Occurrence
from relay.ruletest.simulation import Scene, Simulation

ROOT = Path(__file__).parents[1]
DATA = ROOT / ".." / "shared" / "data" / "objects"
OWN = sorted(
    path
    for path in (ROOT / "config" / "rules.d").glob("*.yaml")
    if not path.name.startswith("cis-")
)
TOOL = "stratus-red-team"
"""The attacks' own user agent; records without it are an account's ordinary ones."""
FOUND = {
    "T1070": {"evasion-log-group-deleted"},
    "T1078.004": {
        "console-login-by-script",
        "console-login-without-mfa",
        "recon-offensive-tool",
        "recon-roles-tried",
    },
    "T1087.004": {"recon-account-dumped", "recon-identities-enumerated"},
    "T1098.001": {
        "iam-access-key-created-for-user",
        "iam-console-password-set",
        "iam-roles-anywhere-trust",
    },
    "T1098.003": {"escalation-administrator-attached", "iam-role-trust-changed"},
    "T1136.003": {"iam-user-created"},
    "T1485": {"impact-secrets-deleted"},
    "T1485.001": {"impact-bucket-expires-within-a-day"},
    "T1496.001": {"compute-gpu-instance", "compute-quota-hit"},
    "T1518.001": {"recon-defenses-listed"},
    "T1525": {"workload-function-code-changed-by-user"},
    "T1537": {
        "exposure-bucket-shared-with-account",
        "exposure-database-snapshot-shared",
        "exposure-image-shared",
        "exposure-snapshot-shared",
    },
    "T1546": {"exposure-function-policy-public"},
    "T1552": {"secrets-user-data-read", "secrets-windows-passwords-read"},
    "T1555.006": {"secrets-parameters-read-in-bulk", "secrets-read-in-bulk"},
    "T1562.007": {"network-route-to-internet", "security-group-open-to-world"},
    "T1562.008": {
        "evasion-flow-logs-deleted",
        "trail-deleted",
        "trail-events-deselected",
        "trail-tampering-failed",
    },
    "T1580": {"recon-calls-refused"},
    "T1651": {"instances-command-run"},
    "T1654": {"describe-trails"},
    "T1666": {"account-left-organization"},
}
"""The techniques of the attack, with the alarms that they raise."""

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="needs the folder of real data"
)


def occurrences() -> Iterator[Occurrence]:
    """Return the records as events that are seen when they happen, in order."""
    texts = [
        event.text
        for path in find_files([DATA], lambda error: None)
        for event in read_events(path)
    ]
    parsed = [(json.loads(text), text) for text in texts]
    parsed.sort(key=lambda each: str(each[0]["eventTime"]))
    for number, (record, text) in enumerate(parsed, start=1):
        yield Occurrence(
            number=number,
            reference=f"${number}",
            arrives_at=parse_isoformat(record["eventTime"]),
            event_id=record["eventID"],
            name=record["eventName"],
            account=record["recipientAccountId"],
            region=record["awsRegion"],
            record=text,
        )


@pytest.fixture(scope="module")
def attack() -> list[Occurrence]:
    """Return all records."""
    return list(occurrences())


@pytest.fixture(scope="module")
def simulation(
    attack: list[Occurrence], tmp_path_factory: pytest.TempPathFactory
) -> Simulation:
    """Return what has become of our own rules once all records were seen."""
    path = tmp_path_factory.mktemp("attack") / "relay.yaml"
    config = {
        "source": {
            "queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/relay",
            "buckets": ["org-trail-logs"],
        },
        "logs": {"group": "/relay/cloudtrail"},
        "rules": [str(each) for each in OWN],
    }
    path.write_text(yaml.safe_dump(config))
    scene = Scene(load(path, environment={}).rules, Notify())
    simulation = Simulation(scene, start=attack[0].arrives_at)
    for at, happening in groupby(attack, key=lambda each: each.arrives_at):
        simulation.advance(at)
        simulation.receive(happening)
    return simulation


def test_the_techniques_of_the_attack_are_found(simulation: Simulation) -> None:
    """Exactly these alarms are raised, each for what it is about."""
    raised = {
        each.alarm.name
        for each in simulation.transitions
        if each.new is AlarmState.ALARM
    }

    found: dict[str, set[str]] = {}
    for path in OWN:
        for entry in yaml.safe_load(path.read_text())["metric_filters"]:
            if entry["name"] in raised:
                technique = entry["alarm"]["labels"]["mitre"]
                found.setdefault(technique, set()).add(entry["name"])
    assert found == FOUND


def test_no_rule_matches_much_of_what_is_ordinary(
    simulation: Simulation, attack: list[Occurrence]
) -> None:
    """Two of a hundred ordinary records at most, even where a rule only counts."""
    ordinary = [
        each.reference
        for each in attack
        if TOOL not in json.loads(each.record).get("userAgent", "")
    ]

    hits = Counter(name for each in ordinary for name in simulation.matched[each])

    assert len(ordinary) > 1_000
    assert {name for name in hits if hits[name] > 0.02 * len(ordinary)} == set()


def test_the_page_tells_what_was_found() -> None:
    """The table in docs/rules.md has these alarms, but for the tool's own."""
    rows = re.findall(
        r"(?m)^\| \[(T[0-9.]+)\]\(\S+\) \| (`.*`) \|$",
        (ROOT / "docs" / "rules.md").read_text(),
    )

    told = {technique: set(re.findall("`(.*?)`", names)) for technique, names in rows}
    assert told == {
        technique: names - {"recon-offensive-tool"}
        for technique, names in FOUND.items()
    }
