"""What a parsed pattern consists of: conditions, and the values that they compare.

These say what was written, not how it is evaluated; ``relay.patterns.values`` and
``relay.patterns.binding`` turn them into functions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from relay.patterns.globs import Glob
from relay.patterns.regex import Regex
from relay.patterns.selector import Selector


class Operator(StrEnum):
    """How a field is compared with a value."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="

    @property
    def is_ordering(self) -> bool:
        """Whether the operator asks for an order, which only numbers have."""
        return self not in {Operator.EQUAL, Operator.NOT_EQUAL}


class Predicate(StrEnum):
    """What a field may be asked to be; the value is how a pattern says it."""

    NULL = "IS NULL"
    TRUE = "IS TRUE"
    FALSE = "IS FALSE"
    NOT_EXISTS = "NOT EXISTS"
    EXISTS = "EXISTS"


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal: its text, which strings equal or not, and its exact value."""

    text: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Text:
    """Text to be equalled exactly, whether it was quoted or not."""

    text: str
    is_quoted: bool = field(default=True, compare=False)


Value = Number | Text | Glob | Regex


@dataclass(frozen=True, slots=True)
class Comparison:
    """``selector operator value``."""

    selector: Selector
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Is:
    """``selector IS NULL``, ``IS TRUE``, ``IS FALSE``, ``NOT EXISTS`` or ``EXISTS``."""

    selector: Selector
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class EqualsIgnoringCase:
    """``selector ~= value``."""

    selector: Selector
    value: Number | Text | Glob


@dataclass(frozen=True, slots=True)
class Membership:
    """``selector IN members``, or ``NOT IN`` when it is negated.

    ``contains`` tells whether a JSON value is a member. It stands for the members
    because a list of a hundred thousand is compiled once, not wherever it is bound.
    """

    selector: Selector
    contains: Callable[[object], bool]
    is_negated: bool


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conditions joined by ``&&``; none of them is an AllOf itself."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions joined by ``||``; none of them is an AnyOf itself."""

    conditions: tuple["Condition", ...]


Single = Comparison | Is | EqualsIgnoringCase | Membership
Condition = Single | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Written:
    """A single condition with its text in the pattern, which is at ``position``."""

    condition: Single
    text: str
    position: int
