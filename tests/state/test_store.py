"""The promises of relay.state.store.Store, for every implementation of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.model import (
    AlarmKey,
    AlarmState,
    Notification,
    OutboxEntry,
    SavedAlarm,
    Silence,
    Trigger,
)
from relay.state.sqlite import PRUNED_AT_ONCE, open_sqlite
from relay.state.store import (
    Commit,
    LedgerKey,
    Notified,
    ObjectMark,
    Statement,
    Store,
)

NOW = 1_700_000_000.0


class Storage:
    """A place that a store can be opened on again and again, as over restarts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Store]:
        """Open the store; closing it is the end of one life of the daemon."""
        async with open_sqlite(self._folder / "state.db") as store:
            yield store


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """Return an empty place for a store."""
    return Storage(tmp_path)


def mark(key: str, *, etag: str = "e1", relayed: bool = False) -> ObjectMark:
    """Return the mark of an object with three records."""
    return ObjectMark(
        bucket="b",
        key=key,
        etag=etag,
        relayed=relayed,
        records=3,
        account="111122223333",
        region="eu-west-1",
    )


def entry(name: str, *, created_at: float = NOW) -> OutboxEntry:
    """Return an outbox entry called ``name``."""
    return OutboxEntry(
        id=name,
        receiver="security",
        target="sns:arn",
        created_at=created_at,
        notification=Notification(
            id=f"n-{name}",
            alarm="root-login",
            state=AlarmState.ALARM,
            old_state=AlarmState.OK,
            at=NOW,
            reason="Threshold Crossed",
            reason_data="{}",
            trigger=Trigger(
                namespace="relay",
                metric_name="root-login",
                statistic="Sum",
                comparison_operator="GreaterThanOrEqualToThreshold",
                threshold=1.0,
                period_secs=300,
                evaluation_periods=1,
                datapoints_to_alarm=None,
                treat_missing_data="notBreaching",
            ),
            account="111122223333",
            region="eu-west-1",
            configured_at=NOW,
            group={"$.userIdentity.arn": "täter"},
        ),
    )


def saved(
    alarm: str, *group: str, body: bytes = b"x", version: str = "1"
) -> SavedAlarm:
    """Return a saved alarm group."""
    key = AlarmKey(name=alarm, fingerprint=version)
    return SavedAlarm(alarm=key, group=group, body=body)


async def test_new_store_is_empty(storage: Storage) -> None:
    """A first start finds nothing and needs nothing."""
    async with storage.open() as store:
        marks = await store.marks([("b", "k")])
        counted = await store.counted([("f", "id")])
        rest = (
            await store.alarms(),
            await store.outbox(),
            await store.notified(),
            await store.ledger(),
        )

    assert (marks, counted, rest) == ({}, set(), ([], [], [], {}))


async def test_everything_of_a_commit_survives_a_restart(storage: Storage) -> None:
    """What one commit held is all there in the next life, equal to the last field."""
    line = LedgerKey(account="1", region="r", outcome="rejected", reason="too_old")
    commit = Commit(
        at=NOW,
        objects=[mark("k")],
        counted_events=[("f", "id-1")],
        alarms=[saved("a", "g1", "g2", body=b"\x00\xff")],
        outbox=[entry("o")],
        notified=[Notified(alarm="a", group=("g1", "g2"), receiver="r", at=NOW)],
        ledger={line: 7},
    )

    async with storage.open() as store:
        await store.commit(commit)
    async with storage.open() as store:
        found = Commit(
            at=NOW,
            objects=list((await store.marks([("b", "k")]))["b", "k"]),
            counted_events=list(await store.counted([("f", "id-1"), ("f", "id-2")])),
            alarms=await store.alarms(),
            outbox=await store.outbox(),
            notified=await store.notified(),
            ledger=dict(await store.ledger()),
        )

    assert found == commit


async def test_relayed_mark_is_never_taken_back(storage: Storage) -> None:
    """A late "counted" of the same object does not make it relay again."""
    async with storage.open() as store:
        await store.commit(Commit(at=NOW, objects=[mark("k", relayed=True)]))
        await store.commit(Commit(at=NOW, objects=[mark("k", relayed=False)]))
        marks = await store.marks([("b", "k")])

    assert [m.relayed for m in marks["b", "k"]] == [True]


