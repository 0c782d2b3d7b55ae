"""Alertmanager: labels, when alerts end, and a real one that shows them."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from relay.clock import SystemClock
from relay.model import AlarmState
from relay.notify.receivers.alertmanager import alert_labels, label_name
from tests.notify.examples import bundle, notification
from tests.notify.receivers.http_targets import sender_at, sender_of
from tests.support.clock import FakeClock
from tests.support.webhook import running_webhook

FOUND = {name: shutil.which(name) for name in ("prometheus-alertmanager", "amtool")}
CONFIG = """
route: {receiver: nobody}
receivers: [{name: nobody}]
"""


async def test_an_alarm_becomes_an_alert() -> None:
    """That ends by itself in a day, unless it is repeated."""
    async with (
        running_webhook() as hook,
        sender_at("alertmanager", hook.origin) as sender,
    ):
        await sender.send(bundle())

    (alert,) = json.loads(hook.posted[0].body)
    assert hook.posted[0].path == "/api/v2/alerts"
    assert alert["labels"] == {
        "alarm": "console-login-failures",
        "alertname": "console-login-failures",
        "severity": "high",
        "userIdentity_userName": "alice",
    }
    assert alert["startsAt"] == "2026-09-14T11:18:44Z"
    assert alert["endsAt"] == "2026-09-22T14:13:20Z"
    assert alert["annotations"]["who"] == "user alice"
    assert alert["annotations"]["runbook_url"] == "https://wiki.example.com/cis-4-6"
    assert alert["generatorURL"].startswith("https://")


async def test_the_end_has_the_labels_of_the_beginning() -> None:
    """And ends when the alarm did."""
    end = bundle(state=AlarmState.OK, evidence=(), total=0, runbook_url=None)
    async with (
        running_webhook() as hook,
        sender_at("alertmanager", hook.origin) as sender,
    ):
        await sender.send(end)

    (alert,) = json.loads(hook.posted[0].body)
    assert alert["labels"] == alert_labels(notification())
    assert alert["endsAt"] == "2026-09-14T11:18:44Z"
    assert "startsAt" not in alert
    assert "runbook_url" not in alert["annotations"]


async def test_a_bundle_is_one_request() -> None:
    """With one alert for each alarm group."""
    two = replace(
        bundle(), notifications=(notification(), notification(group={"$.a": "b"}))
    )
    async with (
        running_webhook() as hook,
        sender_at("alertmanager", hook.origin) as sender,
    ):
        await sender.send(two)

    assert [len(json.loads(each.body)) for each in hook.posted] == [2]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("$.userIdentity.userName", "userIdentity_userName"),
        ("$.requestParameters.tags[0].value", "requestParameters_tags_0_value"),
        ("$.1st", "_1st"),
        ("$", "_"),
        ("$.a-b", "a_b"),
    ],
)
def test_a_selector_becomes_a_labels_name(selector: str, expected: str) -> None:
    """Letters, digits and underscores; no digit first."""
    assert label_name(selector) == expected


def test_no_label_is_empty_or_broken() -> None:
    """Alertmanager refuses the whole request for one."""
    labels = alert_labels(
        notification(severity=None, labels={"team": ""}, group={"$.a": "x\ud800"})
    )

    assert labels == {"a": "x?", "alertname": "console-login-failures"}


@contextmanager
def running_alertmanager(folder: Path) -> Iterator[str]:
    """Run a real one on a free port; give its origin."""
    (folder / "config.yml").write_text(CONFIG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        str(FOUND["prometheus-alertmanager"]),
        f"--config.file={folder / 'config.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            lines: list[str] = []
            for line in process.stderr:
                lines.append(line)
                if "Listening on" in line:
                    break
            else:
                pytest.fail("".join(lines))
            yield f"http://{address}"
        finally:
            process.terminate()
            process.stderr.read()


def shown_alerts(origin: str) -> list[dict[str, Any]]:
    """Return what amtool shows."""
    done = subprocess.run(
        [
            str(FOUND["amtool"]),
            f"--alertmanager.url={origin}",
            "--output=json",
            "alert",
            "query",
        ],
        check=True,
        capture_output=True,
        timeout=20,
    )
    alerts: list[dict[str, Any]] = json.loads(done.stdout)
    return alerts


@pytest.mark.skipif(
    None in FOUND.values(), reason="Debian's prometheus-alertmanager is not installed"
)
async def test_a_real_alertmanager_shows_and_resolves_it(tmp_path: Path) -> None:
    """amtool lists the alarm with its labels, and no longer when it is over."""
    clock = SystemClock()
    at = clock.now() - 60
    with running_alertmanager(tmp_path) as origin:
        async with sender_of(
            {"alertmanager": [{"url": origin}]}, clock=FakeClock(clock.now())
        ) as sender:
            answer = await sender.send(bundle(at=at))
            shown = shown_alerts(origin)
            await sender.send(bundle(at=at + 30, state=AlarmState.OK, evidence=()))
            left = shown_alerts(origin)

    assert answer == "200"
    assert [each["labels"] for each in shown] == [dict(alert_labels(notification()))]
    assert shown[0]["annotations"]["who"] == "user alice"
    assert left == []
