"""relay.reload: a reload changes everything or nothing, and drops nothing."""

import json
from contextlib import AsyncExitStack
from pathlib import Path

import anyio

from relay.aws.clients import open_clients
from relay.config.aws_section import Aws
from relay.source.sqs import LAST_POLLS_SECS
from tests.support.fake_logs import Fault
from tests.support.in_process import (
    NOW,
    PATIENCE_SECS,
    DaemonClock,
    Life,
    living,
    lonely_config,
)
from tests.support.webhook import running_webhook
from tests.support.world import (
    BUCKET,
    GROUP,
    Shape,
    World,
    log_key,
    made_world,
    record,
)

NEW_GROUP = "/relay/new"
ROOT_LOGIN = {
    "name": "root-login",
    "pattern": '{ $.userIdentity.type = "Root" }',
    "alarm": {"period": "24h"},
}
STOP_LOGGING = {
    "name": "stop-logging",
    "pattern": "{ $.eventName = StopLogging }",
    "alarm": {"period": "24h"},
}
REFUSED = "configuration not reloaded, the one in force stays"


def root_login(event_id: str) -> dict[str, object]:
    """Return a record that raises the alarm."""
    return record(event_id, userIdentity={"type": "Root"})


async def relay_object(world: World, life: Life, name: str, *records: object) -> None:
    """Have one object relayed, to the end."""
    before = await life.metric("relay_messages_deleted_total")
    await put_and_announce(world, name, *records)
    await life.until("relay_messages_deleted_total", before + 1)


async def put_and_announce(world: World, name: str, *records: object) -> None:
    """Store an object and announce it in the queue that is in use."""
    await world.put_records(log_key(name), records)
    await world.announce([log_key(name)], Shape.S3)


def ids(world: World, group: str) -> list[str]:
    """Return the event ids that a log group holds."""
    return sorted(json.loads(each)["eventID"] for each in world.messages(group))


def one_at_a_time(world: World) -> dict[str, object]:
    """Return a section ``source`` that takes one message and then waits for it."""
    return {
        "queue_url": world.queue_url,
        "buckets": [BUCKET],
        "max_in_flight": {"messages": 1},
    }


# --- all of it ------------------------------------------------------------------------


async def test_new_rules_are_in_force(moto: str, tmp_path: Path) -> None:
    """A new filter counts, and its series is there at 0 before its first match."""
    async with made_world(moto, tmp_path) as world:
        world.write_rules(metric_filters=[ROOT_LOGIN])
        async with living(world.write_config()) as life:
            await relay_object(world, life, "a", root_login("1"))
            world.write_rules(metric_filters=[ROOT_LOGIN, STOP_LOGGING])
            before = await life.samples(
                "relay_filter_matches_total", filter="stop-logging"
            )
            await life.reload()
            after = await life.samples(
                "relay_filter_matches_total", filter="stop-logging"
            )
            await relay_object(world, life, "b", record("2", eventName="StopLogging"))
            in_alarm = await life.metric("relay_alarms", state="ALARM")

    assert (before, after) == ([], [0.0])
    assert in_alarm == 2
    assert [line["metric_filters"] for line in life.log.of("configuration in force")]


async def test_success_is_shown(tmp_path: Path) -> None:
    """The gauge, the time, the counter, and the log with what the file holds."""
    clock = DaemonClock()
    async with living(lonely_config(tmp_path), clock) as life:
        rules = tmp_path / "rules.yaml"
        rules.write_text(json.dumps({"metric_filters": [ROOT_LOGIN]}))
        lonely_config(tmp_path, rules=["rules.yaml"])
        clock.advance(10)
        await life.reload()
        successful = await life.metric("relay_config_last_reload_successful")
        at = await life.metric("relay_config_last_reload_success_timestamp_seconds")

    assert (successful, at) == (1, NOW + 10)
    assert [
        (line["metric_filters"], line["alarms"])
        for line in life.log.of("configuration in force")
    ] == [(0, 0), (1, 1)]


async def test_warnings_of_the_file_are_logged(tmp_path: Path) -> None:
    """A pattern of rule files that names none is allowed, and told each time."""
    async with living(lonely_config(tmp_path, rules=["nothing.d/*.yaml"])) as life:
        await life.reload()

    told = [str(line["warning"]) for line in life.log.of("configuration")]
    assert len(told) == 2
    assert all("names no file" in text for text in told)


