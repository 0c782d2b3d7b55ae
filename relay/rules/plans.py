"""Plans: what partial evaluation leaves of all patterns, arranged to be tested quickly.

Most residuals hold of no event that lacks a certain field: their gate. The residuals
behind one gate are its branch, which is evaluated partially for each distinct text in
the field, and what comes of that is kept. The gates of a plan are read together, as a
shelf, and what comes of their values together is kept as well. So an event without any
of the gates costs one reading, one whose values were seen before a look-up besides, and
only what then still depends on several fields is tested.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.patterns import MISSING, Getter, Selector, parse_selector
from relay.patterns.binding import bind_condition, selectors_of
from relay.patterns.syntax import AnyOf, Condition
from relay.rules.partial import Known, excludes, reducer
from relay.trail.projection import Projection
from relay.trail.readers import JointGetter

_USUAL_FIELDS: Final = frozenset(
    parse_selector(text)
    for text in (
        "$.awsRegion",
        "$.sourceIPAddress",
        "$.userAgent",
        "$.readOnly",
        "$.managementEvent",
        "$.recipientAccountId",
        "$.userIdentity.arn",
        "$.userIdentity.accountId",
        "$.userIdentity.principalId",
        "$.userIdentity.userName",
        "$.userIdentity.sessionContext.sessionIssuer.userName",
        "$.userIdentity.sessionContext.attributes.mfaAuthenticated",
    )
)
"""Fields that many records have: as gates they keep little out."""

_OTHERS: Final = ("\0", True, False)
"""A text that no pattern is about, and the common values that are no text."""

_MAX_KEY_LENGTH: Final = 256  # characters of a value; most are much shorter
_READER_SIZE: Final = 16
"""A shelf's reader, counted in plans and outcomes; it takes some kilobytes."""

Test = Callable[[Any], bool]

Residual = tuple[int, Condition]
"""The position of a pattern, and what is left of it to be tested."""

Results = Iterable[tuple[int, bool | Condition]]
"""Positions of patterns, and what partial evaluation came to for each."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of an event: patterns that match, and tests for those that may."""

    matching: tuple[int, ...] = ()
    tests: tuple[tuple[int, Test], ...] = ()


NOTHING: Final = Outcome()
"""The only outcome in which nothing matches, nor may."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to do for all events with the same values in a few fields."""

    outcome: Outcome
    shelves: tuple["Shelf", ...]


@dataclass(frozen=True, slots=True)
class _Gated:
    condition: Condition
    gate: Selector


class Plans:
    """All plans by the values that they are for, and all that these share.

    All of it is bounded by one capacity, and can be made again at any time.
    """

    def __init__(self, projection: Projection, capacity: int) -> None:
        self._projection = projection
        self._capacity = self._room = self._value_room = capacity
        self._by_key: dict[Known, Plan] = {}
        self.get = self._by_key.get
        """Return the plan kept under a key, or None."""
        self._parts: dict[Condition, tuple[Condition | _Gated, ...]] = {}
        self._tests: dict[Condition, Test] = {}
        self._branches: dict[tuple[Selector, tuple[Residual, ...]], Branch] = {}
        # By the ids of their parts, which are kept alive with them.
        self._shelves: dict[
            tuple[tuple[int, int], ...],
            tuple[list[tuple[int, _Gated]], tuple[Shelf, ...]],
        ] = {}
        # What holds outcomes by value, by its id.
        self._memories: dict[int, dict[Any, Outcome]] = {}

    def keep(self, key: Known, plan: Plan) -> None:
        """Keep ``plan`` under ``key``, if that can be a key."""
        if all(map(_is_key, key)):
            self._take(1 + len(plan.outcome.tests))
            self._by_key[key] = plan

    def make(self, results: Results) -> Plan:
        """Return the plan of what partial evaluation left of the patterns."""
        decided: list[tuple[int, bool | Condition]] = []
        gated: list[tuple[int, _Gated]] = []
        for position, result in results:
            if isinstance(result, bool):
                decided.append((position, result))
                continue
            for part in self._parts_of(result):
                if isinstance(part, _Gated):
                    gated.append((position, part))
                else:
                    decided.append((position, part))
        return Plan(self.outcome(decided), self._shelves_of(gated))

    def outcome(self, results: Results) -> Outcome:
        """Return what ``results`` say by themselves, and as tests of an event."""
        matching: list[int] = []
        tests: list[tuple[int, Test]] = []
        for position, result in results:
            if result is True:
                matching.append(position)
            elif result is not False:
                tests.append((position, self._test_of(result)))
        return Outcome(tuple(matching), tuple(tests)) if matching or tests else NOTHING

    def remember(self, memory: dict[Any, Outcome], key: object, found: Outcome) -> None:
        """Keep an outcome in ``memory``, under a value or several.

        Values may be without number; so they have room of their own, and what they push
        out is other values only.
        """
        self._value_room -= 1 + len(found.tests)
        if self._value_room < 0:
            self._value_room = self._capacity
            memories = list(self._memories.values())
            self._memories.clear()
            for each in memories:
                each.clear()
        self._memories[id(memory)] = memory
        memory[key] = found

    def _take(self, count: int) -> None:
        """Take room for ``count`` things; everything kept goes when there is none."""
        self._room -= count
        if self._room < 0:
            self._room = self._capacity
            self._by_key.clear()
            self._parts.clear()
            self._tests.clear()
            self._branches.clear()
            self._shelves.clear()

    def _shelves_of(self, gated: list[tuple[int, _Gated]]) -> tuple["Shelf", ...]:
        # By identity: comparing many conditions member by member takes long.
        key = tuple((position, id(part)) for position, part in gated)
        found = self._shelves.get(key)
        if found is None:
            behind = defaultdict[Selector, list[Residual]](list)
            for position, part in gated:
                behind[part.gate].append((position, part.condition))
            usual = {gate: behind[gate] for gate in behind if gate in _USUAL_FIELDS}
            rare = {gate: behind[gate] for gate in behind if gate not in usual}
            shelves = tuple(self._shelf(some) for some in (usual, rare) if some)
            self._take(1 + _READER_SIZE * len(shelves))
            self._shelves[key] = found = (gated, shelves)
        return found[1]

    def _shelf(self, behind: Mapping[Selector, Sequence[Residual]]) -> "Shelf":
        branches = [self._branch(gate, tuple(behind[gate])) for gate in behind]
        read = self._projection.leaf_getter(behind)
        return Shelf(read, read(self._projection.type()), branches, self)

    def _branch(self, gate: Selector, residuals: tuple[Residual, ...]) -> "Branch":
        branch = self._branches.get((gate, residuals))
        if branch is None:
            below_leaf = self._projection.below_leaf(gate)
            branch = Branch(gate, below_leaf, residuals, self)
            self._take(1 + len(residuals))
            self._branches[gate, residuals] = branch
        return branch

    def _parts_of(self, condition: Condition) -> tuple[Condition | _Gated, ...]:
        """Return the condition; or operands of an ``||`` without a gate, one by one."""
        parts = self._parts.get(condition)
        if parts is None:
            gate = _gate_of(condition)
            if gate is None and isinstance(condition, AnyOf):
                operands = map(self._parts_of, condition.conditions)
                parts = tuple(part for those in operands for part in those)
            else:
                parts = (_Gated(condition, gate) if gate else condition,)
            self._take(len(parts))
            self._parts[condition] = parts
        return parts

    def _test_of(self, condition: Condition) -> Test:
        test = self._tests.get(condition)
        if test is None:
            test = bind_condition(condition, self._projection.getter)
            self._take(1)
            self._tests[condition] = test
        return test


