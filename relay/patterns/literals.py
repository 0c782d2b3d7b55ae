"""How the values that conditions compare fields with are written.

value  := quoted | number | regex | bare
quoted := '"' ( any character but '"' and '\\' | '\\"' | '\\\\' | '\\' )* '"'
number := [+-]? ( digits [ '.' digits? ] | '.' digits ) ( [eE] [+-]? digits )?
bare   := ( letter | digit | '_' | '.' | '*' | '-' )+     but not the word null
"""

import re
from decimal import Decimal
from typing import Final

from relay.patterns.globs import Glob
from relay.patterns.numbers import NUMBER
from relay.patterns.regex import scan_regex
from relay.patterns.scanner import INVALID_PATTERN, Scanner, invalid_characters
from relay.patterns.syntax import Number, Operator, Text, Value

_MAX_EXPONENT: Final = 2**31 - 1
_OPERATORS: Final = (  # the longer ones first
    Operator.NOT_EQUAL,
    Operator.LESS_OR_EQUAL,
    Operator.GREATER_OR_EQUAL,
    Operator.EQUAL,
    Operator.LESS,
    Operator.GREATER,
)


def scan_operator(scanner: Scanner) -> Operator | None:
    """Read a comparison operator; None, and nothing read, when there is none."""
    for operator in _OPERATORS:
        if scanner.accept(operator.value):
            return operator
    return None


def scan_value(scanner: Scanner, operator: Operator) -> Value:
    """Read the value to the right of ``operator``.

    Raises PatternError when there is none, or it is one that has no order though
    ``operator`` asks for it.
    """
    start = scanner.position
    value = _scan_any_value(scanner)
    if operator.is_ordering and not isinstance(value, Number):
        written = scanner.text[start : scanner.position]
        # The service names a quoted value, but only in JSON patterns.
        is_named = written.startswith('"') and scanner.text.startswith("{")
        raise scanner.refused(
            f"'{operator.value}' compares numbers only, found {written}",
            position=start,
            aws_text=(invalid_characters(written) if is_named else INVALID_PATTERN),
        )
    return value


def scan_quoted(scanner: Scanner) -> str:
    """Read text between double quotes and return it with its escapes resolved.

    A backslash escapes a quote or a backslash; before anything else it means itself.
    Raises PatternError when the closing quote is missing.
    """
    start = scanner.position
    scanner.accept('"')
    pieces: list[str] = []
    while not scanner.accept('"'):
        pieces.append(scanner.take_while(lambda char: char not in '"\\'))
        if scanner.accept("\\"):
            # A backslash before anything else means itself.
            escaped = scanner.char if scanner.char in {'"', "\\"} else ""
            scanner.accept(escaped)
            pieces.append(escaped or "\\")
        elif scanner.at_end:
            raise scanner.refused(
                "the quote is not closed",
                position=start,
                aws_text=invalid_characters(scanner.text[start:]),
            )
    return "".join(pieces)


def _scan_any_value(scanner: Scanner) -> Value:
    start = scanner.position
    if scanner.char == '"':
        return _text_or_glob(scan_quoted(scanner), is_quoted=True)
    if scanner.char == "%":
        return scan_regex(scanner)
    number = NUMBER.match(scanner.text, start)
    word = scanner.take_while(_is_bare_char)
    if number is not None and number.end() >= scanner.position:
        scanner.position = number.end()
        return _number(scanner, number)
    if not word:
        raise scanner.unexpected("a value")
    if word.lower() == "null":
        raise scanner.refused(
            f"'{word}' is no value; write 'IS NULL'",
            position=start,
            aws_text=INVALID_PATTERN,
        )
    return _text_or_glob(word, is_quoted=False)


def _number(scanner: Scanner, number: re.Match[str]) -> Number:
    exponent = number.group("exponent") or "0"
    if abs(int(exponent)) > _MAX_EXPONENT:
        raise scanner.refused(
            f"the exponent {exponent} is out of range",
            position=number.start(),
            aws_text=INVALID_PATTERN,
        )
    return Number(number.group(), Decimal(number.group()))


def _text_or_glob(text: str, *, is_quoted: bool) -> Text | Glob:
    return Glob(text) if "*" in text else Text(text, is_quoted)


def _is_bare_char(char: str) -> bool:
    return char.isalnum() or char in "_.*-"
