"""A second evaluator of JSON patterns, as naive as can be, to compare with.

It shares nothing with relay.patterns: conditions are written and evaluated from its own
values, straight from the rules, with ``re`` and ``Decimal`` for everything.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Path:
    """A selector: names, indexes and at most one ``"*"``, as (kind, value) pairs."""

    steps: tuple[tuple[str, Any], ...]

    def write(self) -> str:
        """Return the selector as a pattern has it."""
        written = {"name": "['{}']", "index": "[{}]", "wildcard": "[{}]"}
        first, *others = [written[kind].format(value) for kind, value in self.steps]
        return f"$.{first if first != '[*]' else '*'}" + "".join(others)

    @property
    def has_wildcard(self) -> bool:
        """Whether the path leads to a list of values."""
        return any(kind == "wildcard" for kind, _ in self.steps)


@dataclass(frozen=True)
class Compare:
    """A comparison; ``kind`` is number, text, glob or regex."""

    path: Path
    operator: str
    kind: str
    value: str

    def write(self) -> str:
        """Return the condition as a pattern has it."""
        value = {"text": '"{}"', "regex": "%{}%"}.get(self.kind, "{}")
        return f"{self.path.write()} {self.operator} {value.format(self.value)}"


@dataclass(frozen=True)
class Ask:
    """``IS NULL``, ``IS TRUE``, ``IS FALSE`` or ``NOT EXISTS``."""

    path: Path
    predicate: str

    def write(self) -> str:
        """Return the condition as a pattern has it."""
        return f"{self.path.write()} {self.predicate}"


@dataclass(frozen=True)
class Join:
    """Conditions joined by ``&&`` or ``||``."""

    operator: str
    operands: tuple["Condition", ...]

    def write(self) -> str:
        """Return the condition as a pattern has it."""
        return f" {self.operator} ".join(f"({o.write()})" for o in self.operands)


Condition = Compare | Ask | Join


def evaluate(condition: Condition, event: object) -> bool:
    """Tell whether ``event`` satisfies ``condition``."""
    if isinstance(condition, Join):
        results = [evaluate(operand, event) for operand in condition.operands]
        return all(results) if condition.operator == "&&" else any(results)
    values = _select(condition.path.steps, event)
    if isinstance(condition, Ask):
        return _ask(condition, values)
    if condition.path.has_wildcard and condition.operator == "!=":
        return values is not None and not any(
            _compare(condition, "=", value) for value in values
        )
    return any(_compare(condition, condition.operator, value) for value in values or [])


def _select(steps: tuple[tuple[str, Any], ...], value: object) -> list[object] | None:
    """Return the values that a path leads to; None when it ends before a wildcard."""
    if not steps:
        return [value]
    (kind, key), rest = steps[0], steps[1:]
    if kind == "wildcard":
        children: list[object] = []
        if isinstance(value, dict):
            children = list(value.values())
        if isinstance(value, list):
            children = value
        return [found for child in children for found in _select(rest, child) or []]
    if kind == "name" and isinstance(value, dict) and key in value:
        return _select(rest, value[key])
    if kind == "index" and isinstance(value, list) and key < len(value):
        return _select(rest, value[key])
    return None


def _ask(condition: Ask, values: list[object] | None) -> bool:
    match condition.predicate:
        case "NOT EXISTS":
            return not values
        case "IS NULL":
            direct = values or []
            if not condition.path.has_wildcard and isinstance((direct or [0])[0], list):
                direct = direct[0]  # type: ignore[assignment]  # the quirk of arrays
            return any(value is None for value in direct)
        case predicate:
            wanted = predicate == "IS TRUE"
            return any(value is wanted for value in values or [])


def _compare(condition: Compare, operator: str, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    if condition.kind == "number":
        return _compare_number(condition.value, operator, value)
    text = value if isinstance(value, str) else repr(value)
    match condition.kind:
        case "text":
            equal = text == condition.value
        case "glob":
            pieces = map(re.escape, condition.value.split("*"))
            equal = re.fullmatch(".*".join(pieces), text, re.DOTALL) is not None
        case _:
            equal = re.search(condition.value, text) is not None
    return equal is (operator == "=")


def _compare_number(literal: str, operator: str, value: str | int | float) -> bool:
    left: Any = value
    right: Any = literal
    if not isinstance(value, str):
        left, right = Decimal(repr(value)), Decimal(literal)
    elif operator not in {"=", "!="}:
        return False
    return bool(
        {
            "=": left == right,
            "!=": left != right,
            "<": left < right,
            "<=": left <= right,
            ">": left > right,
            ">=": left >= right,
        }[operator]
    )
