"""Many patterns at once, at a cost that does not grow with their number.

All patterns are evaluated partially for each distinct tuple of a few few-valued fields.
What comes of it, the patterns that match already and the residuals of those that may,
is kept as a plan in a bounded cache; so a record costs one look-up and its plan's
residuals, of which there are usually none.

Patterns of the other kinds read the record as text. They are asked one by one, and so
cost what each costs alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.patterns import MISSING, Pattern, parse_selector
from relay.patterns.binding import bind_condition
from relay.rules.partial import Known, reducer
from relay.trail.projection import Projection

KEY_FIELDS: Final = tuple(
    parse_selector(text)
    for text in (
        "$.eventSource",
        "$.eventName",
        "$.eventType",
        "$.eventCategory",
        "$.errorCode",
        "$.userIdentity.type",
    )
)
"""Fields with few values that many conditions are on. All hold strings in practice."""

CAPACITY: Final = 16_384
"""Plans and residuals that are kept; when they become more, all are made anew."""

_MAX_KEY_LENGTH: Final = 256  # characters of a value; CloudTrail's are much shorter


@dataclass(frozen=True, slots=True)
class _Plan:
    matching: tuple[int, ...]
    residuals: tuple[tuple[int, Callable[[Any], bool]], ...]


class Matcher:
    """Tells which of its patterns match a record, by their positions."""

    def __init__(
        self,
        patterns: Sequence[Pattern],
        projection: Projection,
        *,
        capacity: int = CAPACITY,
    ) -> None:
        """Compile ``patterns`` for fields that ``projection`` decoded.

        ``capacity`` bounds the plans and residuals that are kept.
        """
        read = frozenset[object]().union(*(pattern.selectors for pattern in patterns))
        keys = [selector for selector in KEY_FIELDS if selector in read]
        positions = {selector: position for position, selector in enumerate(keys)}
        self._reducers = [
            (position, reducer(pattern.condition, positions))
            for position, pattern in enumerate(patterns)
            if pattern.condition is not None
        ]
        self._texts = [
            (position, pattern.matches)
            for position, pattern in enumerate(patterns)
            if pattern.condition is None
        ]
        self._projection = projection
        self._key_of = projection.joint_getter(keys)
        self._plans: dict[Known, _Plan] = {}
        self._capacity = self._room = capacity

    def matching(self, fields: object | None, message: str) -> Sequence[int]:
        """Return the positions of all patterns that match a record, ascending.

        ``fields`` None, when nothing could read the record, matches no JSON pattern;
        ``message`` is the record's text, for all others.
        """
        found = self._matching_fields(fields)
        if not self._texts:
            return found
        return sorted(
            [*found, *(position for position, test in self._texts if test(message))]
        )

    def _matching_fields(self, fields: object | None) -> Sequence[int]:
        if fields is None or not self._reducers:
            return ()
        key = self._key_of(fields)
        try:
            plan = self._plans.get(key) or self._add_plan(key)
        except TypeError:  # an object or list where a string should be
            plan = self._make_plan(key)
        if not plan.residuals:
            return plan.matching
        found = [position for position, test in plan.residuals if test(fields)]
        return sorted([*plan.matching, *found]) if found else plan.matching

    def _add_plan(self, key: Known) -> _Plan:
        plan = self._make_plan(key)
        if all(map(_is_key, key)):
            self._room -= 1 + len(plan.residuals)
            if self._room < 0:
                self._plans.clear()
                self._room = self._capacity
            self._plans[key] = plan
        return plan

    def _make_plan(self, key: Known) -> _Plan:
        matching, residuals = [], []
        for position, reduce in self._reducers:
            result = reduce(key)
            if result is True:
                matching.append(position)
            elif result is not False:
                test = bind_condition(result, self._projection.getter)
                residuals.append((position, test))
        return _Plan(tuple(matching), tuple(residuals))


def _is_key(value: object) -> bool:
    """Tell whether a plan may be kept under ``value``.

    Not under numbers and booleans: 1, 1.0 and True are one key of a dict, but different
    values to a pattern. No kept key equals one of those, so they find no plan.
    """
    if isinstance(value, str):
        return len(value) <= _MAX_KEY_LENGTH
    return value is None or value is MISSING
