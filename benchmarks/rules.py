"""The rules that are measured with: the repository's own, and any number of others."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from benchmarks.patterns import Chosen
from relay.config.load import load
from relay.config.rules import RuleSet

RULE_FILES = Path(__file__).parents[1] / "config" / "rules.d" / "*.yaml"


def repository_rules() -> RuleSet:
    """Return the rules of config/rules.d."""
    config = {
        "source": {
            "queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/relay",
            "buckets": ["benchmark-trail-logs"],
        },
        "logs": {"group": "/relay/cloudtrail"},
        "rules": [str(RULE_FILES)],
    }
    with TemporaryDirectory() as directory:
        path = Path(directory) / "relay.yaml"
        path.write_text(yaml.safe_dump(config))
        return load(path, environment={}).rules


def rules_of(chosen: Chosen) -> RuleSet:
    """Return one metric filter, and the alarm on it, for each of ``chosen``."""
    rules = repository_rules()
    filter_template, alarm_template = rules.filters[0], rules.alarms[0]
    names = [f"rule-{number}" for number in range(len(chosen.patterns))]
    return RuleSet(
        filters=tuple(
            replace(
                filter_template,
                name=name,
                pattern=pattern,
                metric=replace(filter_template.metric, name=name),
            )
            for name, pattern in zip(names, chosen.patterns, strict=True)
        ),
        alarms=tuple(
            replace(
                alarm_template,
                name=name,
                metric=replace(filter_template.metric, name=name),
            )
            for name in names
        ),
    )