async def test_log_level_changes(moto: str, tmp_path: Path) -> None:
    """Also the log is configured anew: debugging needs no restart."""
    async with (
        made_world(moto, tmp_path) as world,
        living(world.write_config()) as life,
    ):
        await relay_object(world, life, "a", record("1"))
        quiet = len(life.log.of("object decoded"))
        world.write_config(
            telemetry={"listen": "127.0.0.1:0", "log": {"level": "debug"}}
        )
        await life.reload()
        await relay_object(world, life, "b", record("2"))

    assert quiet == 0
    assert len(life.log.of("object decoded")) == 1


async def test_new_receivers_are_told(moto: str, tmp_path: Path) -> None:
    """Who is configured when an alarm fires hears of it; the old one does not."""

    def telling(url: str) -> dict[str, object]:
        return {
            "receivers": [{"name": "all", "webhook": [{"url": url}]}],
            "route": {"receiver": "all"},
        }

    async with (
        made_world(moto, tmp_path) as world,
        running_webhook() as old,
        running_webhook() as new,
    ):
        world.write_rules(metric_filters=[ROOT_LOGIN])
        async with living(world.write_config(notify=telling(old.origin))) as life:
            world.write_config(notify=telling(new.origin))
            await life.reload()
            await relay_object(world, life, "a", root_login("1"))
            await life.until("relay_notifications_total", 1, outcome="sent")

    assert (len(old.posted), len(new.posted)) == (0, 1)


# --- nothing of it --------------------------------------------------------------------


async def test_broken_file_changes_nothing(moto: str, tmp_path: Path) -> None:
    """The gauge goes to 0, the log says where, the old rules work; until it is right.

    The next reload, of a sound file, is in force as if nothing had been.
    """
    async with made_world(moto, tmp_path) as world:
        world.write_rules(metric_filters=[ROOT_LOGIN])
        async with living(world.write_config()) as life:
            world.write_rules(
                metric_filters=[{**ROOT_LOGIN, "pattern": "{ $.a == b }"}]
            )
            await life.reload("failure")
            broken = await life.metric("relay_config_last_reload_successful")
            await relay_object(world, life, "a", root_login("1"))
            in_alarm = await life.metric("relay_alarms", state="ALARM")
            world.write_rules(metric_filters=[ROOT_LOGIN, STOP_LOGGING])
            await life.reload()
            mended = await life.metric("relay_config_last_reload_successful")

    (told,) = life.log.of(REFUSED)
    assert "rules.yaml:" in str(told["problems"])
    assert (broken, in_alarm, mended) == (0, 1, 1)


async def test_generation_that_cannot_be_built_changes_nothing(
    moto: str, tmp_path: Path
) -> None:
    """A profile that does not exist is found only when the clients are opened."""
    async with (
        made_world(moto, tmp_path) as world,
        living(world.write_config()) as life,
    ):
        world.write_config(aws={"profile": "nobodys"})
        await life.reload("failure")
        await relay_object(world, life, "a", record("1"))

    (told,) = life.log.of(REFUSED)
    assert "nobodys" in str(told["problems"])
    assert ids(world, GROUP) == ["1"]


async def test_options_of_the_process_are_refused(tmp_path: Path) -> None:
    """State and address cannot change under a running daemon; both are named."""
    async with living(lonely_config(tmp_path)) as life:
        lonely_config(
            tmp_path,
            state={"url": f"sqlite://{tmp_path}/other.db"},
            telemetry={"listen": "127.0.0.1:1"},
        )
        await life.reload("failure")

    (told,) = life.log.of(REFUSED)
    problems = told["problems"]
    assert isinstance(problems, list)
    assert [text.split(": ")[1] for text in problems] == [
        "state.url",
        "telemetry.listen",
    ]
    assert all("needs a restart" in text for text in problems)
    assert len(life.log.of("configuration in force")) == 1


# --- what is under way ----------------------------------------------------------------


