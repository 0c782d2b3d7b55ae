"""The rules that are measured with: the repository's own, and many more like them."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from relay.config.load import load
from relay.config.rules import RuleSet
from relay.patterns import compile_pattern

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


def with_more_filters(rules: RuleSet, count: int) -> RuleSet:
    """Return ``rules`` with as many filters as make ``count``, each on its own call."""
    template = rules.filters[0]
    more = tuple(
        replace(
            template,
            name=f"made-up-{index}",
            pattern=compile_pattern(
                f"{{ ($.eventSource = made-up-{index % 40}.amazonaws.com) "
                f"&& ($.eventName = DeleteThing{index}) }}"
            ),
            metric=replace(template.metric, name=f"MadeUp{index}"),
        )
        for index in range(count - len(rules.filters))
    )
    return replace(rules, filters=rules.filters + more)
