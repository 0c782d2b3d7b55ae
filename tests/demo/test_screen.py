"""What is shown: readable on a terminal, plain lines anywhere else."""

import io

from rich.console import Console, RenderableType

from relay.demo.board import Board
from relay.demo.inbox import Channel
from relay.demo.records import Place
from relay.demo.scenario import Step, TrailFile
from relay.demo.screen import open_screen, picture
from tests.demo.samples import received

STEP = Step(
    title="root signs [in]",
    notices=(
        (
            TrailFile(
                place=Place(account="1", region="a"),
                delivered_at=0.0,
                suffix="x",
                records=({"eventID": "e1"},),
            ),
        ),
    ),
)


def shown(*, is_terminal: bool) -> str:
    """Return all that a short play prints; each look at the time is 1 s later."""
    times = iter(range(100))
    console = Console(
        file=io.StringIO(),
        force_terminal=is_terminal,
        width=140,
        color_system=None,
        _environ={},
    )
    with open_screen(console, lambda: float(next(times))) as screen:
        screen.phase("playing")
        screen.delivered(STEP)
        screen.notified(received("guesses [x]", group=("anna",)))
        screen.notified(received("guesses [x]", channel=Channel.SNS))
        screen.notified(received("time-made", id="n2", channel=Channel.MAIL))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_terminal_each_event_is_a_line() -> None:
    """Pipes and files get one line for each thing that happens, and no markup."""
    lines = [line.partition("s  ")[2] for line in shown(is_terminal=False).splitlines()]

    assert lines == [
        "-- playing",
        "delivered: root signs [in] (1 files, 1 records)",
        "ALARM guesses [x] [anna]: root: ConsoleLogin, "
        "from 203.0.113.66, 111122223333 us-east-1 -> webhook",
        "ALARM guesses [x] [anna] -> SNS topic",
        "ALARM time-made -> mail",
    ]


def test_on_a_terminal_one_picture_is_redrawn() -> None:
    """The last picture has the delivery, who did what from where, and the channels."""
    picture = shown(is_terminal=True)

    last = picture[picture.rindex("CloudTrail delivers") :]
    assert "root signs [in]" in last
    assert "guesses [x] [anna]" in last
    assert "root: ConsoleLogin, 203.0.113.66, 111122223333 us-east-1" in last
    assert "x    x    -" in last
    assert "50 ms" in last


def test_moving_picture_fits_its_terminal() -> None:
    """Of more alarms than there is room for, the newest are shown; all at the end."""
    board = Board()
    for index in range(30):
        board.notified(received(f"alarm-{index:02}", id=str(index)))

    lines = _lines(picture(board, height=24))

    assert len(lines) < 24
    assert "alarm-29" in "".join(lines)
    assert "alarm-00" not in "".join(lines)
    assert "alarm-00" in "".join(_lines(picture(board)))


def _lines(renderable: RenderableType) -> list[str]:
    console = Console(file=io.StringIO(), width=80, color_system=None, _environ={})
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()
