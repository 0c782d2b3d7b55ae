"""relay.web: what a scraper and an orchestrator see, over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from unittest.mock import Mock

import aiohttp
import anyio
import msgspec
import pytest
from aiohttp.test_utils import make_mocked_request
from prometheus_client.parser import text_string_to_metric_families

from relay.errors import ConfigError, StateError
from relay.model import Silence
from relay.state.store import Commit
from relay.telemetry import Telemetry
from relay.web.health import QUIET_SECS, STUCK_SECS, Health
from relay.web.server import WebServer, _is_local
from relay.web.silences import SilenceApi
from relay.web.status import Status
from tests.support.clock import FakeClock
from tests.web.status_values import STATUS


@dataclass
class Source:
    """A source that last made progress at a given time."""

    last_progress: float
    in_flight: int = 0
    oldest_in_flight_secs: float = 0.0


@dataclass
class Reporter:
    """Says what it is told to say."""

    error: StateError | None = None

    async def status(self) -> Status:
        """Return a status, or raise."""
        if self.error is not None:
            raise self.error
        return STATUS


class Shelf:
    """Holds silences in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Silence] = {}

    def silences(self) -> list[Silence]:
        """Return all silences."""
        return list(self.kept.values())

    async def commit(self, commit: Commit) -> None:
        """Keep the silences."""
        self.kept |= {each.id: each for each in commit.silences}


@asynccontextmanager
async def serving(
    health: Health,
    telemetry: Telemetry,
    reporter: Reporter | None = None,
    silences: SilenceApi | None = None,
) -> AsyncIterator[str]:
    """Run a server on a free port; yield its address."""
    server = WebServer(
        host="127.0.0.1",
        port=0,
        registry=telemetry.registry,
        health=health,
        reporter=reporter or Reporter(),
        silences=silences or SilenceApi(Shelf(), FakeClock()),
    )
    async with anyio.create_task_group() as tg:
        yield await tg.start(server.run)
        tg.cancel_scope.cancel()


async def get(url: str) -> tuple[int, str]:
    """Return status and body."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


def healthy(clock: FakeClock) -> Health:
    """Return a Health whose source has just received."""
    return Health(clock, progress=Source(clock.monotonic()), ready=True)


async def test_metrics_are_all_there_from_the_start() -> None:
    """Every enumerable series exists at 0: a rate() works from the first event."""
    telemetry = Telemetry()

    async with serving(healthy(FakeClock()), telemetry) as url:
        status, text = await get(f"{url}/metrics")

    families = {family.name: family for family in text_string_to_metric_families(text)}
    reasons = {
        sample.labels["reason"]: sample.value
        for sample in families["relay_object_errors"].samples
        if sample.name.endswith("_total")
    }
    assert status == 200
    assert reasons["corrupt_gzip"] == 0
    assert {s.labels["stage"] for s in families["relay_delay_seconds"].samples} >= {
        "event_to_object",
        "received_to_notified",
    }


async def test_health_says_what_is_wrong() -> None:
    """A queue that does not answer makes /healthz fail with the reason."""
    clock = FakeClock()
    health = healthy(clock)

    async with serving(health, Telemetry()) as url:
        before = await get(f"{url}/healthz")
        clock.advance(QUIET_SECS + 1)
        after = await get(f"{url}/healthz")

    assert before == (200, "ok\n")
    assert after == (503, "no answer from the queue for 121 s\n")


def test_health_notices_messages_that_are_never_done() -> None:
    """A living process that holds messages for ever is not healthy."""
    clock = FakeClock()
    health = Health(clock, progress=Source(clock.monotonic(), in_flight=3))

    clock.advance(QUIET_SECS + 1)
    meanwhile = health.problems()
    clock.advance(STUCK_SECS)
    later = health.problems()

    assert meanwhile == []
    assert later == ["3 messages under way, none done for 1021 s"]


async def test_readiness_follows_the_life_cycle() -> None:
    """/readyz is 503 while the daemon starts or drains."""
    health = Health(FakeClock())

    async with serving(health, Telemetry()) as url:
        starting = await get(f"{url}/readyz")
        health.ready = True
        running = await get(f"{url}/readyz")
        index = await get(url)

    assert starting == (503, "not taking messages\n")
    assert running == (200, "ok\n")
    assert "/metrics" in index[1]


async def test_address_in_use_is_a_clear_error() -> None:
    """The operator is told which option and which address."""
    health = healthy(FakeClock())

    async with serving(health, Telemetry()) as url:
        port = int(url.rsplit(":", 1)[1])
        second = WebServer(
            host="127.0.0.1",
            port=port,
            registry=Telemetry().registry,
            health=health,
            reporter=Reporter(),
            silences=SilenceApi(Shelf(), FakeClock()),
        )
        with pytest.raises(ExceptionGroup) as caught:
            async with anyio.create_task_group() as tg:
                await tg.start(second.run)

    (error,) = caught.value.exceptions
    assert isinstance(error, ConfigError)
    assert f"telemetry.listen: cannot listen on 127.0.0.1:{port}" in str(error)


# --- status ---------------------------------------------------------------------------


async def test_status_is_one_json_document() -> None:
    """Whoever reads it with the same type gets the same values; nobody keeps it."""
    async with (
        serving(healthy(FakeClock()), Telemetry()) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/api/status") as response,
    ):
        body = await response.read()

    assert (response.status, response.content_type) == (200, "application/json")
    assert response.headers["Cache-Control"] == "no-store"
    assert msgspec.json.decode(body, type=Status) == STATUS


async def test_status_of_a_failed_store_is_an_answer_too() -> None:
    """503 and the cause, until the daemon has come to its end."""
    reporter = Reporter(error=StateError("state file x: full"))

    async with serving(healthy(FakeClock()), Telemetry(), reporter) as url:
        answer = await get(f"{url}/api/status")

    assert answer == (503, "state file x: full\n")


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:9815", "[::1]:9815", "127.8.9.1"]
)
async def test_status_is_given_under_this_machines_own_names(host: str) -> None:
    """As address and as name."""
    async with (
        serving(healthy(FakeClock()), Telemetry()) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/api/status", headers={"Host": host}) as response,
    ):
        status = response.status

    assert status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9815", "10.0.0.1", ""])
async def test_status_is_kept_from_web_pages(host: str) -> None:
    """A page whose name leads to this machine is not let read it."""
    async with (
        serving(healthy(FakeClock()), Telemetry()) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/api/status", headers={"Host": host}) as response,
    ):
        answer = (response.status, await response.text())

    assert answer == (403, "from this machine only\n")


@pytest.mark.parametrize(
    ("remote", "is_local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.7", False),
        ("::ffff:10.0.0.7", False),
        ("fe80::1", False),
        (None, False),
    ],
)
async def test_status_is_for_this_machine_alone(
    remote: str | None, is_local: bool
) -> None:
    """Also where the address is open to others, for the sake of /metrics."""
    headers = {"Host": "localhost"}
    transport = Mock()
    transport.get_extra_info = {"peername": remote and (remote, 1)}.get
    request = make_mocked_request(
        "GET", "/api/status", headers=headers, transport=transport
    )

    assert _is_local(request) is is_local
