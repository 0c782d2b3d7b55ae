"""Words, colours and order."""

import pytest

from relay.model import AlarmState
from relay.notify.content.severity import color_of, icon_of, label_of, rank_of

ALARM, OK, UNKNOWN = AlarmState.ALARM, AlarmState.OK, AlarmState.INSUFFICIENT_DATA


def contrast_to_white(color: str) -> float:
    """Return WCAG's contrast of ``color`` to white."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


@pytest.mark.parametrize(
    ("state", "severity"),
    [(ALARM, each) for each in ("critical", "high", "medium", "low", "info", "x", None)]
    + [(OK, "high"), (UNKNOWN, "high")],
)
def test_white_text_can_be_read_on_every_colour(
    state: AlarmState, severity: str | None
) -> None:
    """WCAG 2.2, level AA."""
    assert contrast_to_white(color_of(state, severity)) >= 4.5


def test_the_worst_is_first() -> None:
    """Case and common other words do not matter; unknown ones stand between."""
    names = ["info", "low", None, "WARNING", "High", "critical", "own"]

    assert sorted(names, key=rank_of) == [
        "critical", "High", None, "WARNING", "own", "low", "info",
    ]  # fmt: skip


def test_words_and_circles() -> None:
    """A colour that says the state where there is no other."""
    states = (ALARM, OK, UNKNOWN)

    assert [label_of(state) for state in states] == ["ALARM", "RESOLVED", "NO DATA"]
    assert len({icon_of(state, "high") for state in states}) == 3
    assert icon_of(ALARM, "medium") != icon_of(ALARM, "high") == icon_of(ALARM, None)
