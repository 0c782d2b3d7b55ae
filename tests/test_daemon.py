"""relay.daemon: starts in the order of dependence, ends in order, and says why."""

import json
import socket
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import anyio
import pytest

from relay.config.http_targets import WebhookTarget
from relay.daemon import MARKS_KEPT_SECS, PRUNE_EVERY_SECS, run
from relay.errors import ConfigError, StateError
from relay.intents import Intents
from relay.model import OutboxEntry
from relay.notify.targets import webhook_key
from relay.state.sqlite import open_sqlite
from relay.state.store import Commit, ObjectMark
from tests.notify.examples import entry
from tests.support.fake_logs import Fault
from tests.support.in_process import (
    NOW,
    PATIENCE_SECS,
    DaemonClock,
    living,
    lonely_config,
    watched_log,
)
from tests.support.webhook import running_webhook
from tests.support.world import BUCKET, World, log_key, made_world, record

ROOT_LOGIN = {
    "name": "root-login",
    "pattern": '{ $.userIdentity.type = "Root" }',
    "alarm": {"period": "24h"},
}


def root_login(event_id: str) -> dict[str, object]:
    """Return a record that raises the alarm."""
    return record(event_id, userIdentity={"type": "Root"})


def telling(url: str, **route: object) -> dict[str, object]:
    """Return a section ``notify`` that tells a webhook of everything."""
    return {
        "receivers": [{"name": "all", "webhook": [{"url": url}]}],
        "route": {"receiver": "all", **route},
    }


def entry_for(url: str) -> OutboxEntry:
    """Return an entry of the outbox for the webhook at ``url``."""
    target = webhook_key(WebhookTarget.model_validate({"url": url}))
    return entry(receiver="all", target=target, created_at=NOW - 60)


def source(world: World, **options: object) -> Mapping[str, object]:
    """Return a section ``source``; one message at a time leaves no poll open."""
    return {
        "queue_url": world.queue_url,
        "buckets": [BUCKET],
        "max_in_flight": {"messages": 1},
        **options,
    }


# --- a life ---------------------------------------------------------------------------


async def test_daemon_relays_from_start_to_stop(moto: str, tmp_path: Path) -> None:
    """Ready once messages are taken; at the end all is durable and the log says so."""
    async with made_world(moto, tmp_path) as world:
        await world.put_records(log_key("a"), [record("1")])
        config = world.write_config()
        async with living(config) as life:
            statuses = [await life.status(path) for path in ("/healthz", "/readyz")]
            await world.announce([log_key("a")])
            await life.until("relay_messages_deleted_total", 1)
        async with open_sqlite(tmp_path / "state.db") as store:
            marks = await store.marks([(BUCKET, log_key("a"))])

    assert statuses == [200, 200]
    assert [json.loads(each)["eventID"] for each in world.messages()] == ["1"]
    assert [mark.relayed for mark in marks[BUCKET, log_key("a")]] == [True]
    assert [
        line["event"]
        for line in life.log.lines
        if line["stage"] in ("daemon", "reload")
    ] == [
        "starting",
        "configuration in force",
        "ready",
        "stopping",
        "stopped",
    ]


async def test_alarm_is_the_same_one_in_the_next_life(
    moto: str, tmp_path: Path
) -> None:
    """It is told once; the life after knows that it is in ALARM."""
    async with made_world(moto, tmp_path) as world, running_webhook() as hook:
        world.write_rules(metric_filters=[ROOT_LOGIN])
        await world.put_records(log_key("a"), [root_login("1")])
        config = world.write_config(notify=telling(hook.origin))
        async with living(config) as life:
            await world.announce([log_key("a")])
            await life.until("relay_notifications_total", 1, outcome="sent")
        async with living(config) as life:
            in_alarm = await life.metric("relay_alarms", state="ALARM")

    assert in_alarm == 1
    assert len(hook.posted) == 1


