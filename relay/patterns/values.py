"""How conditions compare one JSON value with what a pattern says.

Only strings and numbers can be compared: null, booleans, objects, arrays and what is
missing fail every comparison, ``!=`` included.
"""

from collections.abc import Callable

from relay.patterns.globs import Glob
from relay.patterns.numbers import (
    COMPARE,
    ValueTest,
    is_number,
    may_be_number_text,
    number_of_text,
    number_test,
    text_of_number,
)
from relay.patterns.syntax import Number, Operator, Text, Value


def value_test(operator: Operator, value: Value) -> ValueTest:
    """Return the test of one JSON value; only strings and numbers can satisfy it."""
    if isinstance(value, Number):
        return number_test(operator, value)
    if isinstance(value, Text):
        return text_test(operator, frozenset({value.text}))
    return _search_test(operator, value.compile())


def folded_test(value: Number | Text | Glob) -> ValueTest:
    """Return the test whether one JSON value equals another, whatever their cases.

    Cases are folded as Unicode has it, so that ``strasse`` equals ``STRASSE``, and
    ``straße`` as well.
    """
    if isinstance(value, Number):
        return value_test(Operator.EQUAL, value)
    folded = value.text.casefold()
    equals = Glob(folded).compile() if isinstance(value, Glob) else folded.__eq__

    def test(value: object) -> bool:
        if type(value) is str:
            return equals(value.casefold())
        if is_number(value):
            return equals(text_of_number(value).casefold())
        return False

    return test


def non_member_test(contains: ValueTest) -> ValueTest:
    """Return the test whether one JSON value could be a member, but is none."""

    def test(value: object) -> bool:
        is_comparable = type(value) is str or is_number(value)
        return is_comparable and not contains(value)

    return test


def token_test(operator: Operator, value: Value) -> Callable[[str], bool]:
    """Return the test of a token: always text, but a number in it counts by value."""
    test = value_test(operator, value)
    if not isinstance(value, Number):
        return test

    def test_number(token: str) -> bool:
        number = number_of_text(token)
        if number is None:
            return operator is Operator.NOT_EQUAL
        return COMPARE[operator](number, value.value)

    return test_number


def text_test(operator: Operator, texts: frozenset[str]) -> ValueTest:
    """Return the test whether a value's text is (for ``!=``: is not) in ``texts``."""
    number_texts = frozenset(filter(may_be_number_text, texts))
    if operator is Operator.NOT_EQUAL:
        return _differs(texts, number_texts)
    if number_texts:
        return _equals_with_numbers(texts, number_texts)
    if len(texts) == 1:
        return _equals(*texts)
    return _equals_one_of(texts)


def _equals(text: str) -> ValueTest:
    def test(value: object) -> bool:
        # No JSON value but a string equals a str, so that this is the whole test.
        return value == text

    return test


def _equals_one_of(texts: frozenset[str]) -> ValueTest:
    def test(value: object) -> bool:
        return type(value) is str and value in texts

    return test


def _equals_with_numbers(texts: frozenset[str], numbers: frozenset[str]) -> ValueTest:
    def test(value: object) -> bool:
        if type(value) is str:
            return value in texts
        if is_number(value):
            return text_of_number(value) in numbers
        return False

    return test


def _differs(texts: frozenset[str], numbers: frozenset[str]) -> ValueTest:
    def test(value: object) -> bool:
        if type(value) is str:
            return value not in texts
        if is_number(value):
            return not numbers or text_of_number(value) not in numbers
        return False

    return test


def _search_test(operator: Operator, found_in: Callable[[str], bool]) -> ValueTest:
    wanted = operator is Operator.EQUAL

    def test(value: object) -> bool:
        if type(value) is str:
            return found_in(value) is wanted
        if is_number(value):
            return found_in(text_of_number(value)) is wanted
        return False

    return test
