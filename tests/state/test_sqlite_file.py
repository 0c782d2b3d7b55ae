"""relay.state.sqlite_file: what cannot be trusted is not opened, and not touched."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from relay.errors import StateError
from relay.state.sqlite import open_sqlite
from relay.state.sqlite_schema import SCHEMA_VERSION
from relay.state.store import Commit, LedgerKey

LINE = LedgerKey(account="1", region="r", outcome="relayed")

_HOLDER = """
import os, sys
from pathlib import Path
from relay.state.sqlite_file import exclusive

with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


_AS_NOBODY = """
import os, sys
from pathlib import Path
from relay.errors import StateError
from relay.state.sqlite_file import connect, exclusive

if os.geteuid() == 0:
    os.seteuid(65534)
try:
    with exclusive(Path(sys.argv[1])):
        connect(Path(sys.argv[1]))
except StateError as error:
    sys.exit(str(error))
"""


async def filled(path: Path) -> None:
    """Make a state file of some hundred pages."""
    async with open_sqlite(path) as store:
        events = [("f", f"event-{n}") for n in range(10_000)]
        await store.commit(Commit(at=1.0, counted_events=events, ledger={LINE: 1}))


async def refusal_of(path: Path) -> str:
    """Return why the file at ``path`` is not opened."""
    with pytest.raises(StateError) as raised:
        async with open_sqlite(path):
            raise AssertionError("was opened")
    return str(raised.value)


# --- damage ---------------------------------------------------------------------------


async def test_damaged_file_is_named(tmp_path: Path) -> None:
    """A corrupt file stops the start with its name; it is not replaced or repaired."""
    path = tmp_path / "state.db"
    path.write_bytes(b"this is no database, but long enough to look like one" * 100)
    before = path.read_bytes()

    why = await refusal_of(path)

    assert f"state file {path}: file is not a database" in why
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("offset", "size"),
    [(0, 16), (16, 84), (100, 3_000)],
    ids=["magic", "header", "schema"],
)
async def test_corrupt_beginning_is_found(
    tmp_path: Path, offset: int, size: int
) -> None:
    """Whatever is broken there, the start stops, and says what to do."""
    path = tmp_path / "state.db"
    await filled(path)
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * size)

    why = await refusal_of(path)

    assert f"state file {path}" in why
    assert "start again with a backup or without any" in why


@pytest.mark.parametrize("page", [20, 50, 80])
async def test_corrupt_page_in_the_middle_is_found(tmp_path: Path, page: int) -> None:
    """At the start, not when some commit comes to it weeks later."""
    path = tmp_path / "state.db"
    await filled(path)
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xa5" * 4096)
    before = path.read_bytes()

    why = await refusal_of(path)

    assert f"state file {path} is damaged: " in why
    assert path.read_bytes() == before


@pytest.mark.parametrize("left", [4096 * 30, 4096 * 30 + 100], ids=["page", "odd"])
async def test_truncated_file_is_found(tmp_path: Path, left: int) -> None:
    """What is missing is no empty table."""
    path = tmp_path / "state.db"
    await filled(path)
    os.truncate(path, left)

    why = await refusal_of(path)

    assert f"state file {path}" in why
    assert "start again with a backup or without any" in why


async def test_folder_in_its_place_is_named(tmp_path: Path) -> None:
    """Docker makes one where a file was to be mounted."""
    path = tmp_path / "state.db"
    path.mkdir()

    why = await refusal_of(path)

    assert f"state file {path}: Is a directory" in why


async def test_newer_schema_is_refused(tmp_path: Path) -> None:
    """A downgrade says so instead of misreading the file."""
    path = tmp_path / "state.db"
    async with open_sqlite(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()

    why = await refusal_of(path)

    assert "written by a newer relay" in why


async def test_another_programs_database_is_not_touched(tmp_path: Path) -> None:
    """A wrong path in state.url costs nobody their data, nor a byte of it."""
    path = tmp_path / "state.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()

    why = await refusal_of(path)

    assert "another program's database" in why
    assert path.read_bytes() == before


# --- others, and the disk -------------------------------------------------------------


async def test_second_daemon_on_the_same_file_is_refused(tmp_path: Path) -> None:
    """Two processes on one file would each see half of the alarms' data."""
    path = tmp_path / "state.db"

    async with open_sqlite(path):
        why = await refusal_of(path)
    async with open_sqlite(path) as store:
        ledger = await store.ledger()

    assert why.endswith(f"in use by another relay (process {os.getpid()})")
    assert ledger == {}


async def test_lock_names_its_holder_and_dies_with_it(tmp_path: Path) -> None:
    """Who is killed leaves the lock file behind, and keeps nobody out."""
    path = tmp_path / "state.db"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        why = await refusal_of(path)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        async with open_sqlite(path) as store:
            ledger = await store.ledger()

    assert f"in use by another relay (process {holder.pid})" in why
    assert ledger == {}


async def test_lock_of_an_older_version_names_nobody(tmp_path: Path) -> None:
    """Its lock file is empty."""
    path = tmp_path / "state.db"
    async with open_sqlite(path):
        path.with_name("state.db.lock").write_text("")
        why = await refusal_of(path)

    assert why == f"state file {path} is in use by another relay"


async def test_unwritable_folder_is_named(tmp_path: Path) -> None:
    """The operator is told which path could not be made."""
    blocker = tmp_path / "file"
    blocker.write_text("")

    why = await refusal_of(blocker / "state.db")

    assert f"{blocker}/state.db" in why


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """Return an empty folder that every user can go into."""
    with tempfile.TemporaryDirectory() as name:  # tmp_path lies in a private one
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def start_as_nobody(path: Path) -> subprocess.CompletedProcess[str]:
    """Open the store as a user who may not do everything, as root may."""
    return subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


async def test_read_only_file_is_found_at_the_start(public_folder: Path) -> None:
    """Not at the first commit, with messages under way."""
    path = public_folder / "state.db"
    await filled(path)
    path.chmod(0o444)
    path.with_name("state.db.lock").chmod(0o666)
    public_folder.chmod(0o777)

    ended = start_as_nobody(path)

    assert ended.returncode == 1
    assert f"state file {path}: attempt to write a readonly database" in ended.stderr
    assert "must be writable" in ended.stderr


@pytest.mark.parametrize("has_file", [True, False], ids=["with a file", "empty"])
async def test_read_only_folder_is_found_at_the_start(
    public_folder: Path, has_file: bool
) -> None:
    """The log beside the file could not be written, nor the lock."""
    path = public_folder / "state.db"
    if has_file:
        await filled(path)
        path.chmod(0o666)
        path.with_name("state.db.lock").chmod(0o666)
    public_folder.chmod(0o555)

    ended = start_as_nobody(path)

    assert ended.returncode == 1
    assert f"state file {path}: " in ended.stderr
    assert "the file and its folder must be writable" in ended.stderr


async def test_unreadable_file_is_found_at_the_start(public_folder: Path) -> None:
    """It is another user's."""
    path = public_folder / "state.db"
    await filled(path)
    path.chmod(0o600 if os.geteuid() == 0 else 0)
    path.with_name("state.db.lock").chmod(0o666)

    ended = start_as_nobody(path)

    assert ended.returncode == 1
    assert f"state file {path}: Permission denied" in ended.stderr
