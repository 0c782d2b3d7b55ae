"""The harness can fail: every kind of broken promise makes a verdict bad."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos.books import Books, mark_of
from tests.chaos.logs_service import Stored
from tests.chaos.material import DENIED, GUESSING, Expected, Trail
from tests.chaos.verdict import Found, Heard, judge

RECEIVERS = frozenset({"by-topic", "by-queue"})


def an_expectation() -> Expected:
    """Return what must be found of a few files."""
    trail = Trail("verdict", now=1_790_000_000.0)
    for _ in range(20):
        trail.next_file()
    return trail.expected


def told(user: str, receiver: str, *, key: str = "") -> Heard:
    """Return the notification that ``user``'s alarm has fired."""
    return Heard(
        receiver=receiver,
        id=key or f"id of {user}",
        alarm=GUESSING,
        state="ALARM",
        user=user,
    )


def found_of(expected: Expected) -> Found:
    """Return what is found when every promise was kept."""
    guesses = Counter({user: len(ids) for user, ids in expected.guesses.items()})
    return Found(
        stored=Stored(times=dict(expected.times), answers_lost={}),
        books=Books(
            relayed=frozenset(map(mark_of, expected.files)),
            counted=Counter({DENIED: len(expected.denied), GUESSING: guesses.total()}),
            sums=Counter({DENIED: len(expected.denied), GUESSING: guesses.total()}),
            guesses=guesses,
            ledger={
                place: Counter(
                    {
                        "received": records + 7,
                        "relayed": records,
                        "duplicate": 7,
                        "repeated": 1,
                    }
                )
                for place, records in expected.records.items()
            },
            waiting=0,
            dead=0,
        ),
        heard=[
            told(user, receiver) for user in expected.firing for receiver in RECEIVERS
        ],
        receivers=RECEIVERS,
        left_in_queue=0,
        metrics={"received": 5.0, "settled": 5.0},
    )


def test_promises_kept() -> None:
    """A run in which everything is as it should be has no problems."""
    expected = an_expectation()

    verdict = judge(expected, found_of(expected))
    assert verdict.is_good
    assert (verdict.lost, verdict.double_counted, verdict.duplicates) == (0, 0, 0)
    assert verdict.records == expected.times.total()
    assert verdict.notifications == len(expected.firing) > 0
    assert verdict.repeats == 0
    assert verdict.is_balanced


def change_times(found: Found, by: int) -> Found:
    """Change how often one event is stored."""
    times = dict(found.stored.times)
    times[min(times)] += by
    return replace(found, stored=Stored(times=times, answers_lost={}))


def change_books(found: Found, **changes: object) -> Found:
    """Change what the state file says."""
    return replace(found, books=replace(found.books, **changes))  # type: ignore[arg-type]  # by name


def change_ledger(found: Found, **changes: int) -> Found:
    """Change lines of one place in the ledger."""
    place = min(found.books.ledger)
    ledger = dict(found.books.ledger)
    ledger[place] = ledger[place] + Counter(changes)
    return change_books(found, ledger=ledger)


def one_user(found: Found, by: int) -> Found:
    """Count one event of one user more or less."""
    guesses = Counter(found.books.guesses)
    guesses[min(guesses)] += by
    return change_books(found, guesses=guesses)


