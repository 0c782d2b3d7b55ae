"""Lives of the real daemon, each a process: begun, watched, ended as a fault wants."""

import os
import resource
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
import anyio
import msgspec
from anyio.abc import Process, TaskGroup
from anyio.streams.text import TextReceiveStream
from prometheus_client.parser import text_string_to_metric_families

from relay.failpoints import VARIABLE
from tests.support.moto import CREDENTIALS

PATIENCE_SECS = 60.0
"""How long to wait for what takes a second on a machine with nothing else to do."""

_LINES_KEPT = 400
Samples = Mapping[tuple[str, tuple[str, str]], float]
"""By name, and account and region."""


class Life:
    """One process, from its start to its end."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.log: deque[str] = deque(maxlen=_LINES_KEPT)
        self.url = ""
        self._ready = anyio.Event()
        self._ended = anyio.Event()

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Return the exit status, None while it lives; a signal's is negative."""
        return self._process.returncode

    async def is_ready(self) -> bool:
        """Wait until messages are taken; False when it ends instead."""
        with anyio.fail_after(PATIENCE_SECS):
            await self._ready.wait()
        return bool(self.url)

    async def ended(self, *, within_secs: float = PATIENCE_SECS) -> int | None:
        """Wait for the end; return its status, None when it does not come in time."""
        with anyio.move_on_after(within_secs):
            await self._ended.wait()
        return self.status

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if there still is somebody to get it."""
        if self.status is None:
            self._process.send_signal(number)

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.signal(signal.SIGKILL)
        await self.ended()

    def limit_file_size(self, max_bytes: int) -> None:
        """Have its next write past ``max_bytes`` of any file fail (Linux)."""
        hard = resource.RLIM_INFINITY
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (max_bytes, hard))

    async def samples(self, http: aiohttp.ClientSession) -> Samples:
        """Return /metrics, summed over all labels but account and region."""
        async with http.get(f"{self.url}/metrics") as response:
            text = await response.text()
        sums: dict[tuple[str, tuple[str, str]], float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = sample.labels
                place = labels.get("account", ""), labels.get("region", "")
                name = (sample.name, place)
                sums[name] = sums.get(name, 0.0) + sample.value
        return sums

    async def watch(self) -> None:
        """Read what it says until it ends."""
        assert self._process.stderr is not None
        rest = ""
        try:
            async for text in TextReceiveStream(self._process.stderr, errors="replace"):
                *lines, rest = (rest + text).split("\n")
                for line in lines:
                    self._read(line)
            await self._process.wait()
        finally:
            if self._process.returncode is None:
                self._process.kill()
            with anyio.CancelScope(shield=True):
                await self._process.wait()
                await self._process.aclose()
            self._ended.set()
            self._ready.set()

    def _read(self, line: str) -> None:
        self.log.append(line)
        if '"ready"' in line:
            said = msgspec.json.decode(line)
            if said.get("event") == "ready":
                self.url = said["metrics"].removesuffix("/metrics")
                self._ready.set()


async def begin(
    tasks: TaskGroup,
    config: Path,
    *,
    failpoints: str = "",
    environment: Mapping[str, str] | None = None,
    wrapper: Sequence[str] = (),
) -> Life:
    """Start ``relay run`` with ``config``; ``tasks`` is where it is watched."""
    process = await anyio.open_process(
        [*wrapper, sys.executable, "-m", "relay", "run", "--config", str(config)],
        env={
            **os.environ,
            **CREDENTIALS,
            VARIABLE: failpoints,
            **(environment or {}),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    life = Life(process)
    tasks.start_soon(life.watch, name=f"relay {process.pid}")
    return life


def rss_bytes(pid: int) -> int:
    """Return a process's resident memory (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()
