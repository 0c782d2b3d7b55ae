"""The names of the labels that routes, silences and inhibition match on.

Besides what a rule file gives an alarm there are the account and the region of its
records, and the values of its ``group_by``.
"""

import re
from functools import lru_cache
from typing import Final

from relay.config.rules import AnyAlarm

ACCOUNT: Final = "account"
REGION: Final = "region"


@lru_cache(maxsize=1_024)
def group_label(selector: str) -> str:
    """Return the label of a ``group_by`` selector's value.

    ``$.userIdentity.userName`` is ``userIdentity_userName``.
    """
    name = re.sub(r"[^A-Za-z0-9]+", "_", selector.removeprefix("$")).strip("_")
    return f"_{name}" if name[:1].isdigit() else name


def label_names(alarm: AnyAlarm) -> frozenset[str]:
    """Return all labels that a notification of ``alarm`` may have."""
    own = {name for name, _ in alarm.labels}
    groups = {group_label(selector.text) for selector in alarm.group_by}
    return frozenset({ACCOUNT, REGION} | own | groups)