MUTATIONS: dict[str, tuple[Callable[[Found], Found], str]] = {
    "a record is lost": (lambda found: change_times(found, -1), "1 records lost"),
    "a record is stored twice": (
        lambda found: change_times(found, 1),
        "1 duplicates in CloudWatch Logs without a cause",
    ),
    "a stranger is stored": (
        lambda found: replace(
            found,
            stored=Stored(times={**found.stored.times, "x": 1}, answers_lost={}),
        ),
        "1 log events that nobody put in",
    ),
    "an alarm counts one twice": (lambda found: one_user(found, 1), "put in"),
    "an alarm misses one": (lambda found: one_user(found, -1), "put in"),
    "a filter counts one twice": (
        lambda found: change_books(
            found, counted=found.books.counted + Counter({DENIED: 1})
        ),
        f"filter {DENIED}",
    ),
    "a sum has one twice": (
        lambda found: change_books(found, sums=found.books.sums + Counter({DENIED: 1})),
        f"alarm {DENIED}",
    ),
    "one receiver was not told": (
        lambda found: replace(found, heard=found.heard[1:]),
        "was not told of",
    ),
    "somebody is told of nothing": (
        lambda found: replace(found, heard=[*found.heard, told("nobody", "by-topic")]),
        "was told of nobody",
    ),
    "a repeat has another key": (
        lambda found: replace(
            found,
            heard=[*found.heard, told(found.heard[0].user, "by-topic", key="other")],
        ),
        "2 idempotency keys",
    ),
    "an alarm that never fires": (
        lambda found: replace(
            found, heard=[*found.heard, replace(found.heard[0], alarm=DENIED)]
        ),
        f"notification of {DENIED}",
    ),
    "a notification waits": (
        lambda found: change_books(found, waiting=1),
        "1 notifications left in the outbox",
    ),
    "a notification was given up": (
        lambda found: change_books(found, dead=1),
        "1 notifications given up",
    ),
    "a message is left": (
        lambda found: replace(found, left_in_queue=1),
        "1 messages left in the queue",
    ),
    "the ledger received more": (
        lambda found: change_ledger(found, received=1),
        "received",
    ),
    "the ledger has too many": (
        lambda found: change_ledger(found, received=1, relayed=1),
        "records done",
    ),
    "the ledger says dropped": (
        lambda found: change_ledger(found, received=1, dropped=1),
        "nothing should be dropped",
    ),
    "the ledger repeats too many": (
        lambda found: change_ledger(found, repeated=10**6),
        "repeated",
    ),
    "the ledger has a stranger": (
        lambda found: change_books(
            found, ledger={**found.books.ledger, ("a", "r"): Counter()}
        ),
        "a/r: nobody put that in",
    ),
    "an object is not done": (
        lambda found: change_books(found, relayed=frozenset()),
        "objects are not marked as relayed",
    ),
    "the metrics do not balance": (
        lambda found: replace(found, metrics={"received": 2.0, "settled": 1.0}),
        "ledger in the metrics",
    ),
    "the daemon surprises": (
        lambda found: replace(found, surprises=["ended with 1"]),
        "ended with 1",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_promise_is_found(name: str) -> None:
    """One thing that is wrong makes the verdict bad, and is named."""
    expected = an_expectation()
    mutate, problem = MUTATIONS[name]

    verdict = judge(expected, mutate(found_of(expected)))
    assert not verdict.is_good
    assert any(problem in each for each in verdict.problems), verdict.problems


def test_a_crash_explains_what_it_left_unfinished() -> None:
    """A duplicate of an event whose object was not done when a life ended is counted
    and forgiven, as often as that happened; so is one whose answer was lost.
    """
    expected = an_expectation()
    event_id = min(expected.times)
    twice = change_times(change_times(found_of(expected), 1), 1)

    excused = replace(
        twice,
        stored=Stored(times=twice.stored.times, answers_lost={event_id: 1}),
        unsettled_at_ends=Counter({event_id: 1}),
    )
    verdict = judge(expected, excused)
    assert verdict.is_good
    assert (verdict.duplicates, verdict.unexplained) == (2, 0)
    half = replace(excused, unsettled_at_ends=Counter())
    assert judge(expected, half).unexplained == 1


def test_a_repeat_with_the_same_key_is_forgiven() -> None:
    """Receivers can tell a repeat: it is counted, and nothing is wrong."""
    expected = an_expectation()
    found = found_of(expected)

    verdict = judge(expected, replace(found, heard=[*found.heard, found.heard[0]]))
    assert verdict.is_good
    assert verdict.repeats == 1
