"""References to the environment: ``${NAME}``, with ``$${`` for a literal ``${``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A text with its references replaced, and what is wrong with those that were not.

    ``is_reference`` tells whether the text took anything from the environment.
    """

    text: str
    faults: tuple[str, ...]
    is_reference: bool


def expand(text: str, environment: Mapping[str, str]) -> Expanded:
    """Return ``text`` with every ``${NAME}`` replaced from ``environment``.

    What is put in is not looked at again: a variable cannot refer to another one.
    """
    faults: list[str] = []
    names: list[str] = []

    def replacement(found: re.Match[str]) -> str:
        if found[0] == "$${":
            return "${"
        names.append(found[1])
        fault = _fault(found, environment)
        if fault is None:
            return environment[found[1]]
        faults.append(fault)
        return ""

    expanded = _REFERENCE.sub(replacement, text)
    return Expanded(text=expanded, faults=tuple(faults), is_reference=bool(names))


def _fault(found: re.Match[str], environment: Mapping[str, str]) -> str | None:
    if not found[2]:
        return "'${' is not closed; write ${NAME}, or $${ for a literal ${"
    if _NAME.fullmatch(found[1]) is None:
        return (
            f"'{found[0]}' names no environment variable; write ${{NAME}},"
            " or $${ for a literal ${"
        )
    if found[1] not in environment:
        return f"the environment variable {found[1]} is not set"
    return None
