"""What is wrong with a template, and where."""

import re
import traceback
from collections.abc import Collection

from jinja2 import TemplateSyntaxError

from relay.errors import Reason, RejectedError
from relay.notify.plain import one_line

_MAX_CHARS = 300


class BadTemplateError(RejectedError):
    """A template cannot be compiled or rendered: ``file:line: what is wrong``.

    ``line`` counts from 1; None when it is not known.
    """

    def __init__(self, file: str, line: int | None, text: str) -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__(f"{place}: {text}", reason=Reason.INVALID)
        self.file = file
        self.line = line
        self.text = text


def fault_of(error: Exception, file: str, files: Collection[str]) -> BadTemplateError:
    """Return what ``error`` says of the template in ``file``.

    ``files`` are all that may take part; the innermost of them is where it happened.
    """
    if isinstance(error, TemplateSyntaxError):
        message = one_line(error.message or "is no template", _MAX_CHARS)
        return BadTemplateError(error.filename or file, error.lineno, message)
    if isinstance(error, RecursionError | SyntaxError | MemoryError):
        # Python's own limits: of calls, and of blocks within blocks.
        return BadTemplateError(file, None, "is nested too deeply")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in files:
            return BadTemplateError(frame.filename, frame.lineno, _text(error))
    return BadTemplateError(file, None, _text(error))


def _text(error: Exception) -> str:
    # 'relay.notify.content.view.View object': the class is enough to know.
    message = re.sub(r"relay\.[\w.]+\.(\w+) object", r"\1", str(error))
    return one_line(message, _MAX_CHARS) or type(error).__name__
