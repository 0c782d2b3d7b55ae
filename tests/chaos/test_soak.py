"""The soak's judgement: flat or not, and all of it done."""

from dataclasses import replace

import pytest

from benchmarks.material import RECORDS_PER_OBJECT
from tests.chaos.soak import Sample, judge
from tests.chaos.soak_aws import State

MIB = 2**20


def samples(*, rss_step: int = 0, database_step: int = 1_000_000) -> list[Sample]:
    """Return a soak in which everything is done and memory grows by steps."""
    return [
        Sample(
            at_secs=float(number),
            state=State(
                announced=number * 100,
                deleted=number * 100,
                log_events=number * 100 * RECORDS_PER_OBJECT,
                puts=number,
            ),
            rss_bytes=100 * MIB + number * rss_step,
            database_bytes=number * database_step,
            wal_bytes=4 * MIB,
            fake_rss_bytes=50 * MIB,
        )
        for number in range(1, 41)
    ]


def test_flat() -> None:
    """Memory that does not grow, and a state file that grows a little an object."""
    assert judge(samples()) == []


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (samples(rss_step=MIB), "resident memory grew by"),
        (samples(database_step=100 * MIB), "the state file grows by"),
    ],
    ids=["memory", "state"],
)
def test_growth_is_found(found: list[Sample], problem: str) -> None:
    """What grows without end is named."""
    (told,) = judge(found)

    assert told.startswith(problem)


def test_what_is_not_done_is_found() -> None:
    """Messages that stay, and log events that are missing."""
    found = samples()
    last = found[-1].state
    short = State(
        announced=last.announced,
        deleted=last.deleted - 1,
        log_events=last.log_events - 1,
        puts=last.puts,
    )

    problems = judge([*found[:-1], replace(found[-1], state=short)])
    assert [each.partition(":")[0] for each in problems] == [
        "messages not deleted",
        "log events are not the records",
    ]
