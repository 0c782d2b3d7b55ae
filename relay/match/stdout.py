"""Standard output of a search: a terminal that a progress bar shares, or a pipe."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.text import Text

from relay.match.progress import SearchProgress


class Stdout:
    """Prints bytes and lines; on a terminal at once, and where the bar is not.

    ``width`` is that of the terminal, in cells.
    """

    def __init__(self, progress: SearchProgress) -> None:
        self._progress = progress
        self._console = open_console(sys.stdout)
        self.is_terminal = sys.stdout.isatty()
        self.width = self._console.width

    def write(self, data: bytes) -> None:
        """Print bytes as they are."""
        if self.is_terminal:
            self._progress.hide()
        sys.stdout.buffer.write(data)
        if self.is_terminal:
            sys.stdout.buffer.flush()

    def print(self, text: Text) -> None:
        """Print a line, coloured on a terminal."""
        if self.is_terminal:
            self._progress.hide()
            self._console.print(text, soft_wrap=True)
        else:
            # Past rich, which ends the program when the reader of a pipe leaves.
            sys.stdout.write(f"{text.plain}\n")

    @contextmanager
    def until_reader_leaves(self) -> Iterator[None]:
        """Leave the block quietly when the reader of a pipe has seen enough."""
        try:
            yield
            sys.stdout.flush()
        except BrokenPipeError:
            # Python flushes once more at exit: into nothing.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def open_console(stream: TextIO) -> Console:
    """Return a console that takes ``stream`` for a terminal only when it is one."""
    if isinstance(stream, io.TextIOWrapper):
        # What the terminal's encoding lacks is no reason to stop.
        stream.reconfigure(errors="backslashreplace")
    return Console(file=stream, force_terminal=stream.isatty(), highlight=False)
