"""CloudWatch Logs filter patterns as a library: compile once, match many.

    pattern = compile_pattern('{ $.eventName = "ConsoleLogin" }')
    pattern.matches('{"eventName": "ConsoleLogin"}')  # True

Nothing in here knows the daemon; ``Pattern.bind`` is how the daemon evaluates a pattern
over its own representation of an event.
"""

from relay.patterns.errors import PatternError
from relay.patterns.explain import ConditionResult, Explanation
from relay.patterns.members import NamedList
from relay.patterns.pattern import Pattern, PatternKind, compile_pattern
from relay.patterns.selector import (
    MISSING,
    Getter,
    Index,
    Missing,
    Name,
    Selector,
    Step,
    Wildcard,
    parse_selector,
    resolve_steps,
)

__all__ = [
    "MISSING",
    "ConditionResult",
    "Explanation",
    "Getter",
    "Index",
    "Missing",
    "Name",
    "NamedList",
    "Pattern",
    "PatternError",
    "PatternKind",
    "Selector",
    "Step",
    "Wildcard",
    "compile_pattern",
    "parse_selector",
    "resolve_steps",
]
