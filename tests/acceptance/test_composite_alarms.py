"""Composite alarms and mute rules in the daemon, from its start on and over reloads."""

import json
from pathlib import Path

import anyio

from tests.support.in_process import PATIENCE_SECS, DaemonClock, Life, living
from tests.support.in_process import lonely_config as written_config
from tests.support.webhook import Webhook, running_webhook

ALWAYS = {"name": "always", "rule": "TRUE", "runbook": "Nothing to do."}
ABOUT = {"name": "about", "rule": "ALARM(always)"}
MUTED = {
    "name": "lunch",
    "alarms": ["about"],
    "schedule": "at(2026-11-24T12:00)",
    "duration": "1h",
}


def configured(folder: Path, hook: Webhook, **rules: object) -> Path:
    """Write a configuration that tells ``hook``, with one rule file."""
    (folder / "rules.yaml").write_text(json.dumps(rules))
    notify = {
        "receivers": [{"name": "all", "webhook": [{"url": hook.origin}]}],
        "route": {"receiver": "all"},
    }
    return written_config(folder, rules=["rules.yaml"], notify=notify)


async def told(life: Life, hook: Webhook, times: int) -> list[tuple[str, bool]]:
    """Wait until so many were told; return of which alarms, and whether late."""
    with anyio.fail_after(PATIENCE_SECS):
        await life.until("relay_notifications_total", times, outcome="sent")
    bodies = [json.loads(each.body) for each in hook.posted]
    return sorted(
        (body["alarm"], body["cloudwatch"]["ActionExecutedAfterMuteWindow"])
        for body in bodies
    )


async def test_a_muted_composite_alarm_is_told_when_it_may(tmp_path: Path) -> None:
    """At the window's end, though no message has come and the queue cannot be read."""
    clock = DaemonClock()
    async with running_webhook() as hook:
        rules = {"composite_alarms": [ALWAYS, ABOUT], "mute_rules": [MUTED]}
        async with living(configured(tmp_path, hook, **rules), clock) as life:
            first = await told(life, hook, 1)
            states = await life.metric("relay_alarms", state="ALARM")
        async with living(tmp_path / "relay.yaml", clock) as life:
            still = list(hook.posted)
            await anyio.wait_all_tasks_blocked()
            clock.advance(3_600)
            second = await told(life, hook, 1)
    body = json.loads(hook.posted[0].body)

    assert (first, states) == ([("always", False)], 2)
    assert len(still) == 1
    assert second == [("about", True), ("always", False)]
    assert body["cloudwatch"]["AlarmRule"] == "TRUE"
    assert body["cloudwatch"]["NewStateReason"] == (
        "arn:aws:cloudwatch:eu-west-1:000000000000:alarm:always"
        " was created and its alarm rule evaluates to ALARM"
    )


async def test_a_reload_ends_a_mute_rule(tmp_path: Path) -> None:
    """What waited is told; what was told is not told again."""
    async with running_webhook() as hook:
        rules = {"composite_alarms": [ALWAYS, ABOUT], "mute_rules": [MUTED]}
        config = configured(tmp_path, hook, **rules)
        async with living(config, DaemonClock()) as life:
            await told(life, hook, 1)
            configured(tmp_path, hook, composite_alarms=[ALWAYS, ABOUT])
            await life.reload()
            found = await told(life, hook, 2)

    assert found == [("about", True), ("always", False)]