async def test_stop_sends_what_was_just_decided(moto: str, tmp_path: Path) -> None:
    """A notification is not left for the next life when its target can be reached."""
    async with made_world(moto, tmp_path) as world:
        world.write_rules(metric_filters=[ROOT_LOGIN])
        told = await world.queue("told")
        await world.put_records(log_key("a"), [root_login("1")])
        config = world.write_config(
            notify={
                "receivers": [{"name": "all", "sqs": [{"queue_url": told}]}],
                "route": {"receiver": "all"},
            }
        )
        async with living(config) as life:
            await world.announce([log_key("a")])
            await life.log.until("alarm changed state", new="ALARM")
            life.intents.request_stop()
            await life.log.until("stopped")
        (message,) = await world.receive(told)
        async with open_sqlite(tmp_path / "state.db") as store:
            left = await store.outbox()

    assert json.loads(message)["NewStateValue"] == "ALARM"
    assert left == []
    assert life.log.of("sending failed, will retry") == []


async def test_stop_is_not_ready_and_hands_back(moto: str, tmp_path: Path) -> None:
    """While it drains it takes no messages; what is not done in time comes again."""
    clock = DaemonClock()
    async with made_world(moto, tmp_path) as world:
        await world.put_records(log_key("a"), [record("1")])
        config = world.write_config(source=source(world, drain_timeout="30s"))
        async with living(config, clock) as life:
            world.logs.fail("PutLogEvents", Fault.HANG)
            await world.announce([log_key("a")])
            with anyio.fail_after(PATIENCE_SECS):
                await world.logs.until_hanging(1)
            life.intents.request_stop()
            await life.log.until("stopping")
            ready = await life.status("/readyz")
            await anyio.wait_all_tasks_blocked()
            clock.advance(30)
            await life.log.until("drain timed out")
        (body,) = await world.receive(world.queue_url)

    assert ready == 503
    assert [line["in_flight"] for line in life.log.of("stopping")] == [1]
    assert log_key("a") in body


# --- what cannot start or go on -------------------------------------------------------


async def test_unusable_configuration_is_a_config_error(tmp_path: Path) -> None:
    """With every problem, before anything is started."""
    path = tmp_path / "relay.yaml"
    path.write_text("source: {queue_url: nonsense, buckets: []}\n")
    intents = Intents()
    with pytest.raises(ConfigError) as raised:
        await run(path, intents)

    assert len(raised.value.problems) >= 3


async def test_taken_address_is_a_config_error_itself(tmp_path: Path) -> None:
    """Not in a group, however deep it was raised: the command line shows its text."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        config = lonely_config(tmp_path, telemetry={"listen": address})
        with watched_log(), pytest.raises(ConfigError, match=address):
            await run(config, Intents())


async def test_unknown_profile_is_a_config_error_itself(tmp_path: Path) -> None:
    """Also what is found only when the generation is built."""
    config = lonely_config(tmp_path, aws={"region": "eu-west-1", "profile": "nobodys"})
    with watched_log(), pytest.raises(ConfigError, match="nobodys"):
        await run(config, Intents())


async def test_state_of_another_daemon_is_a_state_error(tmp_path: Path) -> None:
    """Two on one file would each see half."""
    config = lonely_config(tmp_path)
    async with open_sqlite(tmp_path / "state.db"):
        with watched_log(), pytest.raises(StateError, match="in use"):
            await run(config, Intents())


async def test_broken_state_ends_the_daemon_by_itself(
    moto: str, tmp_path: Path
) -> None:
    """StateError comes out bare, and no message was acknowledged."""
    async with made_world(moto, tmp_path) as world:
        await world.put_records(log_key("a"), [record("1")])
        config = world.write_config(source=source(world))
        with watched_log() as log:
            async with anyio.create_task_group() as tg:

                async def live(*, task_status: anyio.abc.TaskStatus[str]) -> None:
                    with pytest.raises(StateError, match="no such table"):
                        await run(config, Intents(), task_status=task_status)

                await tg.start(live)
                with sqlite3.connect(tmp_path / "state.db") as other:
                    other.execute("DROP TABLE objects")
                await world.announce([log_key("a")])
        (body,) = await world.receive(world.queue_url)

    assert "stopped" not in log.events
    assert log_key("a") in body


async def test_foreign_error_keeps_its_group(tmp_path: Path) -> None:
    """A bug is shown with all that is known of it."""

    class Broken(DaemonClock):
        async def sleep(self, secs: float) -> None:
            if secs == PRUNE_EVERY_SECS:
                raise ValueError("a bug")
            await super().sleep(secs)

    with watched_log(), pytest.raises(ExceptionGroup) as raised:
        await run(lonely_config(tmp_path), Intents(), clock=Broken())

    assert raised.group_contains(ValueError, match="a bug")


# --- what it does by itself -----------------------------------------------------------


async def test_entries_of_an_earlier_life_are_sent(tmp_path: Path) -> None:
    """What was durable and not sent goes out at the start, once."""
    async with running_webhook() as hook:
        config = lonely_config(tmp_path, notify=telling(hook.origin))
        async with open_sqlite(tmp_path / "state.db") as store:
            await store.commit(Commit(at=NOW, outbox=[entry_for(hook.origin)]))
        async with living(config) as life:
            await life.until("relay_notifications_total", 1, outcome="sent")
        async with open_sqlite(tmp_path / "state.db") as store:
            left = await store.outbox()

    (posted,) = hook.posted
    assert posted.headers["Idempotency-Key"] == "notification-1"
    assert left == []


async def test_entry_whose_target_is_gone_is_dead(tmp_path: Path) -> None:
    """The configuration has no such receiver any more: an error, not a retry."""
    async with open_sqlite(tmp_path / "state.db") as store:
        await store.commit(Commit(at=NOW, outbox=[entry_for("http://gone")]))
    async with living(lonely_config(tmp_path)) as life:
        await life.until("relay_notifications_total", 1, outcome="dead")

    (told,) = life.log.of("notification can never be sent")
    assert told["receiver"] == "all"


async def test_no_target_is_the_metadata_service(tmp_path: Path) -> None:
    """The daemon's own HTTP session is guarded, whatever the configuration names."""
    url = "http://169.254.169.254/latest/"
    async with open_sqlite(tmp_path / "state.db") as store:
        await store.commit(Commit(at=NOW, outbox=[entry_for(url)]))
    async with living(lonely_config(tmp_path, notify=telling(url))) as life:
        await life.until("relay_notifications_total", 1, outcome="dead")

    (told,) = life.log.of("notification can never be sent")
    assert "is a link-local or instance metadata address" in str(told["error"])


