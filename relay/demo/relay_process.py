"""The real daemon as a child process: its configuration, its start, its address."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import anyio
import yaml
from anyio.abc import Process

import relay
from relay.clock import Clock
from relay.demo.emulator import demo_environment
from relay.demo.errors import DemoError
from relay.demo.process import LOOPBACK, free_port, running, tail
from relay.demo.provision import Provisioned
from relay.demo.scenario import HOME_REGION

RULES = Path(relay.__file__).parent.parent / "config" / "rules.d"
"""The rule files of the repository; a wheel does not hold them."""
PACKS = ("cis-5.0", "console", "exposure", "trail")
"""Those of them that the demo's story is about."""

_READY_TIMEOUT_SECS = 30.0
_RETRY_SECS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """Where the demo listens for notifications."""

    webhook_url: str
    webhook_secret: str
    smtp_port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayProcess:
    """The running daemon."""

    process: Process
    url: str
    output: Path

    @property
    def metrics_url(self) -> str:
        """Where its metrics are."""
        return f"{self.url}/metrics"


def write_config(
    directory: Path,
    *,
    endpoint_url: str,
    place: Provisioned,
    receivers: Receivers,
    rules: Path = RULES,
) -> tuple[Path, int]:
    """Write relay.yaml into ``directory``; return its path and the telemetry port.

    Raises DemoError when there are no files in ``rules``.
    """
    if not any(rules.glob("*.yaml")):
        raise DemoError(
            f"no rule files in {rules}; the demo is played from a checkout of the "
            "repository, where config/rules.d stands beside the package"
        )
    secret = directory / "webhook-secret"
    secret.write_text(receivers.webhook_secret)
    port = free_port()
    smtp = {"host": LOOPBACK, "port": receivers.smtp_port}
    mail = {"to": ["oncall@example.com"], "from": "relay@example.com", "smtp": smtp}
    config = {
        "aws": {"region": HOME_REGION, "endpoint_url": endpoint_url},
        "source": {"queue_url": place.queue_url, "buckets": [place.bucket]},
        "logs": {"group": place.log_group},
        "rules": [str(rules / f"{pack}.yaml") for pack in PACKS],
        # The packs have rules of their own about the trail; the story is told by those.
        "self_watch": {"enabled": False},
        "state": {"url": f"sqlite://{directory / 'state.db'}"},
        "notify": {
            "receivers": [
                {
                    "name": "security",
                    "sns": [{"topic_arn": place.alarm_topic_arn}],
                    "webhook": [
                        {"url": receivers.webhook_url, "hmac_secret": f"file:{secret}"}
                    ],
                },
                {"name": "pager", "email": [mail]},
            ],
            "route": {
                "receiver": "security",
                "routes": [
                    {
                        "match": {"severity": "critical"},
                        "receiver": "pager",
                        "continue": True,
                    },
                    {"receiver": "security"},
                ],
            },
        },
        "telemetry": {"listen": f"{LOOPBACK}:{port}"},
    }
    path = directory / "relay.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path, port


@asynccontextmanager
async def running_relay(
    config: Path, port: int, *, environment: Mapping[str, str], clock: Clock
) -> AsyncIterator[RelayProcess]:
    """Run ``relay run`` for the length of the block; it is ready when the block begins.

    Raises DemoError, with the end of its log, when it does not become ready.
    """
    output = config.with_name("relay.log")
    command = (sys.executable, "-m", "relay", "run", "--config", str(config))
    async with running(
        command, environment=demo_environment(environment), output=output
    ) as process:
        child = RelayProcess(
            process=process, url=f"http://{LOOPBACK}:{port}", output=output
        )
        await _until_ready(child, clock)
        yield child


async def _until_ready(child: RelayProcess, clock: Clock) -> None:
    with anyio.move_on_after(_READY_TIMEOUT_SECS):
        async with aiohttp.ClientSession() as session:
            while child.process.returncode is None:
                if await _is_ready(session, child.url):
                    return
                await clock.sleep(_RETRY_SECS)
    raise DemoError(f"relay did not become ready; it said:\n{tail(child.output)}")


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/readyz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False
