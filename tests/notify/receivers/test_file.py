"""Files: whole lines, whatever happens to the file."""

import json
import resource
import signal
from pathlib import Path

import anyio
import pytest

from relay.config.log_targets import FileTarget
from relay.errors import Reason, TransientError
from relay.notify.receivers.file import FileSender
from tests.notify.examples import bundle


def sender_to(path: Path | str, *, fsync: bool = True) -> FileSender:
    """Return a sender to ``path``."""
    return FileSender(FileTarget(path=str(path), fsync=fsync))


@pytest.mark.parametrize("fsync", [True, False])
async def test_each_notification_is_a_line(tmp_path: Path, fsync: bool) -> None:
    """Of JSON; nobody else may read it."""
    path = tmp_path / "alarms.jsonl"
    sender = sender_to(path, fsync=fsync)

    answers = [await sender.send(bundle(id=each)) for each in ("a", "b")]

    lines = path.read_bytes().splitlines(keepends=True)
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]
    assert answers[0] == f"wrote {len(lines[0]):,} bytes"
    assert path.stat().st_mode & 0o007 == 0


async def test_the_file_may_be_rotated(tmp_path: Path) -> None:
    """The next line starts a new one."""
    path = tmp_path / "alarms.jsonl"
    sender = sender_to(path)
    await sender.send(bundle(id="a"))
    path.rename(tmp_path / "alarms.jsonl.1")

    await sender.send(bundle(id="b"))

    assert json.loads(path.read_text())["id"] == "b"


async def test_a_broken_line_swallows_nothing(tmp_path: Path) -> None:
    """What a crash left is ended first."""
    path = tmp_path / "alarms.jsonl"
    path.write_text('{"id": "bro')

    await sender_to(path).send(bundle(id="a"))

    assert json.loads(path.read_text().splitlines()[1])["id"] == "a"


async def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """What was written of it is taken back; it may pass."""
    path = tmp_path / "alarms.jsonl"
    sender = sender_to(path)
    await sender.send(bundle(id="a"))
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
    try:
        with pytest.raises(TransientError) as caught:
            await sender.send(bundle(id="b"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)

    assert caught.value.reason is Reason.UNAVAILABLE
    assert path.read_bytes() == before


async def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    """Several relays may write to one file."""
    path = tmp_path / "alarms.jsonl"
    async with anyio.create_task_group() as tg:
        for number in range(20):
            tg.start_soon(sender_to(path, fsync=False).send, bundle(id=str(number)))

    ids = {json.loads(line)["id"] for line in path.read_text().splitlines()}
    assert ids == {str(number) for number in range(20)}


async def test_what_is_forbidden_says_so(tmp_path: Path) -> None:
    """A folder is no file either."""
    with pytest.raises(TransientError, match="Is a directory"):
        await sender_to(tmp_path).send(bundle())


async def test_what_cannot_be_written_may_pass(tmp_path: Path) -> None:
    """Somebody makes room, or the folder."""
    with pytest.raises(TransientError) as caught:
        await sender_to(tmp_path / "nowhere" / "x").send(bundle())

    assert caught.value.reason is Reason.UNAVAILABLE
    assert "No such file or directory" in str(caught.value)


async def test_it_writes_to_standard_output(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """By the path ``-``, as containers do."""
    await sender_to("-").send(bundle(id="a"))

    assert json.loads(capfdbinary.readouterr().out)["id"] == "a"
