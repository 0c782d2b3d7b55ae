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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Final

from relay.model import Record
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

Found = tuple[Record, Sequence[int]]
"""A record, and the positions of the patterns that match it."""


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

    def matching(self, record: Record) -> Sequence[int]:
        """Return the positions of all patterns that match a record, ascending."""
        for _, found in self.find((record,)):
            return found
        return ()

    def find(self, records: Iterable[Record]) -> Iterator[Found]:
        """Yield each record that some pattern matches, with their positions, ascending.

        A record that nothing could read (its ``fields`` are None) matches no JSON
        pattern; those of the other kinds read its text.
        """
        if self._texts:
            return self._find_all_kinds(records)
        return self._find_by_fields(records) if self._reducers else iter(())

    def _find_all_kinds(self, records: Iterable[Record]) -> Iterator[Found]:
        for record in records:
            message = record.message
            texts = [position for position, test in self._texts if test(message)]
            for _, found in self._find_by_fields((record,)):
                texts += found
            if texts:
                yield record, sorted(texts)

    def _find_by_fields(self, records: Iterable[Record]) -> Iterator[Found]:
        # One loop without a call of ours in it: most records match nothing, and each
        # call would add a tenth to what that costs.
        key_of, plan_for = self._key_of, self._plans.get
        for record in records:
            fields = record.fields
            if fields is None:
                continue
            key = key_of(fields)
            try:
                plan = plan_for(key) or self._add_plan(key)
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
                matching += tuple([place for place, test in tests if test(fields)])
            if matching:
                # A pattern with several residuals may have been found twice.
                yield record, sorted(set(matching))

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
