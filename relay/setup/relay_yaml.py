"""The relay.yaml that fits what setup has made; pure."""

from collections.abc import Mapping

import yaml

from relay.config.rules import RuleSet
from relay.config.schema import Config, Loaded
from relay.setup.blueprint import Blueprint

_HEAD = """\
# Written by `relay setup`: the source and the log group that it has made.
# Every option is in docs/configuration.md. What is still yours to add:
#   rules:  [rules.d/*.yaml]        what to raise alarms on
#   notify: who is told of them
"""


def configuration(plan: Blueprint, *, queue_url: str) -> dict[str, object]:
    """Return relay.yaml as a document: only what is not a default."""
    file = plan.file
    # As whom setup itself calls AWS is not the daemon's business.
    aws = {"region": plan.region}
    if file.aws.endpoint_url is not None:
        aws["endpoint_url"] = file.aws.endpoint_url
    return {
        "aws": aws,
        "source": {
            "queue_url": queue_url,
            "buckets": [plan.bucket],
            "expected_bucket_owner": plan.account,
        },
        # Setup makes the log group, so the daemon needs no permission to.
        "logs": {"group": file.logs.group, "create": {"group": False}},
    }


def text_of(document: Mapping[str, object]) -> str:
    """Return the document as YAML, with what to do next above it."""
    return _HEAD + yaml.safe_dump(dict(document), sort_keys=False)


def loaded_of(document: Mapping[str, object]) -> Loaded:
    """Return the document as the daemon would load it, before it has any rules."""
    return Loaded(config=Config.model_validate(document), rules=RuleSet())
