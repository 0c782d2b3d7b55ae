"""Partial evaluation: what is left of a pattern once some of its fields are known.

Most conditions are on fields of few values (``eventName``, ``errorCode``). For one
tuple of such values a pattern comes to true, to false, or to a residual: the conditions
on the other fields that remain to be tested.
"""

from collections.abc import Callable, Mapping
from operator import itemgetter

from relay.patterns import Selector
from relay.patterns.binding import bind_condition, selectors_of
from relay.patterns.syntax import AllOf, AnyOf, Condition

Known = tuple[object, ...]
"""The values of the known fields, each at the position that it was given."""

Reduce = Callable[[Known], bool | Condition]


def reducer(condition: Condition, positions: Mapping[Selector, int]) -> Reduce:
    """Return the function from known values to what they leave of ``condition``.

    ``positions`` says which selectors are known and where each one's value stands. For
    every event the result holds exactly when ``condition`` does.
    """
    if selectors_of(condition) <= positions.keys():
        return bind_condition(condition, lambda one: itemgetter(positions[one]))
    if isinstance(condition, AllOf | AnyOf):
        return _reducer_of_operands(condition, positions)
    return lambda _: condition


def _reducer_of_operands(
    condition: AllOf | AnyOf, positions: Mapping[Selector, int]
) -> Reduce:
    join = type(condition)
    decisive = join is AnyOf  # one true operand decides ||, one false operand &&
    known: list[Condition] = []
    others: list[Condition] = []
    for operand in condition.conditions:
        is_known = selectors_of(operand) <= positions.keys()
        (known if is_known else others).append(operand)
    # The known ones together: binding merges tests of one field into one look-up.
    operands = [join(tuple(known)), *others] if known else others
    reducers = [reducer(operand, positions) for operand in operands]

    def reduce(values: Known) -> bool | Condition:
        remaining: list[Condition] = []
        for reduce_operand in reducers:
            result = reduce_operand(values)
            if result is decisive:
                return decisive
            if not isinstance(result, bool):
                remaining.append(result)
        if len(remaining) == 1:
            return remaining[0]
        return join(tuple(remaining)) if remaining else not decisive

    return reduce
