"""The daemon's HTTP side: /metrics, health, status, silences.

Status and silences name accounts, alarms and who raised them: they are for this machine
alone, also where /metrics is open to others. Nothing is changed without the token.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Protocol

import anyio
import msgspec
from aiohttp import web
from anyio.abc import TaskStatus
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from relay.errors import ConfigError, StateError
from relay.web.health import Health
from relay.web.silences import MAX_BODY_BYTES, SilenceApi
from relay.web.status import Status

_INDEX = """relay
/metrics      Prometheus series
/healthz      200 while progress is made, else 503 and why
/readyz       200 while messages are taken, else 503
/api/status   what "relay status" shows, as JSON; from this machine only
/api/silences silences, as JSON; from this machine only, changed with the token
"""


_LOCAL_ONLY = "from this machine only\n"


class Reporter(Protocol):
    """Whoever knows how the daemon is."""

    async def status(self) -> Status:
        """Return how everything is now. Raises StateError when the store fails."""
        ...


class WebServer:
    """Serves one registry, one Health and one Reporter on one address."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        registry: CollectorRegistry,
        health: Health,
        reporter: Reporter,
        silences: SilenceApi,
    ) -> None:
        self._host = host
        self._port = port
        self._registry = registry
        self._health = health
        self._reporter = reporter
        self._silences = silences

    async def run(self, *, task_status: TaskStatus[str]) -> None:
        """Serve until cancelled; ``started`` gives the address as ``http://host:port``.

        Raises ConfigError when the address cannot be bound.
        """
        runner = web.AppRunner(self._application(), access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self._host, self._port)
            try:
                await site.start()
            except OSError as exc:
                address = f"{self._host}:{self._port}"
                raise ConfigError(
                    [f"telemetry.listen: cannot listen on {address}: {exc.strerror}"]
                ) from exc
            port = runner.addresses[0][1]
            host = f"[{self._host}]" if ":" in self._host else self._host
            task_status.started(f"http://{host}:{port}")
            await anyio.sleep_forever()
        finally:
            with anyio.move_on_after(5, shield=True):
                await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(
            middlewares=[_no_sniffing], client_max_size=MAX_BODY_BYTES
        )
        application.router.add_get("/", self._index)
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/api/status", self._status)
        application.router.add_get("/api/silences", self._list_silences)
        application.router.add_post("/api/silences", self._silences.add)
        application.router.add_delete("/api/silences/{id}", self._silences.expire)
        return application

    async def _index(self, _: web.Request) -> web.Response:
        return web.Response(text=_INDEX)

    async def _metrics(self, request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(
            body=encode(self._registry), headers={"Content-Type": content_type}
        )

    async def _healthz(self, _: web.Request) -> web.Response:
        problems = self._health.problems()
        if problems:
            return web.Response(status=503, text="\n".join(problems) + "\n")
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        if not self._health.ready:
            return web.Response(status=503, text="not taking messages\n")
        return web.Response(text="ok\n")

    async def _list_silences(self, request: web.Request) -> web.Response:
        if not _is_local(request):
            return web.Response(status=403, text=_LOCAL_ONLY)
        return self._silences.show()

    async def _status(self, request: web.Request) -> web.Response:
        if not _is_local(request):
            return web.Response(status=403, text=_LOCAL_ONLY)
        try:
            status = await self._reporter.status()
        except StateError as error:
            return web.Response(status=503, text=f"{error}\n")
        return web.Response(
            body=msgspec.json.encode(status),
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )


def _is_local(request: web.Request) -> bool:
    """Tell whether it comes from this machine, and not by way of a web page.

    A page can give a name of its own this machine's address (DNS rebinding), and would
    then be let read; its name is in the header Host.
    """
    name = request.url.host
    return _is_loopback(request.remote) and (name == "localhost" or _is_loopback(name))


def _is_loopback(address: str | None) -> bool:
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return found.is_loopback if mapped is None else mapped.is_loopback


@web.middleware
async def _no_sniffing(
    request: web.Request,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    response = await handler(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
