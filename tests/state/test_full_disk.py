"""A disk that is full, at any moment: nothing acknowledged is lost, and it goes on.

The limit of a process on the size of its files (RLIMIT_FSIZE) stands for the full disk:
a write past it fails in the very same place.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from relay.accounting.balance import balances_of
from relay.state.sqlite import open_sqlite
from relay.state.store import LedgerKey
from tests.support.relay_process import PATIENCE_SECS, running_relay
from tests.support.world import BUCKET, log_key, made_world, record

LINE = LedgerKey(account="1", region="r", outcome="relayed")

_FILLS_THE_DISK = """
import resource, sys
from pathlib import Path
import anyio
from relay.errors import StateError
from relay.state.sqlite import open_sqlite
from relay.state.store import Commit, LedgerKey

LINE = LedgerKey(account="1", region="r", outcome="relayed")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))

async def main():
    done = 0
    try:
        async with open_sqlite(Path(sys.argv[1])) as store:
            while True:
                events = [("f", f"{done}-{n}") for n in range(200)]
                commit = Commit(at=1.0, counted_events=events, ledger={LINE: 1})
                await store.commit(commit)
                done += 1
    except StateError as error:
        print(done, error)

anyio.run(main)
"""


@pytest.mark.parametrize("limit_kib", [0, 40, 200, 5_000])
async def test_what_was_acknowledged_is_there_after_it(
    tmp_path: Path, limit_kib: int
) -> None:
    """Full at the start, in the log, at a checkpoint: the same clear error, no loss."""
    path = tmp_path / "state.db"
    ended = subprocess.run(
        [sys.executable, "-c", _FILLS_THE_DISK, str(path), str(limit_kib * 1024)],
        capture_output=True,
        text=True,
        check=True,
    )
    done, _, why = ended.stdout.splitlines()[-1].partition(" ")
    async with open_sqlite(path) as store:
        ledger = await store.ledger()
        known = await store.counted([("f", f"{int(done) - 1}-199")])

    assert f"state file {path}: " in why
    assert "start again" in why
    assert (ledger.get(LINE, 0), len(known)) == (int(done), min(int(done), 1))


async def test_daemon_stops_and_goes_on_once_there_is_room(
    moto: str, tmp_path: Path
) -> None:
    """Exit status 1 and the cause; what was not acknowledged comes again, once."""
    async with made_world(moto, tmp_path) as world:
        # One message at a time leaves no long poll open that a dead process began.
        config = world.write_config(
            source={
                "queue_url": world.queue_url,
                "buckets": [BUCKET],
                "max_in_flight": {"messages": 1},
            }
        )
        for name in ("a", "b"):
            await world.put_records(log_key(name), [record(name)])
        async with running_relay(config) as relay:
            await world.announce([log_key("a")])
            await relay.until("relay_messages_deleted_total", 1)
            size = (tmp_path / "state.db-wal").stat().st_size
            resource.prlimit(relay.pid, resource.RLIMIT_FSIZE, (size, size))
            await world.announce([log_key("b")])
            with anyio.fail_after(PATIENCE_SECS):
                ended = await relay._process.wait()
            last = str(relay.log[-1]["event"])
        async with running_relay(config) as relay:
            await relay.until("relay_messages_deleted_total", 1)
        async with open_sqlite(tmp_path / "state.db") as store:
            (balance,) = balances_of(await store.statement())

    assert ended == 1
    assert f"state file {tmp_path}/state.db: " in last
    assert "start again" in last
    assert sorted(json.loads(each)["eventID"] for each in world.messages()) == [
        "a",
        "b",
    ]
    assert (balance.received, balance.relayed, balance.balances) == (2, 2, True)