async def test_overwritten_object_has_a_mark_per_etag(storage: Storage) -> None:
    """New content under an old key is a new object; the newest mark comes first."""
    async with storage.open() as store:
        await store.commit(Commit(at=NOW, objects=[mark("k", etag="old")]))
        await store.commit(Commit(at=NOW + 1, objects=[mark("k", etag="new")]))
        marks = await store.marks([("b", "k"), ("b", "other")])

    assert [m.etag for m in marks["b", "k"]] == ["new", "old"]
    assert list(marks) == [("b", "k")]


async def test_alarm_state_is_replaced_and_removed(storage: Storage) -> None:
    """The newest state of a group wins; a removed group takes its reminders along."""
    told = [Notified(alarm="a", group=(g,), receiver="r", at=NOW) for g in ("g", "h")]
    async with storage.open() as store:
        await store.commit(
            Commit(at=NOW, alarms=[saved("a", "g"), saved("a", "h")], notified=told)
        )
        await store.commit(
            Commit(
                at=NOW,
                alarms=[saved("a", "g", body=b"new", version="2")],
                alarms_removed=[("a", ("h",))],
            )
        )
        alarms, notified = await store.alarms(), await store.notified()

    assert alarms == [saved("a", "g", body=b"new", version="2")]
    assert notified == told[:1]


async def test_outbox_keeps_order_and_takes_retries(storage: Storage) -> None:
    """Oldest first; a known entry with a new attempt replaces itself."""
    first, second = entry("z", created_at=NOW), entry("a", created_at=NOW + 1)
    tried = msgspec.structs.replace(first, attempts=2, next_attempt_at=NOW + 60)
    async with storage.open() as store:
        await store.commit(Commit(at=NOW, outbox=[second, first]))
        await store.commit(Commit(at=NOW, outbox=[tried]))
        entries = await store.outbox()

    assert entries == [tried, second]


async def test_sent_and_dead_entries_leave_the_outbox(storage: Storage) -> None:
    """Neither is tried again."""
    async with storage.open() as store:
        await store.commit(Commit(at=NOW, outbox=[entry("a"), entry("b"), entry("c")]))
        await store.commit(
            Commit(at=NOW, outbox_done=["a"], outbox_dead=[("b", "refused: no topic")])
        )
        entries = await store.outbox()

    assert entries == [entry("c")]


async def test_ledger_adds_up(storage: Storage) -> None:
    """Commits add to the ledger's lines; other lines stay."""
    relayed = LedgerKey(account="1", region="r", outcome="relayed")
    dropped = LedgerKey(account="1", region="r", outcome="dropped")
    async with storage.open() as store:
        await store.commit(Commit(at=NOW, ledger={relayed: 5, dropped: 1}))
        await store.commit(Commit(at=NOW, ledger={relayed: 2}))
        ledger = await store.ledger()

    assert ledger == {relayed: 7, dropped: 1}


async def test_prune_forgets_only_what_is_old(storage: Storage) -> None:
    """Marks outlive SQS's retention and then go, so that the file stays bounded."""
    async with storage.open() as store:
        for name, at in (("old", NOW), ("new", NOW + 10)):
            await store.commit(
                Commit(
                    at=at,
                    objects=[mark(name, relayed=True)],
                    counted_events=[("f", name)],
                )
            )
        forgotten = await store.prune(NOW + 5)
        marks = await store.marks([("b", "old"), ("b", "new")])
        counted = await store.counted([("f", "old"), ("f", "new")])

    assert forgotten == 2
    assert list(marks) == [("b", "new")]
    assert counted == {("f", "new")}


async def test_prune_takes_as_many_steps_as_it_needs(storage: Storage) -> None:
    """More than one step can delete, of each table, and what is new stays."""
    many = 2 * PRUNED_AT_ONCE + 1
    async with storage.open() as store:
        await store.commit(
            Commit(
                at=NOW,
                objects=[mark(f"k{n}", relayed=True) for n in range(many)],
                counted_events=[("f", f"id-{n}") for n in range(many)],
            )
        )
        await store.commit(Commit(at=NOW + 10, counted_events=[("f", "new")]))
        forgotten = await store.prune(NOW + 5)
        again = await store.prune(NOW + 5)
        counted = await store.counted([("f", "new")])

    assert (forgotten, again) == (2 * many, 0)
    assert counted == {("f", "new")}


async def test_prune_forgets_dead_letters(storage: Storage) -> None:
    """Nobody will ask for them after so long."""
    async with storage.open() as store:
        await store.commit(Commit(at=NOW, outbox=[entry("a")]))
        await store.commit(Commit(at=NOW, outbox_dead=[("a", "refused")]))
        forgotten = await store.prune(NOW + 1)

    assert forgotten == 1


