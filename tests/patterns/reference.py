"""A second evaluator of JSON patterns, as naive as can be, to compare with.

It shares nothing with relay.patterns: conditions are written and evaluated from its own
values, straight from the rules, with ``re`` and ``Decimal`` for everything.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_address, ip_network
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


@dataclass(frozen=True)
class Fold:
    """``~=``: equality that ignores case; text with ``*`` is a glob."""

    path: Path
    value: str

    def write(self) -> str:
        """Return the condition as a pattern has it."""
        return f'{self.path.write()} ~= "{self.value}"'


@dataclass(frozen=True)
class Among:
    """``IN`` and ``NOT IN``; items are (kind, value), with kinds as in Compare.

    And there are the kinds network, and list for the one that is given by NAMES.
    """

    path: Path
    items: tuple[tuple[str, str], ...]
    is_negated: bool

    def write(self) -> str:
        """Return the condition as a pattern has it."""
        items = [f'"{v}"' if kind == "text" else v for kind, v in self.items]
        members = f"[{', '.join(items)}]"
        if len(items) == 1 and self.items[0][0] in {"network", "list"}:
            members = items[0]
        return f"{self.path.write()} {'NOT ' * self.is_negated}IN {members}"


NAMES = (("text", "xy"), ("text", "1"), ("glob", "1*2"), ("network", "172.16.0.0/12"))
"""What stands in the named list ``names``."""

Condition = Compare | Ask | Join | Fold | Among


def evaluate(condition: Condition, event: object) -> bool:
    """Tell whether ``event`` satisfies ``condition``."""
    if isinstance(condition, Join):
        results = [evaluate(operand, event) for operand in condition.operands]
        return all(results) if condition.operator == "&&" else any(results)
    values = _select(condition.path.steps, event)
    if isinstance(condition, Ask):
        return _ask(condition, values)
    if isinstance(condition, Among):
        return _among(condition, values)
    if isinstance(condition, Fold):
        return any(_folds(condition, value) for value in values or [])
    if condition.path.has_wildcard and condition.operator == "!=":
        return values is not None and not any(
            _compare(condition, "=", value) for value in values
        )
    return any(_compare(condition, condition.operator, value) for value in values or [])


def _among(condition: Among, values: list[object] | None) -> bool:
    if not condition.is_negated:
        return any(_is_among(condition, value) for value in values or [])
    if condition.path.has_wildcard:
        return values is not None and not any(
            _is_among(condition, value) for value in values
        )
    return any(
        _text_of(value) is not None and not _is_among(condition, value)
        for value in values or []
    )


def _is_among(condition: Among, value: object) -> bool:
    return any(_is_item(kind, item, value) for kind, item in condition.items)


def _is_item(kind: str, item: str, value: object) -> bool:
    if kind == "list":
        return any(_is_item(*member, value) for member in NAMES)
    if kind == "network":
        return isinstance(value, str) and _is_in_network(item, value)
    return _compare(Compare(Path(()), "=", kind, item), "=", value)


def _is_in_network(network: str, text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address) in ip_network(network)


def _folds(condition: Fold, value: object) -> bool:
    text = _text_of(value)
    pieces = map(re.escape, condition.value.casefold().split("*"))
    return (
        text is not None
        and re.fullmatch(".*".join(pieces), text.casefold(), re.DOTALL) is not None
    )


def _text_of(value: object) -> str | None:
    """Return the text of what can be compared; None for what cannot."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return value if isinstance(value, str) else repr(value)


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
        case "EXISTS":
            return bool(values)
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
