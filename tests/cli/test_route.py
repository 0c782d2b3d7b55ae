"""``relay route test``: who would be told, why, and when not."""

import json
from functools import partial
from pathlib import Path

import anyio.to_thread
import pytest
from typer.testing import CliRunner, Result

from relay.cli import app
from tests.support.in_process import living, lonely_config

ROUTES = """\
notify:
  receivers: [{name: all, webhook: [{url: "${NOT_HERE}"}]}, {name: pager}]
  route:
    receiver: all
    repeat_interval: 0s
    routes:
      - {matchers: [severity=critical], receiver: pager, continue: true,
         send_resolved: false, repeat_interval: 1h}
      - {match: {severity: critical}, mute_time_intervals: [night],
         routes: [{matchers: ['account=~"1.*"']}]}
  time_intervals:
    - name: night
      time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]
"""
NIGHT, DAY = "2026-11-24T03:00:00Z", "2026-11-24T12:00:00Z"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return a configuration whose secrets are not there."""
    path = tmp_path / "relay.yaml"
    path.write_text(ROUTES)
    return path


def tried(config: Path, *words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, ["route", "test", *words, "--config", str(config)])


def test_receivers_are_shown_with_the_way_to_them(config: Path) -> None:
    """And how they are told; secrets of receivers need not be there."""
    result = tried(config, "severity=critical", "account=12", "--at", NIGHT)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "pager",
        '  by notify.route.routes[0]: severity="critical"',
        "  repeated every 1h, not told of the end",
        "all",
        '  by notify.route.routes[1].routes[0]: severity="critical", account=~"1.*"',
        "  never repeated, told of the end",
    ]


def test_mute_times_are_shown(config: Path) -> None:
    """At the time that is asked for."""
    night = tried(config, "severity=critical", "--at", NIGHT)
    day = tried(config, "severity=critical", "--at", DAY)

    assert "  mute (interval), at least until 2026-11-24T06:00:00Z" in night.stdout
    assert "mute" not in day.stdout
    assert (night.exit_code, day.exit_code) == (0, 0)


def test_whatever_no_route_takes_is_the_roots(config: Path) -> None:
    """Now, when no time is given."""
    result = tried(config, "team=iam")

    assert result.stdout.splitlines()[:2] == ["all", "  by notify.route: everything"]


def test_programs_get_json(config: Path) -> None:
    """One object a receiver."""
    result = tried(config, "severity=critical", "--at", NIGHT, "--json")

    first, second = json.loads(result.stdout)
    assert first == {
        "receiver": "pager",
        "option": "notify.route.routes[0]",
        "matchers": ['severity="critical"'],
        "repeat_interval": "1h",
        "send_resolved": False,
        "mute": None,
        "until": None,
    }
    assert (second["mute"], second["until"]) == ("interval", "2026-11-24T06:00:00Z")


def test_nobody_is_1(config: Path) -> None:
    """All are mute, or there is no route at all."""
    text = config.read_text().replace("receiver: pager, ", "")
    config.write_text(text.replace("{matchers: [severity=critical]", "{match: {x: y}"))
    mute = tried(config, "severity=critical", "--at", NIGHT)
    config.write_text("notify: {}\n")
    none = tried(config, "severity=critical")

    assert (mute.exit_code, none.exit_code) == (1, 1)
    assert "nobody would be told now" in none.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("severity",), "'severity' is no label"),
        (("=x",), "'=x' is no label"),
        (("a=b", "--at", "soon"), "'soon' is no time"),
        (("a=b", "--url", "file:///x"), "is no address"),
    ],
)
def test_wrong_usage_is_2(config: Path, words: tuple[str, ...], said: str) -> None:
    """With what is wrong."""
    result = tried(config, *words)

    assert result.exit_code == 2
    assert said in " ".join(result.output.replace("│", " ").split())


def test_a_broken_tree_is_2(config: Path) -> None:
    """With file, line and option."""
    config.write_text(ROUTES.replace("[night]", "[nigth]"))

    result = tried(config, "a=b")

    assert result.exit_code == 2
    assert "mute_time_intervals[0]: 'nigth' names no time intervals" in result.stderr


async def test_silences_of_a_daemon_count(config: Path, tmp_path: Path) -> None:
    """Of the time that is asked for; without the daemon there is no answer."""
    (tmp_path / "daemon").mkdir()
    telemetry = {"listen": "127.0.0.1:0", "token": "secret"}
    daemon = lonely_config(tmp_path / "daemon", telemetry=telemetry)
    add = ["silence", "add", "severity=low", "--comment", "x", "--for", "1h"]
    add += ["--start", "2026-11-24T13:00:00Z"]

    async with living(daemon) as life:
        invoke = partial(CliRunner().invoke, app, env={"RELAY_TOKEN": "secret"})
        await anyio.to_thread.run_sync(invoke, [*add, "--url", life.url])
        ask = partial(tried, config, "severity=low", "--url", life.url, "--at")
        during = await anyio.to_thread.run_sync(ask, "2026-11-24T13:30:00Z")
        after = await anyio.to_thread.run_sync(ask, "2026-11-24T14:00:00Z")
    nobody = tried(config, "severity=low", "--url", life.url)

    assert during.exit_code == 1
    assert "mute (silence), at least until 2026-11-24T14:00:00Z" in during.stdout
    assert (after.exit_code, nobody.exit_code) == (0, 1)
    assert "no answer" in nobody.stderr
