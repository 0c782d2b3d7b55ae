"""A short run of everything, and proof that it would notice a broken promise.

The long one is ``make chaos``; this one takes about half a minute.
"""

from dataclasses import replace
from pathlib import Path

import msgspec

from relay.clock import SystemClock
from relay.failpoints import Failpoint
from tests.chaos.campaign import Outcome, perform, play
from tests.chaos.clock_jumps import MISSING, library
from tests.chaos.faults import Fault
from tests.chaos.schedule import Campaign
from tests.chaos.verdict import judge

SEED = 4
FEW = 8
"""Messages: enough to be in the middle of something."""

MIXED = Campaign(
    fault=Fault.MIXED,
    times=6,
    records=8_000,
    seed=SEED,
    max_queued=20,
    # One time-out holds everything for half a minute.
    spared=frozenset({Fault.TIMEOUT}),
)


def check_that_it_can_fail(outcome: Outcome) -> None:
    """Take one thing away, or add one, and find that the verdict sees it."""
    expected, found = outcome.expected, outcome.found
    event_id = next(iter(expected.denied))
    times = found.stored.times
    without = {**times, event_id: expected.times[event_id] - 1}
    once_more = {**times, event_id: times[event_id] + 9}
    sums = found.books.sums.copy()
    sums.update(["denied"])
    broken = [
        replace(found, stored=msgspec.structs.replace(found.stored, times=without)),
        replace(found, stored=msgspec.structs.replace(found.stored, times=once_more)),
        replace(found, books=replace(found.books, sums=sums)),
        replace(found, heard=[]),
        replace(found, books=replace(found.books, ledger={})),
    ]

    assert not any(judge(expected, each).is_good for each in broken)


async def test_everything_at_once(moto: str, tmp_path: Path) -> None:
    """Kills, failpoints, full disks, reloads and broken calls, mixed: nothing is lost,
    nothing counted twice, every transition told, the ledger balanced. The same outcome
    with one record less, or counted once more, is found to be wrong.
    """
    outcome = await perform(MIXED, moto_url=moto, folder=tmp_path, clock=SystemClock())

    verdict = judge(outcome.expected, outcome.found)
    assert verdict.is_good, "\n".join((*verdict.problems, *outcome.log))
    assert verdict.records >= MIXED.records
    assert verdict.notifications > 0
    assert outcome.injected > MIXED.times
    check_that_it_can_fail(outcome)


async def test_a_clean_run_repeats_nothing(moto: str, tmp_path: Path) -> None:
    """Without a fault CloudWatch Logs has no event twice, no receiver hears twice."""
    clean = Campaign(
        fault=Fault.NONE, times=0, records=2_000, seed=SEED, max_queued=FEW
    )

    line = await play(clean, moto_url=moto, folder=tmp_path, clock=SystemClock())
    assert line.verdict is not None
    assert line.verdict.is_good, line.verdict.problems
    assert (line.verdict.duplicates, line.verdict.repeats) == (0, 0)


async def test_a_kill_after_a_put_repeats_what_was_in_flight(
    moto: str, tmp_path: Path
) -> None:
    """At the one place where CloudWatch Logs must get events twice, it does, and the
    verdict knows why.
    """
    killed = Campaign(
        fault=Fault.FAILPOINT,
        times=1,
        records=1_000,
        seed=SEED,
        point=Failpoint.AFTER_PUT,
        max_queued=FEW,
    )

    line = await play(killed, moto_url=moto, folder=tmp_path, clock=SystemClock())
    assert line.verdict is not None
    assert line.verdict.is_good, line.verdict.problems
    assert line.injected == 1
    assert line.verdict.duplicates > 0


async def test_clock_jumps_need_their_library(moto: str, tmp_path: Path) -> None:
    """Where libfaketime is missing the campaign says so, and is no success."""
    jumps = Campaign(
        fault=Fault.CLOCK_JUMP, times=1, records=100, seed=SEED, max_queued=FEW
    )

    line = await play(jumps, moto_url=moto, folder=tmp_path, clock=SystemClock())
    if library() is None:
        assert line.verdict is None
        assert line.skipped == MISSING
    else:
        assert line.verdict is not None
        assert line.verdict.is_good, line.verdict.problems
        assert line.injected == 1