async def test_reminder_comes_at_the_repeat_interval(moto: str, tmp_path: Path) -> None:
    """As long as the alarm stays in ALARM its receivers hear of it again."""
    clock = DaemonClock()
    async with made_world(moto, tmp_path) as world, running_webhook() as hook:
        world.write_rules(metric_filters=[ROOT_LOGIN])
        await world.put_records(log_key("a"), [root_login("1")])
        config = world.write_config(
            notify=telling(hook.origin, repeat_interval="1h"),
            source=source(world),
        )
        async with living(config, clock) as life:
            await world.announce([log_key("a")])
            for sent in (1, 2, 3):
                await life.until("relay_notifications_total", sent, outcome="sent")
                await anyio.wait_all_tasks_blocked()
                clock.advance(3_600)

    assert [json.loads(each.body)["repeat"] for each in hook.posted][:3] == [
        False,
        True,
        True,
    ]


async def test_old_marks_are_forgotten(tmp_path: Path) -> None:
    """After 15 days nothing old can come again; looked for at once and every hour."""
    clock = DaemonClock()
    marks = [
        (NOW - MARKS_KEPT_SECS - 1, "old"),
        (NOW - MARKS_KEPT_SECS + PRUNE_EVERY_SECS / 2, "soon"),
        (NOW, "new"),
    ]
    async with open_sqlite(tmp_path / "state.db") as store:
        for at, key in marks:
            await store.commit(Commit(at=at, objects=[mark_of(key)]))
    async with living(lonely_config(tmp_path, telemetry=debugging()), clock) as life:
        await life.log.until("state pruned", forgotten=1)
        await anyio.wait_all_tasks_blocked()
        clock.advance(PRUNE_EVERY_SECS)
        await life.log.until("state pruned", forgotten=1, times=2)
    async with open_sqlite(tmp_path / "state.db") as store:
        left = await store.marks([(BUCKET, key) for _, key in marks])

    assert list(left) == [(BUCKET, "new")]


def mark_of(key: str) -> ObjectMark:
    """Return the mark of an object that is done."""
    return ObjectMark(
        bucket=BUCKET,
        key=key,
        etag="e",
        relayed=True,
        records=1,
        account="111122223333",
        region="eu-west-1",
    )


def debugging() -> dict[str, object]:
    """Return a section ``telemetry`` that logs everything."""
    return {"listen": "127.0.0.1:0", "log": {"level": "debug"}}
