"""Compiled filter patterns: one type for the four languages, and which one it is."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from relay.patterns.binding import bind_condition, selectors_of
from relay.patterns.explain import (
    Explanation,
    explain_json,
    explain_regex,
    explain_space,
    explain_terms,
)
from relay.patterns.extensions import Extensions
from relay.patterns.json_parser import parse_json_pattern
from relay.patterns.limits import Limits
from relay.patterns.lint import lint_condition
from relay.patterns.members import NamedList
from relay.patterns.message import parse_message
from relay.patterns.regex import scan_regex
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
Explain = Callable[[str], Explanation]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled filter pattern; two are equal when their texts and lists are.

    ``selectors`` are the fields that it reads and ``condition`` is what it states about
    them; only JSON patterns have any. ``warnings`` are sentences about what the pattern
    says that its author may not have meant. ``extensions`` names what AWS would refuse,
    in the order of first use: ``IN``, ``EXISTS``, ``~=``, ``regular expressions``;
    nothing for a pattern that can be given to AWS as it is. ``lists`` are the named
    lists that it looks values up in.
    """

    text: str
    kind: PatternKind = field(compare=False)
    selectors: frozenset[Selector] = field(compare=False)
    condition: Condition | None = field(compare=False, repr=False)
    warnings: tuple[str, ...] = field(compare=False)
    _extract: Extract = field(compare=False, repr=False)
    _explain: Explain = field(compare=False, repr=False)
    extensions: tuple[str, ...] = field(default=(), compare=False)
    lists: tuple[tuple[str, NamedList], ...] = field(default=(), repr=False)

    def matches(self, message: str) -> bool:
        """Tell whether the log message ``message`` matches."""
        return self._extract(message) is not None

    def extract(self, message: str) -> dict[str, str] | None:
        """Return TestMetricFilter's ``extractedValues``; None without a match.

        Only space-delimited patterns extract anything.
        """
        return self._extract(message)

    def explain(self, message: str) -> Explanation:
        """Return why ``message`` matches or does not, part by part.

        Each part is asked, also where the ones before it have decided.
        """
        return self._explain(message)

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


def compile_pattern(
    text: str,
    *,
    extensions: bool = False,
    lists: Mapping[str, Collection[str]] | None = None,
) -> Pattern:
    """Compile a filter pattern; its first character says which kind it is.

    ``extensions`` allows what goes beyond AWS's language: in JSON patterns ``IN`` and
    ``NOT IN``, ``EXISTS`` and ``~=``, and there and in space-delimited ones more than
    two regular expressions. ``lists`` are those that ``IN @name`` may name, by name; a
    NamedList among them is not compiled again.

    Raises PatternError for a text that CloudWatch Logs would refuse, unless extensions
    allow it, and for an unknown or faulty list.
    """
    if len(text) > MAX_LENGTH:
        raise Scanner(text).too_long()
    allowed = Extensions(are_allowed=extensions, lists=lists)
    match text[:1]:
        case "{":
            return _compile_json(text, allowed)
        case "[":
            return _compile_space(text, allowed)
        case "%":
            return _compile_regex(text, allowed)
        case _:
            return _compile_terms(text)


def _compile_json(text: str, extensions: Extensions) -> Pattern:
    parsed = parse_json_pattern(text, extensions)
    condition = parsed.condition
    test = bind_condition(condition, lambda selector: selector.resolve)

    # Both parse at the same depth of the stack, so that a message that is nested almost
    # too deeply is the same to both.
    def extract(message: str) -> dict[str, str] | None:
        event = parse_message(message)
        return {} if event is not None and test(event) else None

    def explain(message: str) -> Explanation:
        event = parse_message(message)
        return explain_json(parsed, event)

    return Pattern(
        text=text,
        kind=PatternKind.JSON,
        selectors=selectors_of(condition),
        condition=condition,
        warnings=parsed.warnings + lint_condition(condition),
        _extract=extract,
        _explain=explain,
        extensions=extensions.used,
        lists=extensions.used_lists,
    )


def _compile_space(text: str, extensions: Extensions) -> Pattern:
    pattern, warnings = parse_space_pattern(text, extensions)
    return Pattern(
        text=text,
        kind=PatternKind.SPACE,
        selectors=frozenset(),
        condition=None,
        warnings=warnings,
        _extract=pattern.extract,
        _explain=partial(explain_space, pattern),
        extensions=extensions.used,
    )


def _compile_regex(text: str, extensions: Extensions) -> Pattern:
    scanner = Scanner(text)
    regex = scan_regex(scanner)
    scanner.expect_end("%", "%")
    Limits(scanner, extensions).count_value(regex, 0)
    return Pattern(
        text=text,
        kind=PatternKind.REGEX,
        selectors=frozenset(),
        condition=None,
        warnings=(),
        _extract=_without_values(regex.compile()),
        _explain=partial(explain_regex, regex, text),
    )


def _compile_terms(text: str) -> Pattern:
    terms, warnings = parse_terms(text)
    return Pattern(
        text=text,
        kind=PatternKind.TERMS,
        selectors=frozenset(),
        condition=None,
        warnings=warnings,
        _extract=_without_values(terms.compile()),
        _explain=partial(explain_terms, terms),
    )


def _without_values(matches: Callable[[str], bool]) -> Extract:
    return lambda message: {} if matches(message) else None
