"""Many patterns at once, at a cost that does not grow with their number.

All patterns are evaluated partially for each distinct tuple of a few few-valued fields.
What comes of it, the patterns that match already and the residuals of those that may,
is kept as a plan in a bounded cache.

A record costs one look-up for its plan, and one or two more for what its residuals
read (``relay.rules.plans``), however many they are.

Patterns of the other kinds read the record as text. They are asked one by one, and so
cost what each costs alone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Final

from relay.patterns import MISSING, Pattern, Selector, parse_selector
from relay.patterns.syntax import Condition
from relay.rules.partial import Known, Reduce, reducer, required_texts
from relay.rules.plans import NOTHING, Plan, Plans
from relay.trail.projection import Projection

KEY_FIELDS: Final = tuple(
    parse_selector(text)
    for text in (
        "$.eventName",
        "$.eventSource",
        "$.eventType",
        "$.eventCategory",
        "$.errorCode",
        "$.userIdentity.type",
    )
)
"""Fields with few values that many conditions are on. All hold strings in practice."""

CAPACITY: Final = 16_384
"""Plans, residuals and outcomes kept; when they become more, all are made anew."""

Placed = tuple[int, Reduce]
"""The position of a pattern, and its partial evaluation."""


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

        ``capacity`` bounds what is kept of them.
        """
        read = frozenset[object]().union(*(pattern.selectors for pattern in patterns))
        keys = [selector for selector in KEY_FIELDS if selector in read]
        positions = {selector: position for position, selector in enumerate(keys)}
        self._reducers = _Reducers(patterns, positions)
        self._texts = [
            (position, pattern.matches)
            for position, pattern in enumerate(patterns)
            if pattern.condition is None
        ]
        self._key_of = projection.joint_getter(keys)
        self._plans = Plans(projection, capacity)

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
        matching, tests = plan.outcome.matching, plan.outcome.tests
        for shelf in plan.shelves:
            leaves = shelf.read(fields)
            if leaves is shelf.nothing:
                continue
            try:
                outcome = shelf[leaves]
            except TypeError:  # as above
                outcome = shelf.look_up(leaves)
            if outcome is not NOTHING:
                matching += outcome.matching
                tests += outcome.tests
        if tests:
            matching += tuple([position for position, test in tests if test(fields)])
        if matching is plan.outcome.matching:
            return matching
        # A pattern may have several residuals, so that it may have been found twice.
        return sorted(set(matching))

    def _add_plan(self, key: Known) -> Plan:
        plan = self._make_plan(key)
        self._plans.keep(key, plan)
        return plan

    def _make_plan(self, key: Known) -> Plan:
        return self._plans.make(
            (position, reduce(key)) for position, reduce in self._reducers.for_key(key)
        )


class _Reducers:
    """The partial evaluation of all patterns, found by what they require of the key.

    Most require one of a few texts in one of the key's fields, so that for a key with
    another one there is no need to evaluate them.
    """

    def __init__(
        self, patterns: Sequence[Pattern], positions: Mapping[Selector, int]
    ) -> None:
        self._all: list[Placed] = []
        self._without: list[Placed] = []
        self._by_text: dict[tuple[int, object], list[Placed]] = defaultdict(list)
        for place, pattern in enumerate(patterns):
            if pattern.condition is not None:
                one = place, reducer(pattern.condition, positions)
                self._all.append(one)
                self._file(one, pattern.condition, positions)

    def _file(
        self, one: Placed, condition: Condition, positions: Mapping[Selector, int]
    ) -> None:
        for selector, position in positions.items():
            texts = required_texts(condition, selector)
            if texts is not None:
                for text in texts:
                    self._by_text[position, text].append(one)
                return
        self._without.append(one)

    def __bool__(self) -> bool:
        return bool(self._all)

    def for_key(self, key: Known) -> Sequence[Placed]:
        """Return those that may come to anything but false, by their positions."""
        if not all(isinstance(one, str) or one in (None, MISSING) for one in key):
            return self._all
        found = [self._without]
        found += [self._by_text.get(where, []) for where in enumerate(key)]
        return sorted(chain(*found), key=itemgetter(0))
