"""Compiled filter patterns: one type for the four languages, and which one it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from relay.patterns.binding import bind_condition, selectors_of
from relay.patterns.json_parser import parse_json_pattern
from relay.patterns.lint import lint_condition
from relay.patterns.message import parse_message
from relay.patterns.regex import Regex, scan_regex
from relay.patterns.scanner import MAX_LENGTH, Scanner
from relay.patterns.selector import Getter, Selector
from relay.patterns.space_parser import parse_space_pattern
from relay.patterns.syntax import Condition
from relay.patterns.terms import parse_terms


class PatternKind(StrEnum):
    """Which of the four languages a pattern is written in."""

    JSON = "json"
    TERMS = "terms"
    SPACE = "space"
    REGEX = "regex"


Extract = Callable[[str], dict[str, str] | None]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled filter pattern; two are equal when their texts are.

    ``selectors`` are the fields that it reads and ``condition`` is what it states about
    them; only JSON patterns have any. ``warnings`` are sentences about what the pattern
    says that its author may not have meant.
    """

    text: str
    kind: PatternKind = field(compare=False)
    selectors: frozenset[Selector] = field(compare=False)
    condition: Condition | None = field(compare=False, repr=False)
    warnings: tuple[str, ...] = field(compare=False)
    _extract: Extract = field(compare=False, repr=False)

    def matches(self, message: str) -> bool:
        """Tell whether the log message ``message`` matches."""
        return self._extract(message) is not None

    def extract(self, message: str) -> dict[str, str] | None:
        """Return TestMetricFilter's ``extractedValues``; None without a match.

        Only space-delimited patterns extract anything.
        """
        return self._extract(message)

    def bind(self, getter: Callable[[Selector], Getter]) -> Callable[[Any], bool]:
        """Return the pattern as a test over another representation of events.

        ``getter`` is called once for each of ``selectors``. The functions that it
        returns must give for an event what ``Selector.resolve`` gives for the parsed
        JSON; the test is then the same as ``matches`` on the message. Raises TypeError
        when the pattern is no JSON pattern, since it reads no fields.
        """
        if self.condition is None:
            raise TypeError(f"a pattern of kind {self.kind} reads no JSON fields")
        return bind_condition(self.condition, getter)


def compile_pattern(text: str) -> Pattern:
    """Compile a filter pattern; its first character says which kind it is.

    Raises PatternError for a text that CloudWatch Logs would refuse.
    """
    if len(text) > MAX_LENGTH:
        raise Scanner(text).too_long()
    match text[:1]:
        case "{":
            return _compile_json(text)
        case "[":
            pattern, warnings = parse_space_pattern(text)
            return _compiled(text, PatternKind.SPACE, pattern.extract, warnings)
        case "%":
            found_in = _parse_regex(text).compile()
            return _compiled(text, PatternKind.REGEX, _without_values(found_in))
        case _:
            terms, warnings = parse_terms(text)
            extract = _without_values(terms.compile())
            return _compiled(text, PatternKind.TERMS, extract, warnings)


def _compile_json(text: str) -> Pattern:
    condition, warnings = parse_json_pattern(text)
    test = bind_condition(condition, lambda selector: selector.resolve)

    def matches(message: str) -> bool:
        event = parse_message(message)
        return event is not None and test(event)

    return Pattern(
        text=text,
        kind=PatternKind.JSON,
        selectors=selectors_of(condition),
        condition=condition,
        warnings=warnings + lint_condition(condition),
        _extract=_without_values(matches),
    )


def _compiled(
    text: str, kind: PatternKind, extract: Extract, warnings: tuple[str, ...] = ()
) -> Pattern:
    """Return a pattern that reads the message as text."""
    return Pattern(
        text=text,
        kind=kind,
        selectors=frozenset(),
        condition=None,
        warnings=warnings,
        _extract=extract,
    )


def _parse_regex(text: str) -> Regex:
    scanner = Scanner(text)
    regex = scan_regex(scanner)
    scanner.expect_end("%", "%")
    return regex


def _without_values(matches: Callable[[str], bool]) -> Extract:
    return lambda message: {} if matches(message) else None
