"""JSON path selectors: ``$.userIdentity.arn``, ``$.items[0].id``, ``$.tags[*]``.

    selector := '$' first step*
    first    := '.' name | '.*' | ".['" key "']"
    step     := first | '[' digits ']' | '[*]' | "['" key "']"
    name     := ( letter | digit | '_' | '-' )+
    key      := any characters but '

``.*`` and ``[*]`` mean the same: every element of an array, or every value of an
object. A selector holds at most one of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any, Final, Literal

from relay.patterns.scanner import MAX_LENGTH, Scanner


class Missing(Enum):
    """The type of ``MISSING``, what a path that leads nowhere resolves to."""

    MISSING = "missing"

    # Enum's own is written in Python, and this one is part of most look-ups.
    __hash__ = object.__hash__


MISSING: Final[Literal[Missing.MISSING]] = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Name:
    """Step into the member ``key`` of an object."""

    key: str


@dataclass(frozen=True, slots=True)
class Index:
    """Step into the element at the 0-based ``position`` of an array."""

    position: int


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Step into every element of an array, or every value of an object."""


Step = Name | Index | Wildcard
Getter = Callable[[Any], object]
"""A bound selector: takes an event, returns what ``Selector.resolve`` returns."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A path into a JSON event; ``text`` is how it was written, no part of equality."""

    steps: tuple[Step, ...]
    text: str = field(compare=False)

    @property
    def has_wildcard(self) -> bool:
        """Whether the selector names a list of values instead of one."""
        return any(isinstance(step, Wildcard) for step in self.steps)

    def resolve(self, value: object) -> object:
        """Return what the path leads to in ``value``, a parsed JSON value.

        Without a wildcard: the value there, or MISSING. With one: the list of the
        selected values, empty when the wildcard stands for nothing (a scalar, null, an
        empty container), or MISSING when the path before the wildcard leads nowhere.
        """
        return resolve_steps(self.steps, value)


def resolve_steps(steps: tuple[Step, ...], value: object) -> object:
    """Return what ``steps`` lead to in ``value``; see ``Selector.resolve``."""
    for number, step in enumerate(steps, start=1):
        if isinstance(step, Name):
            if not isinstance(value, dict) or step.key not in value:
                return MISSING
            value = value[step.key]
        elif isinstance(step, Index):
            if not isinstance(value, list) or step.position >= len(value):
                return MISSING
            value = value[step.position]
        else:
            resolve_rest = partial(resolve_steps, steps[number:])
            selected = map(resolve_rest, _children(value))
            return [child for child in selected if child is not MISSING]
    return value


def _children(value: object) -> list[object]:
    """Return the elements of an array or the values of an object; nothing of others."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def parse_selector(text: str) -> Selector:
    """Compile a selector that stands alone, such as a metric's value.

    Raises PatternError when ``text`` is no selector or something follows it.
    """
    scanner = Scanner(text)
    if len(text) > MAX_LENGTH:
        raise scanner.too_long()
    selector = scan_selector(scanner)
    if not scanner.at_end:
        raise scanner.invalid_term(0, "the end of the selector")
    return selector


def scan_selector(scanner: Scanner) -> Selector:
    """Read the selector that starts at the scanner's position.

    Raises PatternError when there is none, or it has a second wildcard.
    """
    start = scanner.position
    if not scanner.accept("$"):
        raise scanner.unexpected("a selector such as '$.name'")
    if scanner.char != ".":
        raise scanner.invalid_term(start, "'.' after '$'")
    steps: list[Step] = []
    while scanner.char in {".", "["}:
        steps.append(_scan_step(scanner, start))
    if sum(isinstance(step, Wildcard) for step in steps) > 1:
        raise scanner.refused(
            "a selector may hold one wildcard only",
            position=start,
            aws_text=(
                "Your filter pattern has a JSON path selector that exceeds the "
                "maximum of 1 wildcard allowed per json selector."
            ),
        )
    return Selector(tuple(steps), scanner.text[start : scanner.position])


def _scan_step(scanner: Scanner, start: int) -> Step:
    """Read one step of the selector that began at ``start``."""
    if scanner.accept("."):
        if scanner.accept("["):
            return _scan_quoted_key(scanner, start)
        if scanner.accept("*"):
            return Wildcard()
        key = scanner.take_while(is_name_char)
        if not key:
            raise scanner.invalid_term(start, "a field name")
        return Name(key)
    # To the service a bracket is a token of its own.
    bracket = scanner.position
    scanner.accept("[")
    if scanner.char == "'":
        return _scan_quoted_key(scanner, bracket)
    return _scan_index(scanner, bracket)


def _scan_quoted_key(scanner: Scanner, start: int) -> Name:
    if not scanner.accept("'"):
        raise scanner.invalid_term(start, "a field name in single quotes")
    key = scanner.take_while(lambda char: char != "'")
    if not key:
        raise scanner.invalid_term(start, "a field name between the quotes")
    if not scanner.accept("']"):
        scanner.accept("'")
        raise scanner.invalid_term(start, "']' behind the quoted name")
    return Name(key)


def _scan_index(scanner: Scanner, start: int) -> Step:
    if scanner.accept("*"):
        step: Step = Wildcard()
    else:
        digits = scanner.take_while("0123456789".__contains__)
        if not digits:
            raise scanner.invalid_term(start, "an index, '*' or a quoted field name")
        step = Index(int(digits))
    if not scanner.accept("]"):
        raise scanner.invalid_term(start, "']'")
    return step


def is_name_char(char: str) -> bool:
    """Tell whether ``char`` may stand in a field name that is not quoted."""
    return char.isalnum() or char in "_-"