async def test_message_under_way_ends_by_its_own_configuration(
    moto: str, tmp_path: Path
) -> None:
    """It was begun before the reload: it goes to the old group; the next to the new."""
    clock = DaemonClock()
    async with made_world(moto, tmp_path) as world:
        config = world.write_config(source=one_at_a_time(world))
        async with living(config, clock) as life:
            world.logs.fail("PutLogEvents", Fault.HANG)
            await put_and_announce(world, "old", record("1"))
            with anyio.fail_after(PATIENCE_SECS):
                await world.logs.until_hanging(1)
            world.queue_url = await world.queue("second")
            world.write_config(logs={"group": NEW_GROUP})
            await life.reload()
            await relay_object(world, life, "new", record("2"))
            meanwhile = ids(world, GROUP)
            world.logs.heal()
            await life.until("relay_messages_deleted_total", 2)
            # The old source may end: nothing comes through its open polls.
            await anyio.wait_all_tasks_blocked()
            clock.advance(LAST_POLLS_SECS)
            await relay_object(world, life, "newer", record("3"))

    assert meanwhile == []
    assert ids(world, GROUP) == ["1"]
    assert ids(world, NEW_GROUP) == ["2", "3"]


async def test_last_polls_of_the_old_source_go_by_the_new_configuration(
    moto: str, tmp_path: Path
) -> None:
    """What an open long poll brings after the reload is begun after the reload."""
    async with made_world(moto, tmp_path) as world:
        first = world.queue_url
        async with living(world.write_config()) as life:
            world.queue_url = await world.queue("second")
            world.write_config(logs={"group": NEW_GROUP})
            await life.reload()
            world.queue_url = first
            await relay_object(world, life, "a", record("1"))

    assert ids(world, GROUP) == []
    assert ids(world, NEW_GROUP) == ["1"]


async def test_stop_ends_all_generations(moto: str, tmp_path: Path) -> None:
    """One retires with a message under way: it is drained like those of the new one."""
    async with made_world(moto, tmp_path) as world:
        config = world.write_config(source=one_at_a_time(world))
        async with living(config) as life:
            world.logs.fail("PutLogEvents", Fault.HANG)
            await put_and_announce(world, "old", record("1"))
            with anyio.fail_after(PATIENCE_SECS):
                await world.logs.until_hanging(1)
            world.queue_url = await world.queue("second")
            world.write_config()
            await life.reload()
            life.intents.request_stop()
            await life.log.until("stopping")
            await anyio.wait_all_tasks_blocked()
            early = len(life.log.of("stopped"))
            world.logs.heal()
            await life.log.until("stopped")

    assert early == 0
    assert ids(world, GROUP) == ["1"]


async def test_message_of_an_older_source_outlives_a_second_reload(
    moto: str, tmp_path: Path
) -> None:
    """Two reloads in a row: what the second generation has begun it also ends."""
    clock = DaemonClock()
    async with made_world(moto, tmp_path) as world:
        first = world.queue_url
        async with living(world.write_config(), clock) as life:
            world.queue_url = await world.queue("second")
            world.write_config()
            await life.reload()
            world.queue_url = first
            world.logs.fail("PutLogEvents", Fault.HANG)
            await put_and_announce(world, "a", record("1"))
            with anyio.fail_after(PATIENCE_SECS):
                await world.logs.until_hanging(1)
            world.queue_url = await world.queue("third")
            world.write_config(logs={"group": NEW_GROUP})
            await life.reload()
            await anyio.wait_all_tasks_blocked()
            clock.advance(LAST_POLLS_SECS)
            await anyio.wait_all_tasks_blocked()
            world.logs.heal()

    assert life.log.of("object not processed yet, its message comes again") == []
    assert ids(world, GROUP) == ["1"]


async def test_secrets_that_aws_keeps_are_read_anew(moto: str, tmp_path: Path) -> None:
    """One that is gone refuses the reload, and what is in force goes on."""
    config = lonely_config(
        tmp_path,
        aws={"region": "eu-west-1", "endpoint_url": moto},
        notify={
            "receivers": [{"name": "r", "webhook": [{"url": "ssm:/relay/hook"}]}],
            "route": {"receiver": "r"},
        },
    )
    async with AsyncExitStack() as stack:
        aws = await open_clients(
            stack,
            Aws(endpoint_url=moto),
            queue_url="https://sqs.eu-west-1.amazonaws.com/1/q",
        )
        ssm = await aws.client_for("ssm", "eu-west-1")
        hook = {"Name": "/relay/hook", "Value": "https://hooks.example.com/t0ken"}
        await ssm.put_parameter(**hook, Type="SecureString")
        async with living(config) as life:
            await ssm.delete_parameter(Name="/relay/hook")
            await life.reload("failure")
            (line,) = life.log.of(REFUSED)
            await ssm.put_parameter(**hook, Type="SecureString")
            await life.reload()

    assert "'ssm:/relay/hook' cannot be read" in str(line["problems"])
    assert "t0ken" not in str(life.log.lines)
