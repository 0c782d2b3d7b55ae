"""``relay silence``: asks a real daemon."""

import json
from functools import partial
from pathlib import Path

import anyio.to_thread
import pytest
from typer.testing import CliRunner, Result

from relay.cli import app
from tests.support.in_process import living, lonely_config

TOKEN = "secret"
START = "2026-11-24T13:00:00Z"
ADD = ("add", "severity=low", "--start", START, "--for", "2h", "--comment", "x\x1b[2J")


async def relay_silence(*words: str, token: str = TOKEN) -> Result:
    """Run the command beside the loop that the daemon runs in."""
    invoke = partial(
        CliRunner().invoke, app, ["silence", *words], env={"RELAY_TOKEN": token}
    )
    return await anyio.to_thread.run_sync(invoke)


async def test_silence_is_added_listed_and_expired(tmp_path: Path) -> None:
    """Through a restart of the daemon."""
    telemetry = {"listen": "127.0.0.1:0", "token": "secret"}
    config = lonely_config(tmp_path, telemetry=telemetry)
    async with living(config) as life:
        added = await relay_silence(*ADD, "--author", "me", "--url", life.url)
    async with living(config) as life:
        listed = await relay_silence("list", "--json", "--url", life.url)
        shown = await relay_silence("list", "--url", life.url)
        silence_id = added.stdout.strip()
        expired = await relay_silence("expire", silence_id, "--url", life.url)
        rest = await relay_silence("list", "--json", "--url", life.url)
        everything = await relay_silence(
            "list", "--expired", "--json", "--url", life.url
        )
        unended = await life.metric("relay_silences")

    assert added.exit_code == 0, added.output
    assert json.loads(listed.stdout) == [
        {
            "id": silence_id,
            "state": "pending",
            "matchers": ['severity="low"'],
            "starts_at": START,
            "ends_at": "2026-11-24T15:00:00Z",
            "created_by": "me",
            "comment": "x\x1b[2J",
        }
    ]
    assert "\x1b[2J" not in shown.stdout
    assert (expired.exit_code, unended) == (0, 0)
    assert json.loads(rest.stdout) == []
    assert [each["state"] for each in json.loads(everything.stdout)] == ["expired"]


async def test_daemon_says_why_it_refuses(tmp_path: Path) -> None:
    """Exit 1: no token set, a wrong matcher, an unknown id, nobody there."""
    async with living(lonely_config(tmp_path)) as life:
        without = await relay_silence(*ADD, "--url", life.url)
        telemetry = {"listen": "127.0.0.1:0", "token": "secret"}
        lonely_config(tmp_path, telemetry=telemetry)
        await life.reload()
        wrong = await relay_silence(
            "add", "severity", "--comment", "x", "--url", life.url
        )
        unknown = await relay_silence("expire", "x/y", "--url", life.url)
        token = await relay_silence(*ADD, "--url", life.url, token="guess")
    nobody = await relay_silence("list", "--url", life.url)

    results = (without, wrong, unknown, token, nobody)
    assert [each.exit_code for each in results] == [1] * 5
    assert "telemetry.token is not set" in without.stderr
    assert "expected =, !=, =~ or !~" in wrong.stderr
    assert "404" in unknown.stderr
    assert "401" in token.stderr
    assert "no answer" in nobody.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--url", "file:///x"), "is no address"),
        (("list", "--config", "/no/such/file"), "/no/such/file"),
        ((*ADD, "--start", "soon", "--url", "http://x"), "'soon' cannot be read"),
        ((*ADD, "--for", "2", "--url", "http://x"), "'2' cannot be read"),
        (("add", "--comment", "x"), "Missing argument"),
    ],
)
async def test_wrong_usage_is_2(words: tuple[str, ...], said: str) -> None:
    """Nobody is asked."""
    result = await relay_silence(*words)

    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


async def test_what_is_no_silence_is_told(tmp_path: Path) -> None:
    """Another server answers at this address."""
    async with living(lonely_config(tmp_path)) as life:
        result = await relay_silence("list", "--url", f"{life.url}/metrics?x=")

    assert result.exit_code == 1
    assert "no silences of a relay" in result.stderr
