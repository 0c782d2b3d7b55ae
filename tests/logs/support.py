"""What the tests of relay.logs share: log events, and a client of any endpoint."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

from relay.clock import Clock
from relay.config.logs_section import Logs
from relay.logs.client import LogsClient
from relay.logs.writer import LogWriter
from relay.model import Destination, LogEvent
from relay.telemetry import Telemetry
from tests.support.clock import FakeClock
from tests.support.fake_logs import FakeLogs, running_fake_logs

NOW = 1_700_000_000.0
NOW_MS = 1_700_000_000_000
ACCESS_KEY = "AKIAEXAMPLE"
SECRET_KEY = "made up for tests"
REGION = "eu-west-1"

GROUP = "/relay/cloudtrail"
STREAM = "111122223333_CloudTrail_eu-west-1"
HERE = Destination(group=GROUP, stream=STREAM)
ELSEWHERE = Destination(group=GROUP, stream="111122223333_CloudTrail_us-east-1")

_session = get_session()


def log_event(message: str, timestamp_ms: int = NOW_MS) -> LogEvent:
    """Return a log event of the size that its message has."""
    text = message.encode()
    return LogEvent(timestamp_ms, text, len(text))


def log_events(*messages: str) -> list[LogEvent]:
    """Return log events of now."""
    return [log_event(message) for message in messages]


@asynccontextmanager
async def logs_client(url: str, *, is_validating: bool = False) -> AsyncIterator[Any]:
    """Open a CloudWatch Logs client that retries nothing."""
    config = AioConfig(
        retries={"total_max_attempts": 1, "mode": "standard"},
        parameter_validation=is_validating,
        read_timeout=10,
    )
    async with _session.create_client(
        "logs",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=config,
    ) as client:
        yield client


@dataclass(frozen=True, slots=True)
class Bench:
    """A running writer, the service it writes to, and what it measured."""

    writer: LogWriter
    fake: FakeLogs
    telemetry: Telemetry

    def value(self, name: str, **labels: str) -> float:
        """Return the value of one series."""
        found = self.telemetry.registry.get_sample_value(name, labels)
        assert found is not None, f"no series {name} {labels}"
        return found


@asynccontextmanager
async def running_writer(
    clock: Clock,
    *,
    logs: Logs | None = None,
    wrap: Callable[[LogsClient], LogsClient] = lambda client: client,
) -> AsyncIterator[Bench]:
    """Run a writer against a fake of its own; ``wrap`` may put a client in between."""
    telemetry = Telemetry()
    async with (
        running_fake_logs(clock) as fake,
        logs_client(fake.url) as client,
        anyio.create_task_group() as tasks,
    ):
        writer = LogWriter(wrap(client), logs or Logs(group=GROUP), telemetry, clock)
        await tasks.start(writer.run)
        with anyio.fail_after(10):
            yield Bench(writer, fake, telemetry)
        tasks.cancel_scope.cancel()


class WatchedClock:
    """A fake clock that a test can wait for: until somebody sleeps."""

    def __init__(self) -> None:
        self._clock = FakeClock()
        self._sleeps = 0
        self._fell_asleep = anyio.Event()
        self.now = self._clock.now
        self.monotonic = self._clock.monotonic
        self.advance = self._clock.advance

    async def sleep(self, secs: float) -> None:
        """Wait until the clock was advanced by ``secs``."""
        self._sleeps += 1
        self._fell_asleep.set()
        self._fell_asleep = anyio.Event()
        await self._clock.sleep(secs)

    async def until_sleeping(self, times: int = 1) -> None:
        """Wait until somebody has begun to sleep, so many times in all."""
        while self._sleeps < times:
            await self._fell_asleep.wait()