async def test_silences_are_kept_replaced_and_forgotten(storage: Storage) -> None:
    """By their id; forgotten once they have ended long ago."""
    one = Silence(
        id="1",
        matchers=("a=b",),
        starts_at=NOW,
        ends_at=NOW + 60,
        created_by="me",
        comment="",
    )
    other = msgspec.structs.replace(one, id="2", ends_at=NOW + 30)
    ended = msgspec.structs.replace(one, ends_at=NOW + 10)
    async with storage.open() as store:
        await store.commit(Commit(at=NOW, silences=[one, other]))
        await store.commit(Commit(at=NOW, silences=[ended]))
    async with storage.open() as store:
        kept = await store.silences()
        await store.prune(NOW + 11)
        rest = await store.silences()

    assert kept == [ended, other]
    assert rest == [other]


async def test_prune_keeps_what_is_in_flight(storage: Storage) -> None:
    """However old: it was counted, and must be known as that when it comes at last."""
    async with storage.open() as store:
        await store.commit(
            Commit(
                at=NOW,
                objects=[
                    mark("waits"),
                    mark("done", relayed=True),
                    replace(mark("aside"), records=0),
                ],
            )
        )
        forgotten = await store.prune(NOW + 1)
        marks = await store.marks([("b", name) for name in ("waits", "done", "aside")])

    assert forgotten == 2
    assert marks == {("b", "waits"): [mark("waits")]}


async def test_statement_is_all_of_one_moment(storage: Storage) -> None:
    """The ledger, what is counted and not settled, and what waits to be sent."""
    line = LedgerKey(account="111122223333", region="eu-west-1", outcome="received")
    async with storage.open() as store:
        empty = await store.statement()
        await store.commit(
            Commit(
                at=NOW,
                objects=[
                    mark("a"),
                    mark("b"),
                    mark("done", relayed=True),
                    replace(mark("aside"), records=0),
                    replace(mark("c"), account="222233334444"),
                ],
                outbox=[entry("n", created_at=NOW - 7), entry("m", created_at=NOW)],
                ledger={line: 12},
            )
        )
        full = await store.statement()

    assert empty == Statement(
        lines={}, in_flight={}, outbox_pending=0, outbox_oldest_at=None
    )
    assert full == Statement(
        lines={line: 12},
        in_flight={
            ("111122223333", "eu-west-1"): 6,
            ("222233334444", "eu-west-1"): 3,
        },
        outbox_pending=2,
        outbox_oldest_at=NOW - 7,
    )


async def test_left_behind_are_old_and_in_flight(storage: Storage) -> None:
    """With their names, oldest first; what is settled or new is not among them."""
    async with storage.open() as store:
        for age, marks in (
            (20, [mark("older"), mark("done", relayed=True)]),
            (10, [mark("old", etag="d41d8cd98f00b204e9800998ecf8427e")]),
            (0, [mark("new")]),
        ):
            await store.commit(Commit(at=NOW - age, objects=marks))
        found = await store.left_behind(NOW - 5)

    assert found == [
        mark("older"),
        mark("old", etag="d41d8cd98f00b204e9800998ecf8427e"),
    ]


async def test_object_set_aside_can_be_in_flight_again(storage: Storage) -> None:
    """Its mark takes the records back that it had given up."""
    async with storage.open() as store:
        for records in (3, 0, 3):
            await store.commit(
                Commit(at=NOW, objects=[replace(mark("k"), records=records)])
            )
        marks = await store.marks([("b", "k")])
        found = await store.left_behind(NOW + 1)

    assert marks["b", "k"] == found == [mark("k")]


async def test_many_ids_are_looked_up_at_once(storage: Storage) -> None:
    """A file in which every record matches is no special case."""
    pairs = [("f", f"id-{n}") for n in range(5_000)]
    async with storage.open() as store:
        await store.commit(Commit(at=NOW, counted_events=pairs[::2]))
        counted = await store.counted([*pairs, ("g", "id-0")])

    assert counted == set(pairs[::2])


@given(st.lists(st.text(max_size=8), max_size=3).map(tuple))
def test_any_text_is_a_group(group: tuple[str, ...]) -> None:
    """Group values come from records: any text at all must come back as it went in."""
    text = msgspec.json.encode(group).decode()

    assert msgspec.json.decode(text, type=tuple[str, ...]) == group