class Shelf(dict[Known, Outcome]):
    """Branches whose gates one call reads, and what they come to together.

    ``nothing`` is what that call gives for a record that has none of the gates.
    """

    def __init__(
        self,
        read: JointGetter,
        nothing: Known,
        branches: Sequence["Branch"],
        plans: Plans,
    ) -> None:
        super().__init__()
        self.read = read
        self.nothing = nothing
        self._branches = branches
        self._plans = plans

    def __missing__(self, leaves: Known) -> Outcome:
        outcome = self.look_up(leaves)
        if all(map(_is_key, leaves)):
            self._plans.remember(self, leaves, outcome)
        return outcome

    def look_up(self, leaves: Known) -> Outcome:
        """Return what the branches come to, without keeping it."""
        outcomes = [
            branch[leaf] if isinstance(leaf, str) else branch.of_no_text(leaf)
            for leaf, branch in zip(leaves, self._branches, strict=True)
            if leaf is not MISSING
        ]
        return _together(outcomes)


class Branch(dict[object, Outcome]):
    """What the residuals behind one gate come to, by what stands at the gate's leaf.

    Only texts are its keys: 1 and True are one key to a dict, but not to a pattern.
    """

    def __init__(
        self,
        gate: Selector,
        below_leaf: Getter | None,
        residuals: Iterable[Residual],
        plans: Plans,
    ) -> None:
        super().__init__()
        self._below_leaf = below_leaf
        self._reducers = [
            (position, reducer(condition, {gate: 0}))
            for position, condition in residuals
        ]
        self._constants: dict[bool | None, Outcome] = {}
        self._plans = plans

    def __missing__(self, leaf: str) -> Outcome:
        outcome = self._outcome_of(leaf)
        if len(leaf) <= _MAX_KEY_LENGTH:
            self._plans.remember(self, leaf, outcome)
        return outcome

    def of_no_text(self, leaf: object) -> Outcome:
        """Return the outcome for what stands at the leaf and is no text."""
        if not (leaf is None or isinstance(leaf, bool)):
            return self._outcome_of(leaf)
        outcome = self._constants.get(leaf)
        if outcome is None:
            outcome = self._constants[leaf] = self._outcome_of(leaf)
        return outcome

    def _outcome_of(self, leaf: object) -> Outcome:
        value = self._below_leaf(leaf) if self._below_leaf else leaf
        return self._plans.outcome(
            (position, reduce((value,))) for position, reduce in self._reducers
        )


def _gate_of(condition: Condition) -> Selector | None:
    """Return the field that keeps out most events of which ``condition`` fails."""
    return min(
        (one for one in selectors_of(condition) if excludes(condition, one, MISSING)),
        key=lambda one: (
            one in _USUAL_FIELDS,
            sum(not excludes(condition, one, value) for value in _OTHERS),
            one.text,
        ),
        default=None,
    )


def _together(outcomes: Iterable[Outcome]) -> Outcome:
    matching: tuple[int, ...] = ()
    tests: tuple[tuple[int, Test], ...] = ()
    for outcome in outcomes:
        matching += outcome.matching
        tests += outcome.tests
    return Outcome(matching, tests) if matching or tests else NOTHING


def _is_key(value: object) -> bool:
    """Tell whether something may be kept under ``value``.

    Not under numbers and booleans: 1, 1.0 and True are one key of a dict, but different
    values to a pattern. No kept key equals one of those, so they find nothing.
    """
    if isinstance(value, str):
        return len(value) <= _MAX_KEY_LENGTH
    return value is None or value is MISSING
