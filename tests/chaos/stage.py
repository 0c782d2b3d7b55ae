"""What a campaign plays on: the account, the proxy, and the one daemon that works.

Every end of a life is written down here: which files were announced and not yet marked
as relayed. Only their events may be in CloudWatch Logs twice.
"""

import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import anyio
import yaml
from anyio.abc import TaskGroup

from tests.chaos.books import mark_of, relayed
from tests.chaos.cloud import REGION, Cloud, logs_service, made_cloud
from tests.chaos.daemon import Life, begin
from tests.chaos.listener import Listener, listening
from tests.chaos.logs_service import GROUP
from tests.chaos.material import BUCKET, RULES, Trail
from tests.chaos.proxy import VISIBILITY_TIMEOUT_SECS, Proxy
from tests.chaos.wire import Service

STATE = "state.db"


class Stage:
    """The parts, and what injectors do with them."""

    def __init__(
        self,
        *,
        folder: Path,
        trail: Trail,
        cloud: Cloud,
        proxy: Proxy,
        listener: Listener,
        tasks: TaskGroup,
    ) -> None:
        self.folder = folder
        self.trail = trail
        self.cloud = cloud
        self.proxy = proxy
        self.listener = listener
        self.unsettled: Counter[str] = Counter()
        self.surprises: list[str] = []
        self.environment: dict[str, str] = {}
        """Of every life that begins from now on."""
        self._tasks = tasks
        self._life: Life | None = None

    @property
    def state(self) -> Path:
        """The state file, in a folder of its own that can be made read-only."""
        return self.folder / "state" / STATE

    @property
    def life(self) -> Life:
        """The daemon that is at work, or was last."""
        assert self._life is not None
        return self._life

    async def begin(self, *, failpoints: str = "", wrapper: Sequence[str] = ()) -> Life:
        """Start the daemon; it is not waited for."""
        self._life = await begin(
            self._tasks,
            self.folder / "relay.yaml",
            failpoints=failpoints,
            environment=self.environment,
            wrapper=wrapper,
        )
        return self._life

    async def begin_ready(self) -> Life:
        """Start the daemon and wait until it takes messages."""
        life = await self.begin()
        if not await life.is_ready():
            self.surprise(f"did not start: {list(life.log)[-3:]}")
        return life

    async def begin_beside(self) -> Life:
        """Start a second daemon on the same state file."""
        return await begin(
            self._tasks, self.folder / "relay.yaml", environment=self.environment
        )

    async def kill(self) -> None:
        """Kill the daemon and note what it leaves unfinished."""
        await self.life.kill()
        await self.over(-signal.SIGKILL)

    async def stop(self) -> None:
        """Stop the daemon as an operator does."""
        self.life.signal(signal.SIGTERM)
        await self.life.ended()
        await self.over(0)

    async def over(self, *wanted: int) -> None:
        """Note that the life has ended, and that what it held comes again."""
        if self.life.status not in wanted:
            said = "\n".join(list(self.life.log)[-12:])
            self.surprise(f"ended with {self.life.status} instead of {wanted}: {said}")
            await self.life.kill()
        done = relayed(self.state)
        for key, file in self.trail.expected.files.items():
            if mark_of(key) not in done:
                self.unsettled.update(file.event_ids)
        await self.proxy.show_all()

    def surprise(self, what: str) -> None:
        """Note what no fault asked for."""
        self.surprises.append(what)

    def write_config(self, **changes: object) -> None:
        """Write relay.yaml and the rules; ``changes`` replace whole sections."""
        addresses, url = self.cloud.addresses, self.listener.url
        config: dict[str, object] = {
            "aws": {"region": REGION, "endpoint_url": url},
            "source": source_section(addresses.queue_url),
            "logs": {"group": GROUP},
            "rules": ["rules.yaml"],
            # Our own counts are compared with the books, and no others.
            "self_watch": {"enabled": False},
            "state": {"url": f"sqlite://{self.state}"},
            "notify": {
                "receivers": [
                    {
                        "name": "everybody",
                        "sns": [{"topic_arn": addresses.topic_arn}],
                        "sqs": [{"queue_url": addresses.listeners["by-queue"]}],
                    }
                ],
                "route": {"receiver": "everybody"},
            },
            "telemetry": {"listen": "127.0.0.1:0", "log": {"level": "info"}},
        }
        (self.folder / "rules.yaml").write_text(yaml.safe_dump(RULES))
        (self.folder / "relay.yaml").write_text(yaml.safe_dump(config | changes))


def source_section(queue_url: str, **changes: object) -> Mapping[str, object]:
    """Return the section ``source``."""
    return {
        "queue_url": queue_url,
        "buckets": [BUCKET],
        "visibility_timeout": f"{VISIBILITY_TIMEOUT_SECS}s",
        "drain_timeout": "2s",
        **changes,
    }


@asynccontextmanager
async def set_stage(
    *, moto_url: str, folder: Path, trail: Trail, seed: object
) -> AsyncIterator[tuple[Stage, aiohttp.ClientSession, str]]:
    """Build everything but the daemon; it is ended with the block.

    Gives the stage, a client, and the address of CloudWatch Logs past the proxy.
    """
    async with (
        made_cloud(moto_url) as cloud,
        logs_service() as logs_url,
        aiohttp.ClientSession(
            auto_decompress=False, connector=aiohttp.TCPConnector(limit=0)
        ) as upstream,
        aiohttp.ClientSession() as http,
    ):
        proxy = Proxy(
            upstreams={
                Service.S3: moto_url,
                Service.SQS: moto_url,
                Service.SNS: moto_url,
                Service.LOGS: logs_url,
            },
            http=upstream,
            show=cloud.show,
            seed=seed,
        )
        async with listening(proxy) as listener, anyio.create_task_group() as tasks:
            stage = Stage(
                folder=folder,
                trail=trail,
                cloud=cloud,
                proxy=proxy,
                listener=listener,
                tasks=tasks,
            )
            stage.write_config()
            yield stage, http, logs_url
            tasks.cancel_scope.cancel()
