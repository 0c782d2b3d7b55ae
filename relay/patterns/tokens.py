"""How a space-delimited pattern sees a log line: tokens, quoted ones kept whole."""

import re
from dataclasses import dataclass
from typing import Final

_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_WORD: Final = re.compile(r"[^ \t\r\n]*")
_CLOSERS: Final = {'"': '"', "[": "]"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its text without delimiters, and where it begins in the line."""

    text: str
    start: int


def tokenize(line: str) -> list[Token]:
    """Cut a line into tokens.

    A token goes to the next blank. One that begins with ``"`` or ``[`` goes to the
    matching ``"`` or ``]`` instead, if there is one further on, and loses both.
    """
    last_closer = {opener: line.rfind(closer) for opener, closer in _CLOSERS.items()}
    tokens: list[Token] = []
    position = _end_of(_BLANKS, line, 0)
    while position < len(line):
        opener = line[position]
        if last_closer.get(opener, -1) > position:
            end = line.index(_CLOSERS[opener], position + 1)
            tokens.append(Token(line[position + 1 : end], position))
            position = end + 1
        else:
            end = _end_of(_WORD, line, position)
            tokens.append(Token(line[position:end], position))
            position = end
        position = _end_of(_BLANKS, line, position)
    return tokens


def _end_of(run: re.Pattern[str], line: str, position: int) -> int:
    """Return where the run of characters at ``position`` ends; it may be empty."""
    match = run.match(line, position)
    return match.end() if match else position
