"""From a condition to a function: closures over whatever represents an event.

This runs once per pattern; what it returns runs once per event, see
``relay.patterns.event_tests``.
"""

from collections.abc import Callable, Iterator

from relay.patterns.event_tests import (
    EventTest,
    all_of,
    any_of,
    none,
    one,
    one_equals,
    one_is,
    some,
    some_is,
)
from relay.patterns.numbers import may_be_number_text
from relay.patterns.selector import Getter, Selector
from relay.patterns.syntax import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    EqualsIgnoringCase,
    Is,
    Membership,
    Operator,
    Single,
    Text,
)
from relay.patterns.values import (
    folded_test,
    non_member_test,
    text_test,
    value_test,
)


def bind_condition(
    condition: Condition, getter: Callable[[Selector], Getter]
) -> EventTest:
    """Return the test of ``condition`` over events that ``getter`` knows how to read.

    ``getter`` is called once for each selector of the condition; what it returns must
    give for an event what ``Selector.resolve`` gives for the parsed JSON.
    """
    getters = {selector: getter(selector) for selector in selectors_of(condition)}
    return _bind(condition, getters)


def selectors_of(condition: Condition) -> frozenset[Selector]:
    """Return all selectors that ``condition`` reads."""
    return frozenset(_walk_selectors(condition))


def _walk_selectors(condition: Condition) -> Iterator[Selector]:
    if isinstance(condition, AllOf | AnyOf):
        for operand in condition.conditions:
            yield from _walk_selectors(operand)
    else:
        yield condition.selector


def _bind(condition: Condition, getters: dict[Selector, Getter]) -> EventTest:
    match condition:
        case AnyOf():
            return any_of(_bind_operands(condition, Operator.EQUAL, getters))
        case AllOf():
            return all_of(_bind_operands(condition, Operator.NOT_EQUAL, getters))
    return _bind_single(condition, getters)


def _bind_single(condition: Single, getters: dict[Selector, Getter]) -> EventTest:
    match condition:
        case Comparison(selector=selector, value=Text(text)):
            return _bind_texts(selector, condition.operator, {text}, getters)
        case Comparison(selector=selector):
            return _bind_comparison(condition, getters[selector])
        case Is(selector=selector, predicate=predicate):
            is_so = some_is if selector.has_wildcard else one_is
            return is_so(getters[selector], predicate)
        case EqualsIgnoringCase(selector=selector, value=value):
            has = some if selector.has_wildcard else one
            return has(getters[selector], folded_test(value))
        case Membership(selector=selector):
            return _bind_membership(condition, getters[selector])


def _bind_operands(
    condition: AnyOf | AllOf, merged: Operator, getters: dict[Selector, Getter]
) -> list[EventTest]:
    """Bind the operands of ``||`` or ``&&``, the cheapest first: none has an effect.

    Where a selector is compared with several texts by the operator ``merged`` (``=``
    under ``||``, ``!=`` under ``&&``), all of them become one look-up in a set.
    """
    texts: dict[Selector, set[str]] = {}
    others: list[EventTest] = []
    for operand in condition.conditions:
        match operand:
            case Comparison(selector=selector, operator=operator, value=Text(text)) if (
                operator is merged
            ):
                texts.setdefault(selector, set()).add(text)
            case _:
                others.append(_bind(operand, getters))
    merged_tests = [
        _bind_texts(selector, merged, together, getters)
        for selector, together in texts.items()
    ]
    return merged_tests + others


def _bind_texts(
    selector: Selector,
    operator: Operator,
    texts: set[str],
    getters: dict[Selector, Getter],
) -> EventTest:
    get = getters[selector]
    if selector.has_wildcard:
        is_one_of = text_test(Operator.EQUAL, frozenset(texts))
        return (
            some(get, is_one_of) if operator is Operator.EQUAL else none(get, is_one_of)
        )
    if operator is Operator.EQUAL and not any(map(may_be_number_text, texts)):
        return one_equals(get, frozenset(texts))
    return one(get, text_test(operator, frozenset(texts)))


def _bind_membership(membership: Membership, get: Getter) -> EventTest:
    contains = membership.contains
    if membership.selector.has_wildcard:
        return none(get, contains) if membership.is_negated else some(get, contains)
    return one(get, non_member_test(contains) if membership.is_negated else contains)


def _bind_comparison(comparison: Comparison, get: Getter) -> EventTest:
    operator, value = comparison.operator, comparison.value
    if not comparison.selector.has_wildcard:
        return one(get, value_test(operator, value))
    if operator is Operator.NOT_EQUAL:
        return none(get, value_test(Operator.EQUAL, value))
    return some(get, value_test(operator, value))
