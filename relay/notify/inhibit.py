"""Inhibition: which alarms make others mute while they last; pure.

What an alarm does and what may be done to it follow from its labels alone, and are
found out once. So ten thousand alarms cost as many look-ups, not each with each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from relay.config.matchers import all_match
from relay.config.route_section import InhibitRule


@dataclass(frozen=True, slots=True)
class _Side:
    """An alarm on one side of a rule; ``equal`` are its values of the rule's labels.

    ``is_both`` tells whether it fits the other side as well.
    """

    rule: int
    equal: tuple[str, ...]
    is_both: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Where an alarm stands: on which rules' source sides, and on which targets'."""

    sources: tuple[_Side, ...] = ()
    targets: tuple[_Side, ...] = ()


class Inhibition:
    """The rules of one configuration."""

    def __init__(self, rules: Sequence[InhibitRule]) -> None:
        self._rules = rules

    def __bool__(self) -> bool:
        return bool(self._rules)

    def sides(self, labels: Mapping[str, str]) -> Sides:
        """Return where an alarm with ``labels`` stands."""
        sources: list[_Side] = []
        targets: list[_Side] = []
        for number, rule in enumerate(self._rules):
            is_source = all_match(rule.source_matchers, labels)
            is_target = all_match(rule.target_matchers, labels)
            equal = tuple(labels.get(name, "") for name in rule.equal)
            side = _Side(number, equal, is_source and is_target)
            if is_source:
                sources.append(side)
            if is_target:
                targets.append(side)
        return Sides(sources=tuple(sources), targets=tuple(targets))


class Inhibitors:
    """All that is in ALARM, as far as it makes anything mute."""

    def __init__(self, active: Iterable[Sides]) -> None:
        self._sources = {source for sides in active for source in sides.sources}

    def silence(self, sides: Sides) -> bool:
        """Tell whether an alarm that stands there is mute.

        As in Alertmanager, what fits both sides of a rule is not made mute by another
        one that does: so nothing is by itself.
        """
        return any(self._is_mute(target) for target in sides.targets)

    def _is_mute(self, target: _Side) -> bool:
        if _Side(target.rule, target.equal, is_both=False) in self._sources:
            return True
        other = _Side(target.rule, target.equal, is_both=True)
        return not target.is_both and other in self._sources
