"""The search of ``relay match``: one pattern, many files, and what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from relay.match.event_files import Event, UnreadableError, read_events
from relay.match.progress import SearchProgress
from relay.match.text import visible
from relay.patterns import Explanation, Pattern

MATCHED: Final = 0
NONE_MATCHED: Final = 1
FAILED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An event that is to be shown, and what the pattern says of it.

    ``extracted`` is None when the pattern does not match, ``explanation`` is None when
    nobody asked for it.
    """

    path: Path
    event: Event
    extracted: dict[str, str] | None
    explanation: Explanation | None = None


class Output(Protocol):
    """What is done with the events that were found."""

    def show(self, found: Found) -> None:
        """Show one event."""
        ...

    def end_file(self, path: Path, count: int) -> None:
        """Take note that a file is done, and that ``count`` of its events were shown.

        A file that could not be read is done as well.
        """
        ...

    def end(self) -> None:
        """Show what is to be said of the whole search."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which events are shown.

    Those that match; if ``is_inverted``, those that don't; if ``is_explaining``, all,
    each with its explanation. No more than ``max_count`` over all files.
    """

    is_inverted: bool = False
    is_explaining: bool = False
    max_count: int | None = None


class Search:
    """One run over all files: whether anything was selected, or could not be read."""

    def __init__(
        self,
        pattern: Pattern,
        selection: Selection,
        output: Output,
        progress: SearchProgress,
        report: Callable[[str], None],
    ) -> None:
        """Prepare the search; ``report`` takes a line for a file that is unreadable."""
        self._pattern = pattern
        self._selection = selection
        self._output = output
        self._progress = progress
        self._report = report
        self._shown = 0
        self._has_selected = False
        self._has_failed = False

    @property
    def exit_code(self) -> int:
        """The exit status of what has been searched so far."""
        if self._has_failed:
            return FAILED
        return MATCHED if self._has_selected else NONE_MATCHED

    def fail(self, reason: str) -> None:
        """Report that something could not be read; the search goes on."""
        self._has_failed = True
        self._progress.hide()
        self._report(visible(reason))

    def run(self, paths: Sequence[Path]) -> None:
        """Search all files."""
        for path in self._progress.over_files(paths):
            before = self._shown
            try:
                self._search(path)
            except UnreadableError as exc:
                self.fail(str(exc))
            self._output.end_file(path, self._shown - before)
            if self._is_full:
                break
        self._output.end()

    def _search(self, path: Path) -> None:
        for event in self._progress.over_events(read_events(path)):
            found = self._judge(path, event)
            if found is None:
                continue
            self._shown += 1
            self._output.show(found)
            if self._is_full:
                return

    def _judge(self, path: Path, event: Event) -> Found | None:
        """Return what is to be shown of ``event``, None for nothing."""
        message = event.text.decode(errors="replace")
        extracted = self._pattern.extract(message)
        is_selected = (extracted is None) is self._selection.is_inverted
        self._has_selected |= is_selected
        if self._selection.is_explaining:
            return Found(
                path=path,
                event=event,
                extracted=extracted,
                explanation=self._pattern.explain(message),
            )
        if not is_selected:
            return None
        return Found(path=path, event=event, extracted=extracted)

    @property
    def _is_full(self) -> bool:
        return self._shown == self._selection.max_count
