"""The labels of a notification: what routes, silences and inhibition match on."""

from relay.config.labels import ACCOUNT, REGION, group_label
from relay.config.rules import AnyAlarm
from relay.model import Transition
from relay.notify.plain import well_formed


def labels_of(transition: Transition, definition: AnyAlarm) -> dict[str, str]:
    """Return the labels of what is told of ``transition``.

    ``account`` and ``region`` are those of the records behind it, where these agree.
    The definition's own labels stand above all others.
    """
    labels: dict[str, str] = {}
    for selector, value in zip(definition.group_by, transition.group, strict=False):
        labels[group_label(selector.text)] = well_formed(value)
    return labels | _place(transition) | dict(definition.labels)


def _place(transition: Transition) -> dict[str, str]:
    places = {
        ACCOUNT: {evidence.account for evidence in transition.evidence},
        REGION: {evidence.region for evidence in transition.evidence},
    }
    return {
        label: well_formed(value)
        for label, found in places.items()
        for value in found
        if len(found) == 1 and value is not None
    }
