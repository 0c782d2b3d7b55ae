"""deploy/iam-policy.json, filled in as deploy/README.md says."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Policy = dict[str, Any]

_PATH = Path(__file__).parents[2] / "deploy" / "iam-policy.json"


def shipped_policy() -> Policy:
    """Return the policy as it is shipped."""
    policy: Policy = json.loads(_PATH.read_text())
    return policy


def filled_policy(words: Mapping[str, str]) -> Policy:
    """Return the policy with its words in capitals replaced, the longest first."""
    text = _PATH.read_text()
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, words[word])
    policy: Policy = json.loads(text)
    return policy


def actions_of(statement: Policy) -> Sequence[str]:
    """Return the actions of a statement."""
    return _listed(statement["Action"])


def resources_of(statement: Policy) -> Sequence[str]:
    """Return the resources of a statement."""
    return _listed(statement["Resource"])


def _listed(one_or_more: str | list[str]) -> Sequence[str]:
    """Return a list, which a policy may write as one string."""
    return [one_or_more] if isinstance(one_or_more, str) else one_or_more
