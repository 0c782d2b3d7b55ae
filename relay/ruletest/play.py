"""Plays the tests of one file, each in a world of its own, and judges them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from relay.clock import Clock
from relay.model import Transition
from relay.notify.plain import one_line
from relay.ruletest.judging import Judge
from relay.ruletest.load import Case, Suite, load_suite
from relay.ruletest.records import Occurrence
from relay.ruletest.results import CaseVerdict, Difference, FileVerdict, Moment, Seen
from relay.ruletest.shown import References, values_of
from relay.ruletest.simulation import Scene, Simulation

T = TypeVar("T")


def play_file(path: Path, clock: Clock) -> FileVerdict:
    """Return what comes of the test file at ``path``; ``clock`` only measures."""
    suite, problems = load_suite(path)
    if suite is None:
        return FileVerdict(file=str(path), problems=problems)
    scene = Scene(suite.rules, suite.notify)
    return FileVerdict(
        file=str(path),
        tests=[play(suite, case, scene, clock) for case in suite.cases],
    )


def play(suite: Suite, case: Case, scene: Scene, clock: Clock) -> CaseVerdict:
    """Play one test from its start to the last thing that happens in it."""
    started = clock.monotonic()
    simulation = Simulation(scene, start=case.start)
    judge = Judge(suite, case, simulation)
    arriving = _by_time(case.occurrences, lambda each: each.arrives_at)
    expected = _by_time(
        range(len(case.test.expect)),
        lambda position: case.start + case.test.expect[position].at,
    )
    differences: list[Difference] = []
    for at in sorted({*arriving, *expected}):
        simulation.advance(at)
        if at in arriving:
            simulation.receive(arriving[at])
        for position in expected.get(at, ()):
            differences += judge.expectation(position)
    differences += judge.matches()
    return CaseVerdict(
        name=case.test.name,
        line=suite.document.line(case.location),
        differences=differences,
        moments=_moments(suite, case, simulation.transitions),
        events=[_seen(each, case, simulation) for each in case.occurrences],
        secs=clock.monotonic() - started,
    )


def _by_time(
    things: Iterable[T], time_of: Callable[[T], float]
) -> dict[float, list[T]]:
    """Return ``things`` by the time that each has, in their own order."""
    found: dict[float, list[T]] = defaultdict(list)
    for each in things:
        found[time_of(each)].append(each)
    return dict(found)


def _moments(
    suite: Suite, case: Case, transitions: Iterable[Transition]
) -> Sequence[Moment]:
    definitions = {each.name: each for each in suite.rules.all_alarms}
    references = References(case.occurrences)
    return [
        Moment(
            at_secs=round(each.at - case.start, 3),
            alarm=each.alarm.name,
            group=values_of(definitions.get(each.alarm.name), each.group),
            old=each.old,
            new=each.new,
            reason=one_line(each.reason),
            evidence=references.of(one.event_id for one in each.evidence),
        )
        for each in transitions
    ]


def _seen(occurrence: Occurrence, case: Case, simulation: Simulation) -> Seen:
    return Seen(
        reference=occurrence.reference,
        arrives_secs=round(occurrence.arrives_at - case.start, 3),
        name=one_line(occurrence.name),
        filters=simulation.matched[occurrence.reference],
    )
