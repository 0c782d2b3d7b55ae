"""``relay run``: exit statuses, and what signals mean; in this very process."""

import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from typer.testing import CliRunner, Result

from relay.cli import app
from relay.cli.run import SWITCH_INTERVAL_SECS, _watch_signals
from relay.config.http_targets import WebhookTarget
from relay.intents import Intents
from relay.notify.targets import webhook_key
from relay.state.sqlite import open_sqlite
from relay.state.store import Commit
from tests.notify.examples import entry
from tests.support.in_process import LogWatch, lonely_config, watched_log

WATCHED = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


class Signals(logging.Handler):
    """Sends this process signals when the daemon logs an event, each time one list."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, list[list[signal.Signals]]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Send what is planned for this event, if anything is."""
        event = record.msg["event"] if isinstance(record.msg, dict) else ""
        if planned := self.at.get(event):
            for number in planned.pop(0):
                os.kill(os.getpid(), number)


@pytest.fixture(autouse=True)
def interpreter() -> Iterator[None]:
    """Undo what the command does to the whole process, which is the tests' here."""
    interval_secs = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval_secs)
    gc.unfreeze()


@pytest.fixture
def signals() -> Iterator[Signals]:
    """Let a test plan signals; what a failing test leaves over kills nobody."""
    planned, own = Signals(), logging.getLogger("relay")
    before = {number: signal.signal(number, signal.SIG_IGN) for number in WATCHED}
    own.addHandler(planned)
    yield planned
    own.removeHandler(planned)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def log() -> Iterator[LogWatch]:
    """Watch the daemon's log, and undo what it does to logging."""
    with watched_log() as watch:
        yield watch


def relay_run(config: Path) -> Result:
    """Run the command until it ends."""
    return CliRunner().invoke(app, ["run", "--config", str(config)])


# --- exit statuses --------------------------------------------------------------------


def test_unusable_configuration_is_2_with_every_problem(tmp_path: Path) -> None:
    """One line a problem, each with file and place; no traceback."""
    path = lonely_config(tmp_path, logs={"grup": "/x"}, source={"buckets": []})
    result = relay_run(path)

    lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert len(lines) >= 3
    assert all(line.startswith(f"{path}:") for line in lines)
    assert result.stdout == ""


def test_missing_file_is_2(tmp_path: Path) -> None:
    """The file is named."""
    result = relay_run(tmp_path / "nothing.yaml")

    assert result.exit_code == 2
    assert "nothing.yaml" in result.stderr


def test_option_that_fails_at_the_start_is_2(tmp_path: Path, log: LogWatch) -> None:
    """An address that is taken: one line, though it is found deep in the daemon."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = relay_run(lonely_config(tmp_path, telemetry={"listen": address}))

    assert result.exit_code == 2
    assert f"telemetry.listen: cannot listen on {address}" in result.stderr
    assert "Traceback" not in result.stderr


def test_unusable_state_is_1(tmp_path: Path, log: LogWatch) -> None:
    """Not the configuration's fault: another status, and the file is named."""
    (tmp_path / "state.db").write_text("this is no database, whatever its name says")
    result = relay_run(lonely_config(tmp_path))

    assert result.exit_code == 1
    assert f"state file {tmp_path}/state.db" in result.stderr
    assert "Traceback" not in result.stderr


# --- the process ----------------------------------------------------------------------


def test_interpreter_is_tuned(tmp_path: Path, signals: Signals, log: LogWatch) -> None:
    """A thread that decodes gives way soon; what imports left is not collected."""
    gc.unfreeze()
    signals.at = {"ready": [[signal.SIGTERM]]}
    relay_run(lonely_config(tmp_path))

    assert sys.getswitchinterval() == pytest.approx(SWITCH_INTERVAL_SECS)
    assert gc.get_freeze_count() > 0


# --- signals --------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_signal_stops_in_order_with_0(
    tmp_path: Path, signals: Signals, log: LogWatch, number: signal.Signals
) -> None:
    """The daemon drains and says that it has stopped."""
    signals.at = {"ready": [[number]]}
    result = relay_run(lonely_config(tmp_path))

    assert result.exit_code == 0
    assert log.events[-2:] == ["stopping", "stopped"]


def test_signal_before_it_is_ready_is_not_lost(
    tmp_path: Path, signals: Signals, log: LogWatch
) -> None:
    """A stop that comes while it starts ends it as soon as it is up."""
    signals.at = {"starting": [[signal.SIGTERM]]}
    result = relay_run(lonely_config(tmp_path))

    assert result.exit_code == 0
    assert log.events[-1] == "stopped"


def test_second_signal_ends_at_once(
    tmp_path: Path, signals: Signals, log: LogWatch
) -> None:
    """A stop that waits, here for a notification that hangs, waits no longer."""
    signals.at = {"ready": [[signal.SIGTERM]], "stopping": [[signal.SIGTERM]]}
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        anyio.run(plant_notification, tmp_path, url)
        notify = {
            "receivers": [{"name": "all", "webhook": [{"url": url}]}],
            "route": {"receiver": "all"},
        }
        result = relay_run(lonely_config(tmp_path, notify=notify))
    left = anyio.run(notifications, tmp_path)

    assert result.exit_code == 0
    assert log.events[-1] == "stopping"
    assert left == ["entry-1"]


def test_sighup_reloads(tmp_path: Path, signals: Signals, log: LogWatch) -> None:
    """The configuration is read again, and the daemon goes on."""
    signals.at = {
        "ready": [[signal.SIGHUP]],
        "configuration in force": [[], [signal.SIGTERM]],
    }
    result = relay_run(lonely_config(tmp_path))

    assert result.exit_code == 0
    assert len(log.of("configuration in force")) == 2


async def test_sighups_coalesce_at_the_edge(signals: Signals) -> None:
    """Five in a row are one reload, for whoever has not looked in between."""
    intents = Intents()
    reloads = 0

    async def count_reloads() -> None:
        nonlocal reloads
        async for _ in intents.reloads():
            reloads += 1

    async with anyio.create_task_group() as tg:
        await tg.start(_watch_signals, intents, tg)
        for number in [signal.SIGHUP] * 5 + [signal.SIGTERM]:
            os.kill(os.getpid(), number)
        with anyio.fail_after(5):
            await intents.stopped()  # by then all five have been seen
        tg.start_soon(count_reloads)
        await anyio.wait_all_tasks_blocked()
        tg.cancel_scope.cancel()

    assert reloads == 1


async def plant_notification(folder: Path, url: str) -> None:
    """Leave a notification to ``url`` in the state, as an earlier life might."""
    target = webhook_key(WebhookTarget.model_validate({"url": url}))
    async with open_sqlite(folder / "state.db") as store:
        await store.commit(
            Commit(at=1.0, outbox=[entry(receiver="all", target=target)])
        )


async def notifications(folder: Path) -> list[str]:
    """Return the ids of what is left in the outbox."""
    async with open_sqlite(folder / "state.db") as store:
        return [each.id for each in await store.outbox()]
