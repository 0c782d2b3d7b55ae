"""Partial evaluation: what is left of a pattern once some of its fields are known.

Most conditions are on fields of few values (``eventName``, ``errorCode``). For one
tuple of such values a pattern comes to true, to false, or to a residual: the conditions
on the other fields that remain to be tested.
"""

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Final

from relay.patterns import MISSING, Selector
from relay.patterns.binding import bind_condition, selectors_of
from relay.patterns.numbers import may_be_number_text
from relay.patterns.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Operator,
    Text,
)

Known = tuple[object, ...]
"""The values of the known fields, each at the position that it was given."""

_OTHER_TEXT: Final = "\0"  # no pattern is about it

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


def excludes(condition: Condition, selector: Selector, value: object) -> bool:
    """Tell whether ``condition`` holds of no event with ``value`` at ``selector``."""
    return reducer(condition, {selector: 0})((value,)) is False


def required_texts(condition: Condition, selector: Selector) -> frozenset[str] | None:
    """Return the texts of which an event must have one at ``selector``.

    ``condition`` holds of no event with another text there, or with none, or with null.
    None when there is no such set. What an event with a number, a boolean, an object or
    a list there comes to is left open.
    """
    leaves = [leaf for leaf in _leaves(condition) if selector in selectors_of(leaf)]
    texts = {_compared_text(leaf) for leaf in leaves}
    if None in texts:
        return None
    # No other text is told from the first of these.
    others = (_OTHER_TEXT, MISSING, None)
    if not all(excludes(condition, selector, value) for value in others):
        return None
    return frozenset(text for text in texts if text is not None)


def _leaves(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, AllOf | AnyOf):
        for operand in condition.conditions:
            yield from _leaves(operand)
    else:
        yield condition


def _compared_text(leaf: Condition) -> str | None:
    """Return the one text that ``leaf`` tells from all others; None for other tests."""
    if (
        isinstance(leaf, Comparison)
        and leaf.operator in {Operator.EQUAL, Operator.NOT_EQUAL}
        and isinstance(leaf.value, Text)
        and not may_be_number_text(leaf.value.text)
    ):
        return leaf.value.text
    return None


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
