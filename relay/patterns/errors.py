"""What is wrong with a filter pattern's text, and where."""

from typing import Final

_WINDOW: Final = 72  # columns of the pattern shown around the caret


class PatternError(ValueError):
    """A filter pattern or selector that CloudWatch Logs would refuse.

    ``position`` is the 0-based offset of the fault in ``pattern``. ``expected`` says
    what could have stood there and ``found`` what does, where that is known.
    ``aws_text`` is the service's own error text, where that is known. ``str()`` shows
    ``message``, AWS's text, and the line of the pattern with a caret below the fault.
    """

    def __init__(
        self,
        message: str,
        *,
        pattern: str,
        position: int,
        expected: str | None = None,
        found: str | None = None,
        aws_text: str | None = None,
    ) -> None:
        summary = f"{message} (AWS: {aws_text})" if aws_text else message
        super().__init__(f"{summary}\n{_with_caret(pattern, position)}")
        self.message = message
        self.pattern = pattern
        self.position = position
        self.expected = expected
        self.found = found
        self.aws_text = aws_text


def _with_caret(pattern: str, position: int) -> str:
    """Return the faulty line of ``pattern``, indented, and a caret below the fault."""
    start = pattern.rfind("\n", 0, position) + 1
    end = pattern.find("\n", position)
    line = pattern[start : end if end >= 0 else len(pattern)]
    column = position - start
    left = max(0, column - _WINDOW // 2)
    shown = line[left : left + _WINDOW]
    before = "..." if left else ""
    after = "..." if left + _WINDOW < len(line) else ""
    # One column a character, whatever control characters the pattern holds.
    printable = "".join(char if char.isprintable() else " " for char in shown)
    caret = " " * (len(before) + column - left) + "^"
    return f"  {before}{printable}{after}\n  {caret}"
