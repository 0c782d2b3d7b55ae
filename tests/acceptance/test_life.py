"""Start, reload, stop, kill and start again: nothing is lost, nothing is repeated."""

import json
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import yaml

from tests.acceptance.test_alarms import ROOT_LOGIN, alarm_topic
from tests.support.fake_logs import Fault
from tests.support.relay_process import PATIENCE_SECS, running_relay
from tests.support.world import GROUP, log_key, made_world, record

STOP_LOGGING = {
    "name": "stop-logging",
    "pattern": "{ $.eventName = StopLogging }",
    "alarm": {},
}


def root_login(event_id: str) -> dict[str, object]:
    """Return a console login of the root user."""
    return record(event_id, eventName="ConsoleLogin", userIdentity={"type": "Root"})


async def test_sighup_puts_new_rules_in_force(moto: str, tmp_path: Path) -> None:
    """A rule that is added works after SIGHUP; an alarm in ALARM stays in it."""
    async with made_world(moto, tmp_path) as world:
        world.write_rules(metric_filters=[ROOT_LOGIN])
        await world.put_records(log_key("a"), [root_login("1")])
        await world.put_records(log_key("b"), [record("2", eventName="StopLogging")])
        async with running_relay(world.write_config()) as relay:
            await world.announce([log_key("a")])
            await relay.logged("alarm changed state", alarm="root-login", new="ALARM")
            world.write_rules(metric_filters=[ROOT_LOGIN, STOP_LOGGING])
            relay.signal(signal.SIGHUP)
            await relay.until("relay_config_reloads_total", 1, outcome="success")
            await world.announce([log_key("b")])
            await relay.logged("alarm changed state", alarm="stop-logging", new="ALARM")
            in_alarm = await relay.metric("relay_alarms", state="ALARM")
            ready = await relay.status("/readyz")

    assert in_alarm == 2
    assert ready == 200


async def test_sighup_with_a_broken_file_changes_nothing(
    moto: str, tmp_path: Path
) -> None:
    """The log names file and line, a gauge goes to 0, and the old rules go on."""
    async with made_world(moto, tmp_path) as world:
        world.write_rules(metric_filters=[ROOT_LOGIN])
        await world.put_records(log_key("a"), [root_login("1")])
        async with running_relay(world.write_config()) as relay:
            before = await relay.metric("relay_config_last_reload_successful")
            broken = {**ROOT_LOGIN, "pattern": "{ $.eventName == ConsoleLogin }"}
            world.write_rules(metric_filters=[broken])
            relay.signal(signal.SIGHUP)
            await relay.until("relay_config_reloads_total", 1, outcome="failure")
            after = await relay.metric("relay_config_last_reload_successful")
            await relay.logged("configuration not reloaded, the one in force stays")
            (line,) = [entry for entry in relay.log if "problems" in entry]
            await world.announce([log_key("a")])
            await relay.logged("alarm changed state", alarm="root-login", new="ALARM")

    assert (before, after) == (1, 0)
    assert "rules.d/rules.yaml:" in str(line["problems"])


async def test_reload_refuses_what_needs_a_restart(moto: str, tmp_path: Path) -> None:
    """A changed state file cannot be swapped under a running daemon; it says so."""
    async with (
        made_world(moto, tmp_path) as world,
        running_relay(world.write_config()) as relay,
    ):
        world.write_config(state={"url": f"sqlite://{tmp_path}/other.db"})
        relay.signal(signal.SIGHUP)
        await relay.logged("configuration not reloaded, the one in force stays")
        (line,) = [entry for entry in relay.log if "problems" in entry]

    assert "state.url" in str(line["problems"])
    assert "needs a restart" in str(line["problems"])


async def test_sigterm_drains_and_hands_back(moto: str, tmp_path: Path) -> None:
    """What CloudWatch Logs does not take in time is visible again at once; exit 0."""
    async with made_world(moto, tmp_path) as world:
        world.write_rules(metric_filters=[ROOT_LOGIN])
        config = world.write_config(
            source={
                "queue_url": world.queue_url,
                "buckets": ["trail-logs"],
                "drain_timeout": "500ms",
                # One at a time: no other poll is open that the message could go to.
                "max_in_flight": {"messages": 1},
            }
        )
        await world.put_records(log_key("done"), [record("1")])
        await world.put_records(log_key("stuck"), [record("2")])
        async with running_relay(config) as relay:
            await world.announce([log_key("done")])
            await relay.until("relay_messages_deleted_total", 1)
            world.logs.fail("PutLogEvents", Fault.HANG)
            await world.announce([log_key("stuck")])
            with anyio.fail_after(PATIENCE_SECS):
                await world.logs.until_hanging(1)
            status = await relay.stop()
            log = [line["event"] for line in relay.log]
        (body,) = await world.receive(world.queue_url)

    assert status == 0
    assert log[-1] == "stopped"
    assert log_key("stuck") in body


