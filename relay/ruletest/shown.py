"""How reports call what happens in a test: groups, and events by their references."""

from collections.abc import Iterable, Mapping, Sequence

from relay.config.rules import AnyAlarm
from relay.model import Group
from relay.notify.plain import one_line
from relay.ruletest.records import Occurrence


def values_of(definition: AnyAlarm | None, group: Group) -> Mapping[str, str]:
    """Return a group's values by the selectors of the alarm's ``group_by``."""
    selectors = () if definition is None else definition.group_by
    return dict(zip((each.text for each in selectors), group, strict=False))


def shown_values(values: Mapping[str, str]) -> str:
    """Return a group as ``{$.userIdentity.arn: ...}``, on one line; "" without any."""
    if not values:
        return ""
    pairs = (f"{selector}: {one_line(value)}" for selector, value in values.items())
    return f"{{{', '.join(pairs)}}}"


def named(alarm: str, group: str) -> str:
    """Return an alarm's name with its group, if it has any."""
    return f"{alarm} {group}" if group else alarm


class References:
    """What events are called: ``$2``, ``$2.3``, or their id when no event has it."""

    def __init__(self, happening: Iterable[Occurrence]) -> None:
        self._by_id: dict[str | None, tuple[int, str]] = {}
        for rank, each in enumerate(happening):
            self._by_id.setdefault(each.event_id, (rank, each.reference))

    def of(self, ids: Iterable[str | None]) -> Sequence[str]:
        """Return the references of the events with these ids, in the file's order."""
        unknown = len(self._by_id)
        found = {self._by_id.get(each, (unknown, one_line(str(each)))) for each in ids}
        return [reference for _, reference in sorted(found)]
