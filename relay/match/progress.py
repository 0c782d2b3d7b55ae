"""How far a search over many files has come, on a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from relay.clock import Clock

_FIRST_SECS: Final = 0.5  # what is done sooner needs no bar
_EVERY_SECS: Final = 0.1
_EVENTS_BETWEEN: Final = 256  # looks at the clock

T = TypeVar("T")


class SearchProgress:
    """A bar below the output, where there is a terminal; a context: it ends with it."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._clock = clock
        self._is_enabled = console.is_terminal
        self._is_shown = False
        self._due_at = clock.monotonic() + _FIRST_SECS
        self._files = self._events = 0
        self._bar = Progress(
            TextColumn("searching"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files, {task.fields[events]:,} events"),
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("", events=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()

    def over_files(self, paths: Sequence[T]) -> Iterator[T]:
        """Yield each path; when the next one is asked for, it is done."""
        self._bar.update(self._task, total=len(paths))
        for path in paths:
            yield path
            self._files += 1
            self._look()

    def over_events(self, events: Iterable[T]) -> Iterable[T]:
        """Return the events of a file; they are counted when they are asked for."""
        return self._counted(events) if self._is_enabled else events

    def hide(self) -> None:
        """Make room for output; the bar comes back by itself."""
        if self._is_shown:
            self._is_shown = False
            self._bar.stop()

    def _counted(self, events: Iterable[T]) -> Iterator[T]:
        for event in events:
            self._events += 1
            if self._events % _EVENTS_BETWEEN == 0:
                self._look()
            yield event

    def _look(self) -> None:
        now = self._clock.monotonic()
        if not self._is_enabled or now < self._due_at:
            return
        self._due_at = now + _EVERY_SECS
        self._bar.update(self._task, completed=self._files, events=self._events)
        self._bar.start()
        self._is_shown = True
        self._bar.refresh()
