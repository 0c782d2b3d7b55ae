"""``relay status``: asks a real daemon, and its exit status says how that is."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from typer.testing import CliRunner, Result

from relay.cli import app
from relay.web.health import QUIET_SECS
from tests.support.fake_logs import Fault
from tests.support.in_process import DaemonClock, Life, living, lonely_config
from tests.support.world import World, log_key, made_world, record

ROOT_LOGIN = {
    "name": "root-login",
    "pattern": '{ $.userIdentity.type = "Root" }',
    "alarm": {"period": "24h", "group_by": ["$.userIdentity.arn"]},
}


async def relay_status(*words: str) -> Result:
    """Run the command beside the loop that the daemon runs in."""
    invoke = partial(CliRunner().invoke, app, ["status", *words])
    return await anyio.to_thread.run_sync(invoke)


@asynccontextmanager
async def relaying(world: World) -> AsyncIterator[Life]:
    """Run a daemon that has relayed two objects: one event id is in both."""
    world.write_rules(metric_filters=[ROOT_LOGIN])
    root = {"type": "Root", "arn": "arn:aws:iam::111122223333:root"}
    await world.put_records(log_key("a"), [record("1", userIdentity=root), record("2")])
    await world.put_records(log_key("b"), [record("2"), record("3")])
    async with living(world.write_config()) as life:
        for number, name in enumerate("ab", start=1):
            await world.announce([log_key(name)])
            await life.until("relay_messages_deleted_total", number)
        yield life


async def test_healthy_daemon_is_0_and_shows_everything(
    moto: str, tmp_path: Path
) -> None:
    """The ledger with the repeated record, and the alarm with its group."""
    async with made_world(moto, tmp_path) as world, relaying(world) as life:
        result = await relay_status("--url", life.url)

    assert result.exit_code == 0
    assert re.search(r"^healthy: relay .*, process \d+$", result.stdout, re.MULTILINE)
    assert re.search(
        r"^111122223333  eu-west-1 +4 +4 +yes +1$", result.stdout, re.MULTILINE
    )
    assert "root-login" in result.stdout


async def test_programs_get_one_object(moto: str, tmp_path: Path) -> None:
    """With --json the whole document, as the daemon gave it."""
    async with made_world(moto, tmp_path) as world, relaying(world) as life:
        result = await relay_status("--url", life.url, "--json")

    document = json.loads(result.stdout)
    assert (result.exit_code, document["healthy"]) == (0, True)
    assert document["config"]["metric_filters"] == 1
    assert document["ledger"] == [
        {
            "account": "111122223333",
            "region": "eu-west-1",
            "received": 4,
            "relayed": 4,
            "dropped": 0,
            "lost": {},
            "duplicate": 0,
            "rejected": {},
            "quarantined": {},
            "in_flight": 0,
            "repeated": 1,
            "balances": True,
        }
    ]
    assert [(alarm["alarm"], alarm["group"]) for alarm in document["in_alarm"]] == [
        ("root-login", {"$.userIdentity.arn": "arn:aws:iam::111122223333:root"})
    ]


async def test_what_is_in_flight_is_shown_and_balances(
    moto: str, tmp_path: Path
) -> None:
    """Counted, and CloudWatch Logs does not take it: the ledger knows where it is."""
    async with made_world(moto, tmp_path) as world:
        await world.put_records(log_key("a"), [record("1"), record("2")])
        async with living(world.write_config()) as life:
            world.logs.fail("PutLogEvents", Fault.HANG)
            await world.announce([log_key("a")])
            await world.logs.until_hanging(1)
            result = await relay_status("--url", life.url, "--json")
            world.logs.heal()

    document = json.loads(result.stdout)
    (row,) = document["ledger"]
    assert (row["received"], row["in_flight"], row["balances"]) == (2, 2, True)
    assert document["source"]["in_flight"] == 1


async def test_daemon_without_progress_is_1(tmp_path: Path) -> None:
    """The table is shown all the same, with what is wrong."""
    clock = DaemonClock()
    async with living(lonely_config(tmp_path), clock) as life:
        clock.advance(QUIET_SECS + 1)
        result = await relay_status("--url", life.url)

    assert result.exit_code == 1
    assert "not healthy" in result.stdout
    assert "no answer from the queue" in result.stdout


async def test_last_reload_is_shown(tmp_path: Path) -> None:
    """What was wrong with it, for whoever was not there to read the log."""
    async with living(lonely_config(tmp_path)) as life:
        lonely_config(tmp_path, logs={"grup": "/x"})
        await life.reload("failure")
        refused = await relay_status("--url", life.url)
        lonely_config(tmp_path)
        await life.reload()
        successful = await relay_status("--url", life.url)

    assert "refused, the configuration before it stays" in refused.stdout
    assert "logs.grup" in refused.stdout
    assert ", successful" in successful.stdout


async def test_address_is_the_configurations(tmp_path: Path) -> None:
    """Without --url it is looked up where the daemon has it from."""
    async with living(lonely_config(tmp_path)) as life:
        where = {"listen": life.url.removeprefix("http://")}
        path = lonely_config(tmp_path, telemetry=where)
        result = await relay_status("--config", str(path), "--json")

    assert json.loads(result.stdout)["config"]["path"] == str(path)


async def test_no_daemon_is_1(tmp_path: Path) -> None:
    """One line, no traceback."""
    result = await relay_status("--url", "http://127.0.0.1:9")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "http://127.0.0.1:9/api/status: no answer" in result.stderr


async def test_unusable_configuration_is_2(tmp_path: Path) -> None:
    """The file and the option, as relay check says it."""
    path = tmp_path / "relay.yaml"
    path.write_text("telemetry: {listen: nowhere}")
    result = await relay_status("--config", str(path))

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{path}:1: telemetry.listen" in result.stderr


@pytest.mark.parametrize("url", ["nowhere", "file:///etc"])
async def test_no_address_is_2(url: str) -> None:
    """Wrong usage."""
    result = await relay_status("--url", url)

    assert result.exit_code == 2
    assert "--url" in result.stderr
