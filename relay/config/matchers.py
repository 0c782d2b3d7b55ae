"""Matchers on labels in Alertmanager's text form: ``severity="critical"``.

    matcher  := name operator value
    name     := bare | quoted
    operator := '=' | '!=' | '=~' | '!~'
    value    := bare | quoted
    bare     := ( any but blanks and { } ! = ~ , \\ " ' ` )+
    quoted   := '"' ( '\\"' | '\\\\' | '\\n' | any but '"' )* '"'

Blanks may stand between all of them. In quotes, a backslash before any other character
is kept, so that regular expressions need no second one. They are RE2's, take linear
time, and must match the whole value. A label that is missing has the value "".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Final

import re2
from pydantic import PlainValidator, WithJsonSchema

from relay.config.refusal import refusal
from relay.patterns import PatternError
from relay.patterns.scanner import Scanner

MAX_LENGTH: Final = 1024
"""Characters of one matcher; ours."""

_RESERVED: Final = frozenset("{}!=~,\\\"'`")
_ESCAPES: Final = {'"': '"', "\\": "\\", "n": "\n"}
_EXAMPLE: Final = 'severity="critical"'


class Operator(StrEnum):
    """How a matcher compares; in the order in which they are looked for."""

    MATCHES = "=~"
    MATCHES_NOT = "!~"
    DIFFERS = "!="
    EQUALS = "="


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label."""

    name: str
    operator: Operator
    value: str
    _regex: Any = field(default=None, compare=False, repr=False)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Tell whether the condition holds; a label that is missing is ""."""
        found = labels.get(self.name, "")
        match self.operator:
            case Operator.EQUALS:
                return found == self.value
            case Operator.DIFFERS:
                return found != self.value
            case Operator.MATCHES:
                return self._regex.fullmatch(found) is not None
            case Operator.MATCHES_NOT:
                return self._regex.fullmatch(found) is None

    def __str__(self) -> str:
        name = self.name if _is_bare(self.name) else _quoted(self.name)
        return f"{name}{self.operator}{_quoted(self.value)}"


def parse_matcher(text: str) -> Matcher:
    """Compile one matcher; raises PatternError, which has the position."""
    scanner = Scanner(text)
    if len(text) > MAX_LENGTH:
        raise scanner.refused(
            f"longer than {MAX_LENGTH} characters: {len(text)}", position=MAX_LENGTH
        )
    scanner.skip_blanks()
    start = scanner.position
    name = _word(scanner)
    if not name:
        raise scanner.refused(
            f"expected a label's name, as in {_EXAMPLE}", position=start
        )
    operator = _operator(scanner)
    start = scanner.position
    value = _word(scanner)
    if value is None:
        raise scanner.refused(
            'expected a value; write "" for the empty one', position=start
        )
    _expect_end(scanner)
    if operator in (Operator.EQUALS, Operator.DIFFERS):
        return Matcher(name, operator, value)
    return Matcher(name, operator, value, _compiled(scanner, value, start))


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Tell whether every one of ``matchers`` holds."""
    return all(matcher.matches(labels) for matcher in matchers)


def _word(scanner: Scanner) -> str | None:
    """Read a bare or a quoted word and the blanks behind it; None: there is none."""
    start = scanner.position
    if scanner.accept('"'):
        word = _quoted_rest(scanner, start)
    elif not (word := scanner.take_while(_is_bare_character)):
        return None
    scanner.skip_blanks()
    return word


def _expect_end(scanner: Scanner) -> None:
    if scanner.char == ",":
        raise scanner.refused(
            "one matcher each; write several as a list", position=scanner.position
        )
    if not scanner.at_end:
        raise scanner.refused(
            "expected the end; quote a value that holds this",
            position=scanner.position,
        )


def _quoted_rest(scanner: Scanner, start: int) -> str:
    parts: list[str] = []
    while not scanner.accept('"'):
        if scanner.at_end:
            raise scanner.refused("the quote is never closed", position=start)
        char = scanner.char
        scanner.position += 1
        if char == "\\" and scanner.char in _ESCAPES and not scanner.at_end:
            char = _ESCAPES[scanner.char]
            scanner.position += 1
        parts.append(char)
    return "".join(parts)


def _operator(scanner: Scanner) -> Operator:
    for operator in Operator:
        if scanner.accept(operator):
            scanner.skip_blanks()
            return operator
    raise scanner.refused("expected =, !=, =~ or !~", position=scanner.position)


def _compiled(scanner: Scanner, value: str, start: int) -> Any:  # noqa: ANN401 - untyped
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(value, options)
    except (re2.error, ValueError) as exc:
        raise scanner.refused(
            f"is no regular expression: {_reason(exc)}", position=start
        ) from exc


def _reason(error: Exception) -> str:
    found = error.args[0] if error.args else ""
    return found.decode(errors="replace") if isinstance(found, bytes) else str(found)


def _is_bare(text: str) -> bool:
    return bool(text) and all(map(_is_bare_character, text))


def _is_bare_character(char: str) -> bool:
    return char not in _RESERVED and not char.isspace()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _matcher(value: object) -> Matcher:
    if isinstance(value, Matcher):
        return value
    if not isinstance(value, str):
        raise refusal(f"is no text; a matcher looks like {_EXAMPLE}")
    try:
        return parse_matcher(value)
    except PatternError as error:
        raise refusal("is no matcher", detail=str(error)) from error


CompiledMatcher = Annotated[
    Matcher,
    PlainValidator(_matcher),
    WithJsonSchema({"type": "string", "maxLength": MAX_LENGTH}),
]
"""An option that is one matcher."""
