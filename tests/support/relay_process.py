"""The real daemon in a process of its own, watched through its log and its metrics."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import anyio
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream
from prometheus_client.parser import text_string_to_metric_families

from tests.support.moto import CREDENTIALS

PATIENCE_SECS = 60
"""How long a test waits for what should take less than a second; then it fails."""


class RelayProcess:
    """One life of the daemon."""

    def __init__(self, process: Process, http: aiohttp.ClientSession) -> None:
        self._process = process
        self._http = http
        self._changed = anyio.Condition()
        self.log: list[dict[str, object]] = []
        self.url = ""
        self._is_over = False

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._process.pid

    async def logged(self, event: str, *, times: int = 1, **fields: object) -> None:
        """Wait until the daemon has logged ``event`` with ``fields`` so many times."""
        with anyio.fail_after(PATIENCE_SECS):
            async with self._changed:
                while self.count_logged(event, **fields) < times:
                    if self._is_over:
                        raise AssertionError(f"ended without {event!r}: {self.log}")
                    await self._changed.wait()

    def count_logged(self, event: str, **fields: object) -> int:
        """Return how often ``event`` was logged with ``fields`` so far."""
        wanted = {"event": event, **fields}
        return sum(wanted.items() <= _hashable(line).items() for line in self.log)

    async def metrics(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """Return every sample of /metrics by name and labels."""
        async with self._http.get(f"{self.url}/metrics") as response:
            text = await response.text()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    async def metric(self, name: str, **labels: str) -> float:
        """Return one sample; the sum over the labels that are not given."""
        return sum(
            value
            for (each, found), value in (await self.metrics()).items()
            if each == name and labels.items() <= dict(found).items()
        )

    async def status(self, path: str) -> int:
        """Return the HTTP status of one of the daemon's pages."""
        async with self._http.get(f"{self.url}{path}") as response:
            return response.status

    async def until(self, name: str, at_least: float, **labels: str) -> None:
        """Wait until a sample has reached a value."""
        await self.until_true(
            lambda samples: (
                sum(
                    value
                    for (each, found), value in samples.items()
                    if each == name and labels.items() <= dict(found).items()
                )
                >= at_least
            )
        )

    async def until_true(
        self,
        test: Callable[[Mapping[tuple[str, frozenset[tuple[str, str]]], float]], bool],
    ) -> None:
        """Wait until the samples of /metrics satisfy ``test``."""
        with anyio.fail_after(PATIENCE_SECS):
            while not test(await self.metrics()):  # noqa: ASYNC110 - another process
                await anyio.sleep(0.02)  # it can only be asked again

    async def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; return the exit status."""
        self.signal(by)
        with anyio.fail_after(PATIENCE_SECS):
            return await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def watch(self) -> None:
        """Read the log, line by line, until it ends."""
        assert self._process.stderr is not None
        rest = ""
        async for text in TextReceiveStream(self._process.stderr):
            *lines, rest = (rest + text).split("\n")
            async with self._changed:
                self.log += [_parsed(line) for line in lines]
                self._changed.notify_all()
        async with self._changed:
            self._is_over = True
            self._changed.notify_all()


@asynccontextmanager
async def running_relay(
    config: Path, **environment: str
) -> AsyncIterator[RelayProcess]:
    """Run ``relay run`` until the end of the block; it is killed if it runs then."""
    process = await anyio.open_process(
        [sys.executable, "-m", "relay", "run", "--config", str(config)],
        env={**os.environ, **CREDENTIALS, **environment},
        stdout=subprocess.DEVNULL,
    )
    async with aiohttp.ClientSession() as http, anyio.create_task_group() as tg:
        relay = RelayProcess(process, http)
        tg.start_soon(relay.watch)
        try:
            await relay.logged("ready")
            (ready,) = [line for line in relay.log if line["event"] == "ready"]
            relay.url = str(ready["metrics"]).removesuffix("/metrics")
            yield relay
        finally:
            if process.returncode is None:
                process.kill()
            with anyio.CancelScope(shield=True):
                await process.wait()
            tg.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await process.aclose()


def _parsed(line: str) -> dict[str, object]:
    try:
        parsed: dict[str, object] = json.loads(line)
    except ValueError:
        return {"event": line}
    return parsed


def _hashable(line: dict[str, object]) -> dict[str, object]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in line.items()
    }
