"""The soak: one daemon at a steady rate for a long time; its memory must stay flat.

The state file keeps a mark of every object for 15 days, so it grows by a fixed amount
an object until then: that amount is what is looked at.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import anyio
import msgspec
import yaml
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from benchmarks.material import BUCKET, RECORDS_PER_OBJECT
from benchmarks.rules import RULE_FILES
from relay.clock import Clock, SystemClock
from tests.chaos.daemon import Life, begin, rss_bytes
from tests.chaos.soak_aws import State

MAX_RSS_GROWTH = 0.05
"""Of the last quarter's mean over the third's: what leaks grows in every quarter, while
what was in flight at most sets a mark that stays."""
MAX_STATE_BYTES_AN_OBJECT = 64 * 1024
"""Its mark, and its share of marks of counted events: 500 records and their rules."""

_SAMPLES = 40
_RECOVERY_SECS = 60.0
_MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one look has found."""

    at_secs: float
    state: State
    rss_bytes: int
    database_bytes: int
    wal_bytes: int
    fake_rss_bytes: int


def main(*, minutes: float, records_per_sec: int) -> int:
    """Soak, print a line now and then, and return 0 when everything stayed flat."""
    with TemporaryDirectory() as name:
        samples = anyio.run(_soak, Path(name), minutes * 60, records_per_sec)
    problems = judge(samples)
    _say("\n".join(problems) if problems else "flat, and nothing lost")
    return 1 if problems else 0


def judge(samples: Sequence[Sample]) -> list[str]:
    """Return what is wrong with a soak; the last sample is of the time after it."""
    problems = []
    quarter = max(1, len(samples) // 4)
    third = samples[-2 * quarter : -quarter]
    growth = _mean(samples[-quarter:]) / _mean(third) - 1
    if growth > MAX_RSS_GROWTH:
        problems.append(f"resident memory grew by {growth:.0%}")
    first, last = samples[quarter], samples[-1]
    objects = max(1, last.state.deleted - first.state.deleted)
    each = (last.database_bytes - first.database_bytes) / objects
    _say(f"state file: {each:.0f} bytes an object; memory: {growth:+.1%}")
    if each > MAX_STATE_BYTES_AN_OBJECT:
        problems.append(f"the state file grows by {each:.0f} bytes an object")
    if last.state.deleted != last.state.announced:
        problems.append(f"messages not deleted: {last.state}")
    if last.state.log_events != last.state.announced * RECORDS_PER_OBJECT:
        problems.append(f"log events are not the records: {last.state}")
    return problems


async def _soak(folder: Path, secs: float, records_per_sec: int) -> list[Sample]:
    clock, samples = SystemClock(), []
    async with (
        _steady_aws(records_per_sec) as (fake, url),
        aiohttp.ClientSession() as http,
        anyio.create_task_group() as tasks,
    ):
        life = await begin(tasks, _write_config(folder, url))
        if not await life.is_ready():
            raise SystemExit("\n".join(life.log))
        _say(
            f"{'secs':>6} {'records':>10} {'in flight':>9} {'RSS MiB':>8}"
            f" {'state MiB':>9} {'WAL MiB':>8} {'fake MiB':>8}"
        )
        look = _Look(clock, http, url, life, fake, folder)
        for number in range(1, _SAMPLES + 1):
            until = number * secs / _SAMPLES
            await anyio.sleep(max(0.0, until - look.at_secs))  # a rate in real time
            samples.append(await look.sample())
            _say(_row(samples[-1]))
        samples.append(await look.after())
        tasks.cancel_scope.cancel()
    return samples


class _Look:
    """Takes samples of everything that might grow."""

    def __init__(
        self,
        clock: Clock,
        http: aiohttp.ClientSession,
        url: str,
        life: Life,
        fake: Process,
        folder: Path,
    ) -> None:
        self._clock = clock
        self._http = http
        self._url = url
        self._life = life
        self._fake = fake
        self._folder = folder
        self._began_at = clock.monotonic()

    @property
    def at_secs(self) -> float:
        """Seconds since the beginning."""
        return self._clock.monotonic() - self._began_at

    async def sample(self, query: str = "") -> Sample:
        """Look once."""
        async with self._http.get(f"{self._url}/_soak/state{query}") as answer:
            state = msgspec.json.decode(await answer.read(), type=State)
        if self._life.status is not None:
            raise SystemExit("\n".join(self._life.log))
        return Sample(
            at_secs=self.at_secs,
            state=state,
            rss_bytes=rss_bytes(self._life.pid),
            database_bytes=_size(self._folder / "state.db"),
            wal_bytes=_size(self._folder / "state.db-wal"),
            fake_rss_bytes=rss_bytes(self._fake.pid),
        )

    async def after(self) -> Sample:
        """End the announcements; look when all of them are dealt with."""
        sample = await self.sample("?over=1")
        until = self.at_secs + _RECOVERY_SECS
        while sample.state.deleted < sample.state.announced and self.at_secs < until:
            await anyio.sleep(0.2)  # a rate in real time
            sample = await self.sample()
        return sample


@asynccontextmanager
async def _steady_aws(records_per_sec: int) -> AsyncIterator[tuple[Process, str]]:
    command = [sys.executable, "-m", "tests.chaos.soak_aws"]
    async with await anyio.open_process(
        [*command, "--rate", str(records_per_sec)], stderr=None
    ) as process:
        try:
            assert process.stdout is not None
            said = BufferedByteReceiveStream(process.stdout)
            yield process, (await said.receive_until(b"\n", 200)).decode()
        finally:
            process.kill()


def _write_config(folder: Path, url: str) -> Path:
    config = {
        "aws": {"region": "eu-west-1", "endpoint_url": url},
        "source": {"queue_url": f"{url}/123456789012/relay", "buckets": [BUCKET]},
        "logs": {"group": "/relay/cloudtrail"},
        "rules": [str(RULE_FILES)],
        "state": {"url": f"sqlite://{folder / 'state.db'}"},
        "telemetry": {"listen": "127.0.0.1:0"},
    }
    path = folder / "relay.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


def _mean(samples: Sequence[Sample]) -> float:
    return sum(sample.rss_bytes for sample in samples) / len(samples)


def _row(sample: Sample) -> str:
    state = sample.state
    return (
        f"{sample.at_secs:6.0f} {state.log_events:10,d}"
        f" {state.announced - state.deleted:9d} {sample.rss_bytes / _MIB:8.1f}"
        f" {sample.database_bytes / _MIB:9.2f} {sample.wal_bytes / _MIB:8.2f}"
        f" {sample.fake_rss_bytes / _MIB:8.1f}"
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
