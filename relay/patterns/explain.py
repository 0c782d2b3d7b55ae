"""Why a message matches, or does not: each part of a pattern, and what it saw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.patterns.binding import bind_condition
from relay.patterns.json_parser import JsonPattern
from relay.patterns.regex import Regex
from relay.patterns.selector import MISSING, Missing
from relay.patterns.space import Entry, SpacePattern
from relay.patterns.syntax import Condition, Written
from relay.patterns.terms import Mark, Term, Terms

MAX_SEEN: Final = 20
"""How many values an explanation shows of those that one condition saw."""

Seen = tuple[object, ...] | Missing


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One part of a pattern: its ``text`` as written, and its ``position`` in there.

    ``seen`` are the values that it was asked of: the value of a selector without a
    wildcard, up to MAX_SEEN of those that a wildcard selects; a term's word or what a
    regular expression found; the token of an entry, or up to MAX_SEEN that ``...``
    stands for. MISSING when there is nothing to see. ``held`` tells whether the part
    was satisfied. A part that ``is_ignored`` has no say in whether the message matches.
    """

    text: str
    position: int
    seen: Seen
    held: bool
    is_ignored: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``Pattern.explain`` found: ``matches`` is what ``Pattern.matches`` says.

    ``conditions`` are in reading order. ``reason`` says why a message cannot match
    whatever the conditions say, None when it could.
    """

    matches: bool
    conditions: tuple[ConditionResult, ...]
    reason: str | None = None


def explain_json(pattern: JsonPattern, event: dict[str, Any] | None) -> Explanation:
    """Explain a JSON pattern; a message that is no object is asked no condition.

    ``event`` is the parsed message, None when it is no object.
    """
    if event is None:
        reason = "the message is not one JSON object, or nested too deeply to be read"
        return Explanation(matches=False, conditions=(), reason=reason)
    return Explanation(
        matches=_holds(pattern.condition, event),
        conditions=tuple(_single(written, event) for written in pattern.written),
    )


def explain_terms(terms: Terms, message: str) -> Explanation:
    """Explain a term pattern; a term with ``-`` holds when it is not found."""
    return Explanation(
        matches=terms.compile()(message),
        conditions=tuple(
            _term(term, message, ignore_optional=terms.ignore_optional)
            for term in terms.terms
        ),
    )


def explain_space(pattern: SpacePattern, message: str) -> Explanation:
    """Explain a space-delimited pattern: entry by entry, each with its token."""
    texts = pattern.cut(message)
    results = tuple(_entries(pattern, texts))
    missing = len(texts) < pattern.min_tokens
    return Explanation(
        matches=all(result.held for result in results),
        conditions=results,
        reason=(
            f"the line has {len(texts)} tokens, and the pattern asks for "
            f"{pattern.min_tokens}"
            if missing
            else None
        ),
    )


def explain_regex(regex: Regex, text: str, message: str) -> Explanation:
    """Explain a pattern that is one regular expression; ``text`` is how it stands."""
    found = regex.find(message)
    seen: Seen = MISSING if found is None else (found,)
    result = ConditionResult(text, 0, seen, held=found is not None)
    return Explanation(matches=found is not None, conditions=(result,))


def _single(written: Written, event: object) -> ConditionResult:
    selector = written.condition.selector
    value = selector.resolve(event)
    seen: Seen = MISSING
    if selector.has_wildcard and isinstance(value, list):
        seen = tuple(value[:MAX_SEEN])
    elif value is not MISSING:
        seen = (value,)
    held = _holds(written.condition, event)
    return ConditionResult(written.text, written.position, seen, held)


def _holds(condition: Condition, event: object) -> bool:
    return bind_condition(condition, lambda selector: selector.resolve)(event)


def _term(term: Term, message: str, *, ignore_optional: bool) -> ConditionResult:
    is_found = term.word in message
    return ConditionResult(
        term.text,
        term.position,
        (term.word,) if is_found else MISSING,
        held=is_found is (term.mark is not Mark.EXCLUDED),
        is_ignored=term.mark is Mark.OPTIONAL and ignore_optional,
    )


def _entries(pattern: SpacePattern, texts: Sequence[str]) -> Iterator[ConditionResult]:
    """Yield a result for each entry; in a line too short the last ones miss a token."""
    for number, entry in enumerate(pattern.before):
        yield _entry(entry, texts[number : number + 1])
    first_behind = max(len(pattern.before), len(texts) - len(pattern.behind))
    if pattern.ellipsis is not None:
        taken = tuple(texts[len(pattern.before) : first_behind][:MAX_SEEN])
        written = pattern.ellipsis
        yield ConditionResult(written.text, written.position, taken, held=True)
    for number, entry in enumerate(pattern.behind, first_behind):
        yield _entry(entry, texts[number : number + 1])


def _entry(entry: Entry, token: Sequence[str]) -> ConditionResult:
    if not token:
        return ConditionResult(entry.text, entry.position, MISSING, held=False)
    held = entry.test is None or entry.test(token[0])
    return ConditionResult(entry.text, entry.position, (token[0],), held)
