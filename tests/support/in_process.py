"""The real daemon in the test's own process, on a clock that the test moves."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import aiohttp
import anyio
import structlog
import yaml
from anyio.lowlevel import checkpoint
from prometheus_client.parser import text_string_to_metric_families

from relay.clock import parse_isoformat
from relay.daemon import run
from relay.intents import Intents
from tests.support.clock import FakeClock

PATIENCE_SECS = 20
"""How long a test waits for what should take less than a second; then it fails."""
NOW = parse_isoformat("2026-11-24T12:05:00Z")
SHORT_SECS = 1.0
UNREACHABLE = "http://127.0.0.1:9"  # "discard": nobody listens


class DaemonClock(FakeClock):
    """Short waits, for more of the same kind, are over at once; others are moved on."""

    def __init__(self) -> None:
        super().__init__(now=NOW)

    async def sleep(self, secs: float) -> None:
        """Wait until the clock was advanced, unless it is for an instant only."""
        if secs < SHORT_SECS:
            await checkpoint()
        else:
            await super().sleep(secs)


class LogWatch(logging.Handler):
    """Keeps what the daemon logs, as fields; a test can wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, object]] = []
        self._changed = anyio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one event."""
        if isinstance(record.msg, dict):
            self.lines.append(dict(record.msg))
            self._changed.set()
            self._changed = anyio.Event()

    async def until(self, event: str, *, times: int = 1, **fields: object) -> None:
        """Wait until ``event`` was logged with ``fields`` so many times."""
        with anyio.fail_after(PATIENCE_SECS):
            while len(self.of(event, **fields)) < times:
                await self._changed.wait()

    def of(self, event: str, **fields: object) -> list[dict[str, object]]:
        """Return the lines with this event and ``fields``."""
        wanted = {"event": event, **fields}
        return [
            line
            for line in self.lines
            if all(line.get(name) == value for name, value in wanted.items())
        ]

    @property
    def events(self) -> list[object]:
        """The texts of all lines."""
        return [line["event"] for line in self.lines]


@contextmanager
def watched_log() -> Iterator[LogWatch]:
    """Watch relay's log, and undo afterwards what a daemon does to logging."""
    root, own = logging.getLogger(), logging.getLogger("relay")
    handlers, level, config = list(root.handlers), root.level, structlog.get_config()
    watch = LogWatch()
    own.addHandler(watch)
    try:
        yield watch
    finally:
        own.removeHandler(watch)
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**config)


class Life:
    """A daemon that runs."""

    def __init__(
        self, *, intents: Intents, log: LogWatch, http: aiohttp.ClientSession
    ) -> None:
        self.intents = intents
        self.log = log
        self.url = ""
        self._http = http

    async def metric(self, name: str, **labels: str) -> float:
        """Return one sample; the sum over the labels that are not given."""
        return sum(await self.samples(name, **labels))

    async def samples(self, name: str, **labels: str) -> list[float]:
        """Return all samples of this name that have ``labels``."""
        async with self._http.get(f"{self.url}/metrics") as response:
            text = await response.text()
        return [
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]

    async def status(self, path: str) -> int:
        """Return the HTTP status of one of the daemon's pages."""
        async with self._http.get(f"{self.url}{path}") as response:
            return response.status

    async def until(self, name: str, at_least: float, **labels: str) -> None:
        """Ask for a sample until it has reached a value."""
        with anyio.fail_after(PATIENCE_SECS):
            while await self.metric(name, **labels) < at_least:  # noqa: ASYNC110 - its
                await anyio.sleep(0.005)  # series tell nobody, they can only be asked

    async def reload(self, outcome: str = "success") -> None:
        """Have the configuration read again, and wait for what comes of it."""
        before = await self.metric("relay_config_reloads_total", outcome=outcome)
        self.intents.request_reload()
        await self.until("relay_config_reloads_total", before + 1, outcome=outcome)


def lonely_config(folder: Path, **changes: object) -> Path:
    """Write a configuration that needs no account: its queue cannot be reached.

    The daemon starts with it, and asks for messages again and again. ``changes``
    replace whole sections.
    """
    config: dict[str, object] = {
        "aws": {"region": "eu-west-1", "endpoint_url": UNREACHABLE},
        "source": {"queue_url": f"{UNREACHABLE}/1/q", "buckets": ["trail-logs"]},
        "logs": {"group": "/relay/cloudtrail"},
        "state": {"url": f"sqlite://{folder}/state.db"},
        "telemetry": {"listen": "127.0.0.1:0"},
    }
    path = folder / "relay.yaml"
    path.write_text(yaml.safe_dump(config | changes))
    return path


@asynccontextmanager
async def living(config: Path, clock: FakeClock | None = None) -> AsyncIterator[Life]:
    """Run the daemon for the length of the block; at its end it is asked to stop."""
    with watched_log() as log:
        async with aiohttp.ClientSession() as http, anyio.create_task_group() as tg:
            life = Life(intents=Intents(), log=log, http=http)
            life.url = await tg.start(
                partial(run, config, life.intents, clock=clock or DaemonClock())
            )
            yield life
            life.intents.request_stop()
            with anyio.fail_after(PATIENCE_SECS):
                await log.until("stopped")
