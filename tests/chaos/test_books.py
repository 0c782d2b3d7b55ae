"""The state file, read by somebody else than the daemon."""

from collections import Counter
from pathlib import Path

from relay.alarms.saved import Body, encode_body
from relay.alarms.windows import Bucket
from relay.model import AlarmKey, AlarmState, SavedAlarm
from relay.state.sqlite import open_sqlite
from relay.state.store import Commit, LedgerKey, ObjectMark
from tests.chaos.books import mark_of, read_books, relayed
from tests.chaos.material import BUCKET, DENIED, GUESSING


def mark(key: str, *, relayed: bool) -> ObjectMark:
    """Return an object's mark."""
    return ObjectMark(
        bucket=BUCKET,
        key=key,
        etag="e",
        relayed=relayed,
        records=3,
        account="1",
        region="r",
    )


def saved(alarm: str, *group: str, total: float) -> SavedAlarm:
    """Return an alarm group that has taken datapoints in two buckets."""
    buckets = [
        Bucket(index=n, count=1, total=each, minimum=0, maximum=9, touched=0)
        for n, each in enumerate((1.0, total - 1))
    ]
    body = Body(
        state=AlarmState.OK, born_at=0, turn=0, hold_until=None, judged=0,
        buckets=buckets,
    )  # fmt: skip
    return SavedAlarm(
        alarm=AlarmKey(name=alarm, fingerprint="f"), group=group, body=encode_body(body)
    )


async def test_everything_is_read_while_the_daemon_has_the_file(tmp_path: Path) -> None:
    """Marks, counts, sums, and the ledger, with what is in the write-ahead log."""
    path = tmp_path / "state.db"
    async with open_sqlite(path) as store:
        received = LedgerKey(account="1", region="r", outcome="received", reason="")
        await store.commit(
            Commit(
                at=1.0,
                objects=[mark("done", relayed=True), mark("begun", relayed=False)],
                counted_events=[(DENIED, "1"), (DENIED, "2"), (GUESSING, "3")],
                alarms=[saved(DENIED, total=2), saved(GUESSING, "alice", total=5)],
                ledger={received: 6},
            )
        )
        books = read_books(path)
        done = relayed(path)

    assert done == books.relayed == {mark_of("done")}
    assert books.counted == Counter({DENIED: 2, GUESSING: 1})
    assert books.sums == Counter({DENIED: 2, GUESSING: 5})
    assert books.guesses == Counter({"alice": 5})
    assert books.ledger == {("1", "r"): Counter({"received": 6})}
    assert (books.waiting, books.dead) == (0, 0)


def test_a_daemon_killed_early_has_relayed_nothing(tmp_path: Path) -> None:
    """No file, or one without tables, is no error."""
    path = tmp_path / "state.db"

    before = relayed(path)
    path.touch()
    assert before == relayed(path) == frozenset()
