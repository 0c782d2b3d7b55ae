"""P2 and P9 under any interleaving: objects, repeats, faults, and death at any commit.

The real pipeline, accounting and SQLite file run through steps that hypothesis makes
up. A life ends at a commit, just before or just after it is durable; the next one opens
the same file. After every step the ledger must balance with the marks, and in the end
every event of every object must have been counted once and relayed.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.accounting.balance import balances_of
from relay.errors import Reason, RejectedError, StateError, TransientError
from relay.model import RejectedBy
from tests.support.bench import Bench, root_login, working
from tests.support.fake_quarantine import FakeQuarantine
from tests.support.world import log_file, log_key, record

ACCOUNTS = ("111122223333", "444455556666")
KEYS = tuple(log_key(name, account=ACCOUNTS[n % 2]) for n, name in enumerate("abcd"))
EVENTS = 8
REFUSED = 7
"""The event that CloudWatch Logs does not keep."""

OUTAGE = TransientError("not now", reason=Reason.UNAVAILABLE)
REFUSAL = RejectedError("never", reason=Reason.REFUSED)


@dataclass(frozen=True, slots=True)
class Put:
    """Something (else) is stored under a key."""

    key: str
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message announces keys; the writer has ``fault``; the process may die.

    ``commits_left`` as WatchedStore has it, None for a life that goes on.
    """

    keys: tuple[str, ...]
    fault: TransientError | RejectedError | None
    receive_count: int
    commits_left: int | None


Step = Put | Deliver

_keys = st.sampled_from(KEYS)
_puts = st.builds(
    Put, _keys, st.lists(st.integers(0, EVENTS - 1), max_size=4).map(tuple)
)
_delivers = st.builds(
    Deliver,
    st.lists(_keys, min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from([None, None, None, OUTAGE, REFUSAL]),
    st.integers(1, 3),
    st.none() | st.integers(0, 4),
)


def event(number: int) -> dict[str, object]:
    """Return an event: some match the filter, some a route that drops them."""
    event_id = f"event-{number}"
    if number % 2:
        return root_login(event_id)
    user_agent = "health-checker/1" if is_dropped(number) else "aws-cli"
    return record(event_id, userAgent=user_agent)


def is_dropped(number: int) -> bool:
    """Tell whether a route drops the event."""
    return number % 4 == 2


@dataclass(slots=True)
class History:
    """What has happened over all lives of one state file."""

    objects: dict[str, tuple[int, ...]] = field(default_factory=dict)
    counted: list[tuple[str, str]] = field(default_factory=list)
    """Every (filter, event id) of every durable commit."""
    relayed: set[str] = field(default_factory=set)
    lives: int = 0

    async def live(self, folder: Path, steps: Iterator[Step]) -> None:
        """Take steps until none is left; raises StateError in a group at a death."""
        self.lives += 1
        async with working(folder, quarantine=FakeQuarantine()) as bench:
            bench.bucket.objects = {
                key: log_file(map(event, events))
                for key, events in self.objects.items()
            }
            bench.writer.refuses[f"event-{REFUSED}"] = RejectedBy.TOO_OLD
            try:
                for step in steps:
                    await self._take(bench, step)
                    await assert_balanced(bench)
            finally:
                self.relayed |= set(bench.writer.ids)
                for commit in bench.store.commits:
                    self.counted += commit.counted_events

    async def _take(self, bench: Bench, step: Step) -> None:
        match step:
            case Put():
                self.objects[step.key] = step.events
                bench.bucket.objects[step.key] = log_file(map(event, step.events))
            case Deliver():
                keys = [key for key in step.keys if key in self.objects]
                bench.store.commits_left = step.commits_left
                bench.writer.faults = [step.fault] if step.fault else []
                await bench.deliver(*keys, receive_count=step.receive_count)
                bench.store.commits_left = None


async def assert_balanced(bench: Bench) -> None:
    """Hold the ledger against the marks, and against what the metrics show."""
    rows = balances_of(await bench.store.statement())
    assert all(row.balances for row in rows), rows
    for row in rows:
        if row.in_flight:
            continue
        # A process's own series go back to its start; nothing is settled unseen.
        labels = {"account": row.account, "region": row.region}
        received = bench.metric("relay_records_received_total", **labels)
        settled = bench.metric("relay_records_total", **labels)
        assert received == settled


async def play(folder: Path, steps: Sequence[Step]) -> History:
    """Take ``steps`` in as many lives as they need, then deliver all that is there."""
    history = History()
    last = Deliver(keys=KEYS, fault=None, receive_count=1, commits_left=None)
    rest = iter([*steps, last])
    is_over = False
    while not is_over:
        try:
            await history.live(folder, rest)
            is_over = True
        except ExceptionGroup as group:
            _, others = group.split(StateError)
            if others is not None:
                raise
    return history


@settings(max_examples=60, deadline=None)
@given(st.lists(_puts | _delivers, max_size=12))
async def test_every_event_is_counted_once_and_accounted_for(
    steps: list[Step],
) -> None:
    """Whatever comes in between, and wherever the process dies."""
    with tempfile.TemporaryDirectory() as name:
        history = await play(Path(name), steps)
        async with working(Path(name)) as bench:
            rows = balances_of(await bench.store.statement())

    present = {number for events in history.objects.values() for number in events}
    ends_elsewhere = {n for n in present if n == REFUSED or is_dropped(n)}
    assert len(history.counted) == len(set(history.counted))
    assert {id_ for _, id_ in history.counted} >= {
        f"event-{number}" for number in present if number % 2
    }
    assert history.relayed >= {f"event-{n}" for n in present - ends_elsewhere}
    assert all(row.balances for row in rows)
    assert sum(row.in_flight for row in rows) == 0


async def test_a_death_at_each_commit_is_one() -> None:
    """The steps above do end lives, before and after what is durable."""
    steps: list[Step] = [Put(key, (1, 3)) for key in KEYS]
    steps += [
        Deliver(keys=KEYS, fault=None, receive_count=1, commits_left=left)
        for left in (0, 1, 2, 3)
    ]

    with tempfile.TemporaryDirectory() as name:
        history = await play(Path(name), steps)

    assert history.lives >= 4
    assert sorted(history.counted) == [
        ("root-login", "event-1"),
        ("root-login", "event-3"),
    ]