async def test_the_service_manager_is_told(moto: str, tmp_path: Path) -> None:
    """Ready, reloading, ready again and stopping, in this order; and it is fed."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.setblocking(False)
        async with (
            made_world(moto, tmp_path) as world,
            running_relay(
                world.write_config(), NOTIFY_SOCKET=address, WATCHDOG_USEC="1000000"
            ) as relay,
        ):
            relay.signal(signal.SIGHUP)
            await relay.until("relay_config_reloads_total", 1, outcome="success")
            await relay.stop()
        told = [line for text in datagrams(manager) for line in text.splitlines()]

    stages = ("READY=1", "RELOADING=1", "STOPPING=1")
    assert [each for each in told if each in stages] == [
        "READY=1",
        "RELOADING=1",
        "READY=1",
        "STOPPING=1",
    ]
    assert "WATCHDOG=1" in told


def datagrams(listener: socket.socket) -> Iterator[str]:
    """Yield what has come so far."""
    with suppress(BlockingIOError):
        while True:
            yield listener.recv(4096).decode()


async def test_kill_in_the_middle_loses_and_repeats_nothing(
    moto: str, tmp_path: Path
) -> None:
    """kill -9 between the alarm and the log events: both are there once in the end."""
    async with made_world(moto, tmp_path) as world:
        topic_arn, listener = await alarm_topic(world)
        world.write_rules(metric_filters=[ROOT_LOGIN])
        config = world.write_config(
            source={
                "queue_url": world.queue_url,
                "buckets": ["trail-logs"],
                # One at a time: the killed process leaves no poll open, which the
                # emulator would go on to serve.
                "max_in_flight": {"messages": 1},
            },
            notify={
                "receivers": [{"name": "all", "sns": [{"topic_arn": topic_arn}]}],
                "route": {"receiver": "all"},
            },
        )
        await world.put_records(log_key("a"), [root_login("1"), record("2")])
        world.logs.fail("PutLogEvents", Fault.HANG)
        async with running_relay(config) as relay:
            await world.announce([log_key("a")])
            (told,) = await world.receive(listener)
            with anyio.fail_after(PATIENCE_SECS):
                await world.logs.until_hanging(1)
            await relay.stop(signal.SIGKILL)
        lost = world.messages(GROUP)
        async with running_relay(config) as relay:
            in_alarm = await relay.metric("relay_alarms", state="ALARM")
            # As SQS does when the visibility timeout of the killed one is over.
            await world.announce([log_key("a")])
            await relay.until("relay_records_total", 2, outcome="relayed")
            sent = await relay.metric("relay_notifications_total", outcome="sent")
            pending = await relay.metric("relay_outbox_pending")
        arrived = sorted(json.loads(each)["eventID"] for each in world.messages(GROUP))

    assert json.loads(told)["NewStateValue"] == "ALARM"
    assert lost == []
    assert in_alarm == 1
    assert arrived == ["1", "2"]
    assert (sent, pending) == (0, 0)


async def test_object_that_is_done_is_a_duplicate_after_a_restart(
    moto: str, tmp_path: Path
) -> None:
    """The mark outlives the process: neither log events nor alarms come twice."""
    async with made_world(moto, tmp_path) as world:
        config = world.write_config()
        await world.put_records(log_key("a"), [record("1"), record("2")])
        async with running_relay(config) as relay:
            await world.announce([log_key("a")])
            await relay.until("relay_messages_deleted_total", 1)
            await relay.stop()
        # The emulator goes on to serve the polls of the process that is gone.
        await world.use_new_queue()
        async with running_relay(world.write_config()) as relay:
            await world.announce([log_key("a")])
            await relay.until("relay_messages_deleted_total", 1)
            duplicates = await relay.metric(
                "relay_records_total", outcome="duplicate", account="111122223333"
            )
            received = await relay.metric("relay_records_received_total")

    assert len(world.messages(GROUP)) == 2
    assert (duplicates, received) == (2, 2)


async def test_bad_configuration_ends_with_every_problem(tmp_path: Path) -> None:
    """``relay run`` on a broken file: exit 2, one line a problem, nothing started."""
    path = tmp_path / "relay.yaml"
    path.write_text(
        yaml.safe_dump(
            {"source": {"queue_url": "nonsense", "buckets": []}, "logs": {"grup": "x"}}
        )
    )
    with anyio.fail_after(PATIENCE_SECS):
        done = await anyio.run_process(
            [sys.executable, "-m", "relay", "run", "--config", str(path)], check=False
        )

    lines = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert len(lines) >= 3
    assert all(line.startswith(f"{path}:") for line in lines)
