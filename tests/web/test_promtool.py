"""Prometheus's own linter has nothing to say about the daemon's /metrics."""

import shutil
import subprocess
from pathlib import Path

import aiohttp
import pytest

from tests.acceptance.test_alarms import ROOT_LOGIN
from tests.support.relay_process import running_relay
from tests.support.world import log_key, made_world, record


async def test_promtool_finds_nothing(moto: str, tmp_path: Path) -> None:
    """``promtool check metrics`` accepts the page of a daemon that has worked."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    async with made_world(moto, tmp_path) as world:
        world.write_rules(metric_filters=[ROOT_LOGIN])
        direct = await world.queue("direct")
        config = world.write_config(
            notify={
                "receivers": [{"name": "all", "sqs": [{"queue_url": direct}]}],
                "route": {"receiver": "all"},
            }
        )
        login = record("1", eventName="ConsoleLogin", userIdentity={"type": "Root"})
        await world.put_records(log_key("a"), [login])
        async with running_relay(config) as relay, aiohttp.ClientSession() as http:
            # One object that is not there, for the series of errors.
            await world.announce([log_key("a"), log_key("gone")])
            await relay.until("relay_notifications_total", 1, outcome="sent")
            await relay.until("relay_records_total", 1, outcome="relayed")
            async with http.get(f"{relay.url}/metrics") as response:
                page = await response.read()
        checked = subprocess.run(
            [promtool, "check", "metrics"],
            input=page,
            capture_output=True,
            check=False,
            timeout=60,
        )

    assert b"\nrelay_notifications_total{" in page
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")
