"""What went in, compared with everything that came out; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.books import Books, mark_of
from tests.chaos.logs_service import Stored
from tests.chaos.material import DENIED, GUESSING, Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One notification as a receiver got it."""

    receiver: str
    id: str
    """The idempotency key."""
    alarm: str
    state: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything that can be looked at after a campaign."""

    stored: Stored
    books: Books
    heard: Sequence[Heard]
    receivers: frozenset[str]
    left_in_queue: int
    metrics: Mapping[str, float]
    """The ledger of the last life: ``received`` and ``settled``."""
    unsettled_at_ends: Counter[str] = field(default_factory=Counter)
    """How often a life ended while a file of this event id was not marked relayed."""
    surprises: Sequence[str] = ()
    """What the daemon did that no fault asked for: an exit, a status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The figures of one line of the table, and every fault that was found."""

    records: int
    lost: int
    double_counted: int
    duplicates: int
    unexplained: int
    """Duplicates that no crash and no lost answer explains."""
    notifications: int
    """Distinct ones: transitions that were told."""
    expected_notifications: int
    repeats: int
    is_balanced: bool
    problems: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Return whether nothing at all was found wrong."""
        return not self.problems


def judge(expected: Expected, found: Found) -> Verdict:
    """Compare; every promise that is broken is a problem of its own."""
    problems = list(found.surprises)
    lost, duplicates, unexplained = _logs(expected, found, problems)
    double = _counts(expected, found.books, problems)
    heard = _notifications(expected, found, problems)
    is_balanced = _ledger(expected, found, problems)
    if found.left_in_queue:
        problems.append(f"{found.left_in_queue} messages left in the queue")
    return Verdict(
        records=expected.records.total(),
        lost=lost,
        double_counted=double,
        duplicates=duplicates,
        unexplained=unexplained,
        notifications=heard,
        expected_notifications=len(expected.firing),
        repeats=len(found.heard) - heard * len(found.receivers),
        is_balanced=is_balanced,
        problems=tuple(problems),
    )


def _logs(
    expected: Expected, found: Found, problems: list[str]
) -> tuple[int, int, int]:
    """Count events that CloudWatch Logs lacks, and those that it has too often."""
    times, lost_answers = found.stored.times, found.stored.answers_lost
    lost = duplicates = unexplained = 0
    for event_id, wanted in expected.times.items():
        extra = times.get(event_id, 0) - wanted
        lost += max(0, -extra)
        duplicates += max(0, extra)
        allowed = lost_answers.get(event_id, 0) + found.unsettled_at_ends[event_id]
        unexplained += max(0, extra - allowed)
    strangers = len(times.keys() - expected.times.keys())
    for count, what in (
        (lost, "records lost"),
        (unexplained, "duplicates in CloudWatch Logs without a cause"),
        (strangers, "log events that nobody put in"),
    ):
        if count:
            problems.append(f"{count} {what}")
    return lost, duplicates, unexplained


def _counts(expected: Expected, books: Books, problems: list[str]) -> int:
    """Return how many events are counted once too often, by any filter."""
    double = 0
    guessed = {user: len(ids) for user, ids in expected.guesses.items()}
    for what, wanted, counted in (
        (f"filter {DENIED}", len(expected.denied), books.counted[DENIED]),
        (f"alarm {DENIED}", len(expected.denied), books.sums[DENIED]),
        (f"filter {GUESSING}", sum(guessed.values()), books.counted[GUESSING]),
        *(
            (f"alarm {GUESSING} of {u}", n, books.guesses[u])
            for u, n in guessed.items()
        ),
    ):
        double += max(0, counted - wanted)
        if counted != wanted:
            problems.append(f"{what}: counted {counted}, put in {wanted}")
    return double


def _notifications(expected: Expected, found: Found, problems: list[str]) -> int:
    """Return how many transitions were told; each receiver must have heard of each."""
    ids: dict[str, set[str]] = {}
    told: dict[str, set[str]] = {receiver: set() for receiver in found.receivers}
    for each in found.heard:
        if (each.alarm, each.state) != (GUESSING, "ALARM"):
            problems.append(f"notification of {each.alarm} going {each.state}")
        ids.setdefault(each.user, set()).add(each.id)
        told[each.receiver].add(each.user)
    for receiver, users in told.items():
        missing, wrong = expected.firing - users, users - expected.firing
        problems += [f"{receiver} was not told of {user}" for user in missing]
        problems += [f"{receiver} was told of {user}: too few events" for user in wrong]
    problems += [
        f"{len(keys)} idempotency keys for the one alarm of {user}"
        for user, keys in ids.items()
        if len(keys) > 1
    ]
    for count, what in (
        (found.books.waiting, "notifications left in the outbox"),
        (found.books.dead, "notifications given up"),
    ):
        if count:
            problems.append(f"{count} {what}")
    return len(ids)


def _ledger(expected: Expected, found: Found, problems: list[str]) -> bool:
    """Return whether each account and region balances, and has what was put in."""
    before = len(problems)
    for place, wanted in expected.records.items():
        lines = found.books.ledger.get(place, Counter())
        received = lines["received"]
        # Repeated records are in the other lines as well.
        settled = lines.total() - received - lines["repeated"]
        name = "/".join(place)
        if received != settled:
            problems.append(f"ledger {name}: received {received}, settled {settled}")
        done = settled - lines["duplicate"]
        if done != wanted:
            problems.append(f"ledger {name}: {done} records done, {wanted} put in")
        if lines["relayed"] != done:
            problems.append(f"ledger {name}: {dict(lines)}, nothing should be dropped")
    repeated = sum(lines["repeated"] for lines in found.books.ledger.values())
    if repeated > expected.repeated:
        problems.append(f"ledger: {repeated} repeated, {expected.repeated} put in")
    strangers = found.books.ledger.keys() - expected.records.keys()
    problems += [f"ledger {'/'.join(place)}: nobody put that in" for place in strangers]
    if found.metrics.get("received") != found.metrics.get("settled"):
        problems.append(f"ledger in the metrics: {dict(found.metrics)}")
    missing = sum(mark_of(key) not in found.books.relayed for key in expected.files)
    if missing:
        problems.append(f"{missing} objects are not marked as relayed")
    return len(problems) == before
