"""relay.state.sqlite: what is particular to a file on a disk."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from relay.errors import StateError
from relay.state.sqlite import open_sqlite
from relay.state.store import Commit, LedgerKey

LINE = LedgerKey(account="1", region="r", outcome="relayed")

_TWO_COMMITS = """
import sys
from pathlib import Path
import anyio
from relay.state.sqlite import open_sqlite
from relay.state.store import Commit, LedgerKey

LINE = LedgerKey(account="1", region="r", outcome="relayed")

async def main():
    async with open_sqlite(Path(sys.argv[1])) as store:
        await store.commit(Commit(at=1.0, ledger={LINE: 1}))
        await store.commit(
            Commit(at=1.0, ledger={LINE: 1}, counted_events=[("f", "id")])
        )

anyio.run(main)
"""


async def test_folder_is_made(tmp_path: Path) -> None:
    """A first start needs no preparation of the disk."""
    path = tmp_path / "var" / "lib" / "state.db"

    async with open_sqlite(path) as store:
        await store.commit(Commit(at=1.0, ledger={LINE: 1}))

    assert path.exists()


async def test_kill_in_mid_transaction_leaves_the_last_commit(tmp_path: Path) -> None:
    """kill -9 inside a transaction: all before it is there, nothing of it is."""
    path = tmp_path / "state.db"
    killed = subprocess.run(
        [sys.executable, "-c", _TWO_COMMITS, str(path)],
        env=os.environ | {"RELAY_FAILPOINTS": "within-commit=kill:2"},
        check=False,
    )

    async with open_sqlite(path) as store:
        ledger, counted = await store.ledger(), await store.counted([("f", "id")])

    assert killed.returncode == -9
    assert (ledger, counted) == ({LINE: 1}, set())


async def test_failed_commit_changes_nothing(tmp_path: Path) -> None:
    """A commit that fails in its middle leaves no part of itself behind."""
    path = tmp_path / "state.db"
    broken = Commit(at=1.0, ledger={LINE: 1})
    broken.counted_events = [("f", "id")]
    broken.outbox_dead = [("id", object())]  # type: ignore[list-item]  # cannot be stored

    async with open_sqlite(path) as store:
        with pytest.raises(StateError):
            await store.commit(broken)
        after = (await store.ledger(), await store.counted([("f", "id")]))
        await store.commit(Commit(at=2.0, ledger={LINE: 3}))
        ledger = await store.ledger()

    assert after == ({}, set())
    assert ledger == {LINE: 3}


async def test_full_disk_is_a_state_error(tmp_path: Path) -> None:
    """Out of space: a clear error, and what was committed before is still there."""
    path = tmp_path / "state.db"
    many = [("f", f"event-{n:06}" * 20) for n in range(20_000)]

    async with open_sqlite(path) as store:
        await store.commit(Commit(at=1.0, ledger={LINE: 1}))
        store._connection.execute("PRAGMA max_page_count = 40")
        with pytest.raises(StateError, match="full"):
            await store.commit(Commit(at=2.0, counted_events=many, ledger={LINE: 1}))
        ledger = await store.ledger()

    assert ledger == {LINE: 1}
    assert os.path.getsize(path) < 10**6
