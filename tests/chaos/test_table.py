"""The table: a line for each campaign, and why it is bad."""

from tests.chaos.campaign import Line
from tests.chaos.faults import Fault
from tests.chaos.schedule import Campaign
from tests.chaos.table import explained, header, row
from tests.chaos.verdict import Verdict

CAMPAIGN = Campaign(fault=Fault.KILL, times=3, records=10, seed=5)


def a_verdict(*problems: str) -> Verdict:
    """Return a verdict with some figures."""
    return Verdict(
        records=1234,
        lost=1,
        double_counted=2,
        duplicates=30,
        unexplained=4,
        notifications=55,
        expected_notifications=56,
        repeats=7,
        is_balanced=not problems,
        problems=problems,
    )


def cells(text: str) -> list[str]:
    """Return the cells of a row."""
    return [cell.strip() for cell in text.split("|")]


def test_a_row_has_a_cell_for_each_column() -> None:
    """Every figure of the verdict stands under its heading."""
    line = Line(campaign=CAMPAIGN, injected=3, verdict=a_verdict(), secs=9.4)

    columns = dict(zip(cells(header()), cells(row(line)), strict=True))
    assert columns["fault"] == "kill -9 at random"
    assert columns["times"] == "3"
    assert columns["records"] == "1234"
    assert columns["lost"] == "1"
    assert columns["double counted"] == "2"
    assert columns["duplicates in logs"] == "30 (4 unexpl.)"
    assert columns["notifications"] == "55/56 +7"
    assert columns["ledger"] == "balanced"
    assert columns[""] == "ok"
    assert explained(line) == ()


def test_a_bad_line_says_why() -> None:
    """Problems, the seed, and what of the daemon's log is more than routine."""
    line = Line(
        campaign=CAMPAIGN,
        injected=3,
        verdict=a_verdict(*(f"problem {n}" for n in range(5))),
        log=('{"level": "info"}', '{"level": "error"}'),
    )

    assert row(line).endswith("BAD")
    assert explained(line, most=2) == (
        "  kill -9 at random, seed 5:",
        "    problem 0",
        "    problem 1",
        "    and 3 more",
        '    | {"level": "error"}',
    )


def test_a_skipped_campaign_says_why() -> None:
    """What was not done is in the table too."""
    line = Line(campaign=CAMPAIGN, injected=0, verdict=None, skipped="no library")

    assert row(line).endswith("skipped: no library")
    assert explained(line) == ()
