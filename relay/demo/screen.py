"""The demo's face: a live picture on a terminal, plain lines anywhere else."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from relay.demo.board import AlarmRow, Board, DeliveryRow
from relay.demo.inbox import Channel, Received
from relay.demo.scenario import Step

_STATE_STYLE = {"ALARM": "bold red", "OK": "green", "INSUFFICIENT_DATA": "yellow"}
_MAX_DELIVERIES, _LINES_PER_ALARM = 8, 2
_FRAME_LINES = 8
"""Borders, headings, the phase, and the line that the cursor stands on."""
_SEVERITY_STYLE = {"critical": "bold red", "high": "red", "medium": "yellow"}


class Screen(Protocol):
    """What the story tells while it is played."""

    def phase(self, text: str) -> None:
        """Say what is done now."""
        ...

    def delivered(self, step: Step) -> None:
        """Show that CloudTrail delivered ``step``."""
        ...

    def notified(self, received: Received) -> None:
        """Show that a notification was received."""
        ...


@contextmanager
def open_screen(console: Console, monotonic: Callable[[], float]) -> Iterator[Screen]:
    """Return the screen that fits ``console``, for the length of the block."""
    if not console.is_terminal:
        yield PlainScreen(console, monotonic)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        screen = LiveScreen(live, monotonic)
        yield screen
    # While it moves, the picture holds what fits; what stays is all of it.
    screen.board.phase = ""
    console.print(picture(screen.board))


class LiveScreen:
    """Redraws one picture whenever something happens."""

    def __init__(self, live: Live, monotonic: Callable[[], float]) -> None:
        self._live = live
        self._monotonic = monotonic
        self._started_at = monotonic()
        self.board = Board()

    def phase(self, text: str) -> None:
        """Say what is done now, below the tables."""
        self.board.phase = text
        self._draw()

    def delivered(self, step: Step) -> None:
        """Add a row to the deliveries."""
        self.board.delivered(step, at_secs=self._monotonic() - self._started_at)
        self._draw()

    def notified(self, received: Received) -> None:
        """Add a row to the alarms, or a channel to one."""
        self.board.notified(received)
        self._draw()

    def _draw(self) -> None:
        height = self._live.console.height
        self._live.update(picture(self.board, height=height), refresh=True)


class PlainScreen:
    """Prints one line whenever something happens."""

    def __init__(self, console: Console, monotonic: Callable[[], float]) -> None:
        self._console = console
        self._monotonic = monotonic
        self._started_at = monotonic()
        self._board = Board()

    def phase(self, text: str) -> None:
        """Print what is done now."""
        self._line(f"-- {text}")

    def delivered(self, step: Step) -> None:
        """Print what was delivered."""
        row = self._board.delivered(step, at_secs=self._elapsed_secs())
        self._line(f"delivered: {row.title} ({row.files} files, {row.records} records)")

    def notified(self, received: Received) -> None:
        """Print which alarm came by which channel."""
        row = self._board.notified(received)
        text = f"{row.state} {alarm_name(row)}"
        if received.evidence is not None:
            text += f": {who_and_what(row)}, from {where(row)}"
        self._line(f"{text} -> {received.channel}")

    def _line(self, text: str) -> None:
        line = f"{self._elapsed_secs():5.1f} s  {text}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _elapsed_secs(self) -> float:
        return self._monotonic() - self._started_at


def picture(board: Board, *, height: int | None = None) -> RenderableType:
    """Return ``board`` as one picture; if ``height`` is too small, its newest rows."""
    deliveries, alarms = board.deliveries, board.alarms
    if height is not None:
        deliveries = deliveries[-_MAX_DELIVERIES:]
        room = height - len(deliveries) - _FRAME_LINES
        alarms = alarms[-max(room // _LINES_PER_ALARM, 1) :]
    return Group(
        Panel(
            _deliveries(deliveries), title="CloudTrail delivers", border_style="blue"
        ),
        Panel(
            _alarms(alarms, is_cut=height is not None),
            title="relay notifies",
            border_style="red",
        ),
        f"[dim]{escape(board.phase)}[/dim]",
    )


def _deliveries(rows: Sequence[DeliveryRow]) -> Table:
    table = Table(box=None, expand=True, pad_edge=False)
    table.add_column("after", justify="right", style="dim", width=7)
    table.add_column("what", ratio=1, no_wrap=True)
    table.add_column("files", justify="right", width=6)
    table.add_column("records", justify="right", width=8)
    for row in rows:
        table.add_row(
            f"{row.at_secs:.1f} s",
            escape(row.title),
            str(row.files),
            str(row.records),
        )
    return table


def _alarms(rows: Sequence[AlarmRow], *, is_cut: bool) -> Table:
    table = Table(box=None, expand=True, pad_edge=False)
    table.add_column("state", width=5, no_wrap=True)
    table.add_column("alarm: who did what, from where", ratio=1, no_wrap=is_cut)
    table.add_column("sns hook mail", width=13)
    table.add_column("after", justify="right", width=6)
    for row in rows:
        title = Text(alarm_name(row), style=_SEVERITY_STYLE.get(row.severity, ""))
        table.add_row(
            Text(row.state, style=_STATE_STYLE.get(row.state, "bold")),
            title.append(f"\n  {who_and_what(row)}, {where(row)}", style="default"),
            _ticks(row.channels),
            "" if row.delay_secs is None else f"{row.delay_secs * 1000:.0f} ms",
        )
    return table


def _ticks(channels: set[Channel]) -> str:
    sns, webhook, mail = (
        "x" if channel in channels else "-"
        for channel in (Channel.SNS, Channel.WEBHOOK, Channel.MAIL)
    )
    return f" {sns}    {webhook}    {mail}"


def alarm_name(row: AlarmRow) -> str:
    """Return the alarm's name with its group, if it has one."""
    return f"{row.alarm} [{', '.join(row.group)}]" if row.group else row.alarm


def who_and_what(row: AlarmRow) -> str:
    """Return the newest evidence's actor and action."""
    return f"{row.evidence.who}: {row.evidence.what}" if row.evidence else ""


def where(row: AlarmRow) -> str:
    """Return the newest evidence's origin, account and region."""
    if row.evidence is None:
        return ""
    return f"{row.evidence.source_ip}, {row.evidence.account} {row.evidence.region}"
