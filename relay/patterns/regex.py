r"""Regular expressions between percent signs: ``%Unauthorized|Denied%``.

CloudWatch Logs knows a small dialect: no groups, no flags, ASCII only (User Guide, page
"Using regular expression syntax to filter log data"). Its characters and escapes are
checked here; RE2, which is close to it, does the rest in linear time.

    regex  := '%' ( letter | digit | symbol | operator | escape )+ '%'
    symbol := one of : _ # = @ / ; , - or a space
    escape := '\' ( d | D | s | S | w | W | 'x' hex hex | symbol | operator )
"""

import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import re2

from relay.patterns.errors import PatternError
from relay.patterns.scanner import Scanner

MAX_REPETITIONS: Final = 1000
"""The sum of all counts such as ``{3,9}`` in the expressions of a pattern; ours.

RE2 has the same limit for each single one. A search may take some nanoseconds for each
unit of the sum and each character; without a limit, minutes for one message.
"""

FAILED_TO_COMPILE: Final = "Failed to compile regular expression."
_CHARACTERS: Final = frozenset(
    string.ascii_letters + string.digits + ":_#=@/;,- " + "^$?[]{}|\\*+."
)
_TOKEN: Final = re.compile(
    r"""
      (?P<escape>          \\ (?: [dDsSwW] | x[0-9A-Fa-f]{2} | [^A-Za-z0-9] ) )
    | (?P<at_most>         \{ (?= ,[0-9]+ \} ) )
    | (?P<quantifier>      \{ [0-9]+ ,? [0-9]* \} )
    | (?P<character_class> \[ \^? \]? (?: \\. | [^\\\]] )* \] )
    | (?P<literal>         [^\\{] )
    """,
    re.VERBOSE | re.ASCII,
)
_DIGITS: Final = re.compile("[0-9]+")
_CLASS_ESCAPE: Final = re.compile(r"\\(?![dDsSwW]|x[0-9A-Fa-f]{2}|[^A-Za-z0-9]).?")


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression, ``text`` as it stands between the percent signs."""

    text: str

    def compile(self) -> Callable[[str], bool]:
        """Return the test that tells whether a text contains a match.

        Raises re2.error or ValueError when it is no regular expression.
        """
        search = _compile(_translate(self.text))

        def is_found(text: str) -> bool:
            return search(_encode(text)) is not None

        return is_found

    def find(self, text: str) -> str | None:
        """Return the first match in ``text``, of several there the preferred one."""
        match = _compile(_translate(self.text))(_encode(text))
        return None if match is None else match.group().decode(errors="replace")

    @property
    def counts(self) -> tuple[int, ...]:
        """How often each counted part may repeat: ``{3}``, ``{1,3}`` and ``{3,}``: 3.

        Raises ValueError when it is no regular expression.
        """
        counted = (
            self.text[token.start() : self.text.index("}", token.start())]
            for token in _tokens(self.text)
            if token.lastgroup in {"at_most", "quantifier"}
        )
        return tuple(max(map(int, _DIGITS.findall(count))) for count in counted)


def scan_regex(scanner: Scanner) -> Regex:
    """Read the regular expression whose opening ``%`` is at the scanner's position.

    Raises PatternError when a character may not stand in one, when it is empty or not
    closed, or when it does not compile.
    """
    start = scanner.position
    scanner.accept("%")
    text = scanner.take_while(_CHARACTERS.__contains__)
    if scanner.at_end:
        raise scanner.refused(
            "the regular expression is not closed by '%'", position=start
        )
    if not text or scanner.char != "%":
        hint = "; write \\x28 and \\x29" if scanner.char in {"(", ")"} else ""
        raise scanner.invalid_term(
            start, f"a character that may stand in a regular expression{hint}"
        )
    scanner.accept("%")
    regex = Regex(text)
    try:
        counts = regex.counts
        # RE2 says itself what it thinks of a single count that is too large.
        if sum(counts) <= MAX_REPETITIONS or max(counts) > MAX_REPETITIONS:
            regex.compile()
    except (re2.error, ValueError) as exc:
        raise _not_compiled(scanner, start, exc) from exc
    if sum(counts) > MAX_REPETITIONS:
        raise too_many_repetitions(scanner, start, sum(counts))
    return regex


def too_many_repetitions(scanner: Scanner, position: int, found: int) -> PatternError:
    """Return the error for counts that add up to more than MAX_REPETITIONS."""
    return scanner.refused(
        f"more than {MAX_REPETITIONS} counted repetitions in regular expressions: "
        f"{found}",
        position=position,
    )


def _not_compiled(scanner: Scanner, start: int, cause: Exception) -> PatternError:
    detail = cause.args[0]
    reason = detail.decode(errors="replace") if isinstance(detail, bytes) else detail
    return scanner.refused(
        f"the regular expression does not compile: {reason}",
        position=start,
        aws_text=FAILED_TO_COMPILE,
    )


def _translate(text: str) -> str:
    """Return ``text`` in RE2's dialect; raise ValueError for what AWS refuses."""
    translated: list[str] = []
    for token in _tokens(text):
        if token.lastgroup == "character_class":
            unknown = _CLASS_ESCAPE.search(_ESCAPED_BACKSLASH.sub("", token.group()))
            if unknown is not None:
                raise ValueError(f"unknown escape: {unknown.group()}")
        # RE2 reads '{,3}' as text; for AWS it means '{0,3}'.
        translated.append("{0" if token.lastgroup == "at_most" else token.group())
    return "".join(translated)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """Cut ``text`` into tokens; raise ValueError where none begins."""
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            kind = "escape" if text[position] == "\\" else "use of '{'"
            raise ValueError(f"unknown {kind}: {text[position : position + 2]}")
        if token.group() == "[":  # looked for its end in vain; so would the next one
            raise ValueError(f"missing ]: {text[position:]}")
        yield token
        position = token.end()


_ESCAPED_BACKSLASH: Final = re.compile(r"\\\\")


def _compile(expression: str) -> Callable[[bytes], Any]:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    search: Callable[[bytes], Any] = re2.compile(expression, options).search
    return search


def _encode(text: str) -> bytes:
    """Return UTF-8, which RE2 searches; half a surrogate pair becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        wide = text.encode("utf-16-le", "surrogatepass")
        return wide.decode("utf-16-le", "replace").encode()
