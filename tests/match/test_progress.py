"""The bar of a long search."""

import io

from rich.console import Console

from relay.match.progress import SearchProgress
from tests.support.clock import FakeClock


class Searching:
    """A progress on a terminal, or none, with a clock of its own."""

    def __init__(self, *, is_terminal: bool = True) -> None:
        self.written = io.StringIO()
        self.clock = FakeClock()
        console = Console(
            file=self.written, force_terminal=is_terminal, width=80, _environ={}
        )
        self.progress = SearchProgress(console, self.clock)


def test_a_short_search_shows_nothing() -> None:
    """Within half a second no bar appears."""
    searching = Searching()

    with searching.progress as progress:
        for _ in progress.over_files(["a", "b"]):
            searching.clock.advance(0.1)

    assert searching.written.getvalue() == ""


def test_files_and_events_are_counted() -> None:
    """The bar says how many files are done, of how many, and the events so far."""
    searching = Searching()

    with searching.progress as progress:
        for _ in progress.over_files(["a", "b"]):
            searching.clock.advance(1)
            assert list(progress.over_events(range(1000))) == list(range(1000))

    assert "0/2" in searching.written.getvalue()
    assert "files, 256 events" in searching.written.getvalue()
    assert "1/2" in searching.written.getvalue()
    assert "files, 1,024 events" in searching.written.getvalue()


def test_output_has_the_line_for_itself() -> None:
    """Hidden, the bar is erased; it comes back no sooner than it was due anyway."""
    searching = Searching()
    progress = searching.progress
    searching.clock.advance(1)
    files = progress.over_files(["a", "b", "c"])
    next(files), next(files)
    shown = searching.written.getvalue()

    progress.hide()
    hidden = searching.written.getvalue()
    next(files)

    assert "1/3" in shown
    assert hidden.endswith("\x1b[2K")
    assert searching.written.getvalue() == hidden
    progress.hide()
    assert searching.written.getvalue() == hidden


def test_without_a_terminal_there_is_no_bar() -> None:
    """Then the events are not even counted."""
    searching = Searching(is_terminal=False)
    events = [1, 2]

    with searching.progress as progress:
        for _ in progress.over_files(["a"]):
            searching.clock.advance(9)
            assert progress.over_events(events) is events

    assert searching.written.getvalue() == ""
