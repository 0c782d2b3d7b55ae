"""What must hold for any bytes at all; each target raises when it does not.

A target takes bytes as a fuzzer makes them up. Bytes that are no UTF-8 become halves of
surrogate pairs, which JSON can hold and encoders choke on.
"""

from typing import Final

from relay.patterns import (
    NamedList,
    Pattern,
    PatternError,
    PatternKind,
    compile_pattern,
)
from relay.patterns.message import parse_message

SEPARATOR: Final = b"\xff"
"""Stands between a pattern and a message; no UTF-8 text holds it."""

LISTS: Final = {"names": NamedList(["a", "b*", "10.0.0.0/8", "2001:db8::/32", "5"])}


def parse_any(data: bytes) -> None:
    """Any text is a pattern or raises PatternError; extensions only add patterns."""
    text = _text(data)
    portable = _compile(text, extensions=False)
    extended = _compile(text, extensions=True)
    if portable is not None:
        _require(extended is not None, "extensions refuse what is refused by nobody")
        _require(portable.extensions == (), "a portable pattern names extensions")
    if extended is not None:
        is_portable = extended.extensions == ()
        _require(is_portable is (portable is not None), "extensions are not named")


def match_any(data: bytes) -> None:
    """A pattern tells of any message whether it matches; all ways to ask agree."""
    pattern_bytes, _, message_bytes = data.partition(SEPARATOR)
    pattern = _compile(_text(pattern_bytes), extensions=True)
    if pattern is None:
        return
    message = _text(message_bytes)
    matches = pattern.matches(message)
    _require(isinstance(matches, bool), "neither true nor false")
    extracted = pattern.extract(message)
    _require((extracted is not None) is matches, "extract disagrees")
    explanation = pattern.explain(message)
    _require(explanation.matches is matches, "explain disagrees")
    if pattern.kind is PatternKind.JSON:
        event = parse_message(message)
        is_bound_match = event is not None and pattern.bind(
            lambda selector: selector.resolve
        )(event)
        _require(is_bound_match is matches, "bind disagrees")
    for result in explanation.conditions:
        end = result.position + len(result.text)
        written = pattern.text[result.position : end]
        _require(written == result.text, "an explanation quotes what is not there")


def pattern_and_message(data: bytes) -> None:
    """Both targets on the same bytes."""
    parse_any(data.partition(SEPARATOR)[0])
    match_any(data)


def _compile(text: str, *, extensions: bool) -> Pattern | None:
    try:
        return compile_pattern(text, extensions=extensions, lists=LISTS)
    except PatternError as error:
        _require(0 <= error.position <= len(text), "the fault is outside")
        _require(error.message in str(error), "the error does not say what is wrong")
        return None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)
