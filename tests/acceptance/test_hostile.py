"""Bad input of every kind: each is counted and told, everything else goes on."""

import gzip
import json
from pathlib import Path

from tests.support.relay_process import RelayProcess, running_relay
from tests.support.world import (
    BUCKET,
    GROUP,
    World,
    log_file,
    log_key,
    made_world,
    record,
)

MIB = 2**20
MEMORY_LIMIT_KIB = 400 * 1024
"""Far below what any of the bombs would take; the daemon alone takes about 100 MiB."""


def config_of(world: World) -> Path:
    """Write a configuration with limits that a test can exceed."""
    return world.write_config(
        source={
            "queue_url": world.queue_url,
            "buckets": [BUCKET],
            "limits": {"object": "8MiB", "decompressed": "64MiB", "records": 5000},
        }
    )


async def object_errors(relay: RelayProcess) -> dict[str, float]:
    """Return the counted object errors by reason."""
    return {
        dict(labels)["reason"]: value
        for (name, labels), value in (await relay.metrics()).items()
        if name == "relay_object_errors_total" and value
    }


def bomb() -> bytes:
    """Return 2 GiB of blanks in a list that never ends, gzipped to 2 MB."""
    return gzip.compress(b'{"Records":[') + gzip.compress(b" " * MIB) * 2048


def peak_memory_kib(pid: int) -> int:
    """Return the most memory that a process ever held."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])


async def test_broken_objects_are_set_aside(moto: str, tmp_path: Path) -> None:
    """Truncated, corrupt, bomb, too many records, not records, gone: all are named.

    The good object that is announced among them arrives, memory stays bounded, and no
    message of a bad one is deleted.
    """
    whole = log_file([record(f"x-{n}") for n in range(50)])
    bad = {
        "truncated": whole[:-20],
        "corrupt": whole[:30] + bytes(30) + whole[60:],
        "bomb": bomb(),
        "many": gzip.compress(b"[" + b"{}," * 6000 + b"{}]"),
        "text": gzip.compress(b"AccessDenied for reasons"),
        "number": gzip.compress(b"42"),
        "large": bytes(9 * MIB),
    }
    async with made_world(moto, tmp_path) as world:
        for name, body in bad.items():
            await world.put(log_key(name), body)
        await world.put_records(log_key("good"), [record("good")])
        async with running_relay(config_of(world)) as relay:
            for name in [*bad, "gone", "good"]:
                await world.announce([log_key(name)])
            await relay.until("relay_records_total", 1, outcome="relayed")
            await relay.until_true(
                lambda samples: samples["relay_messages_in_flight", frozenset()] == 0
            )
            errors = await object_errors(relay)
            told = [str(line.get("error")) for line in relay.log]
            peak_kib = peak_memory_kib(relay.pid)
            left = await world.depth(world.queue_url)

    assert errors == {
        "truncated": 1,
        "corrupt_gzip": 1,
        "decompressed_too_large": 1,
        "too_many_records": 1,
        "bad_json": 1,
        "not_records": 1,
        "object_too_large": 1,
        "no_such_key": 1,
    }
    for name in bad:
        assert any(f"s3://{BUCKET}/{log_key(name)}" in text for text in told), name
    assert [json.loads(each)["eventID"] for each in world.messages(GROUP)] == ["good"]
    assert left == len(bad) + 1
    assert peak_kib < MEMORY_LIMIT_KIB


async def test_messages_that_say_nothing_are_left(moto: str, tmp_path: Path) -> None:
    """Not JSON, an unknown shape, a foreign bucket: retained, counted, told once."""
    async with made_world(moto, tmp_path) as world:
        await world.s3.create_bucket(
            Bucket="foreign",
            CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
        )
        await world.put(log_key("a"), log_file([record("foreign")]), bucket="foreign")
        await world.put_records(log_key("good"), [record("good")])
        async with running_relay(config_of(world)) as relay:
            await world.send("surely not JSON")
            await world.send(json.dumps({"Records": [{"eventSource": "aws:ses"}]}))
            await world.announce([log_key("a")], bucket="foreign")
            await world.announce([log_key("good")])
            await relay.until("relay_records_total", 1, outcome="relayed")
            await relay.until_true(
                lambda samples: samples["relay_messages_in_flight", frozenset()] == 0
            )
            retained = {
                dict(labels)["reason"]: value
                for (name, labels), value in (await relay.metrics()).items()
                if name == "relay_messages_retained_total" and value
            }
            left = await world.depth(world.queue_url)
            unread = relay.count_logged("message not processed, it stays in the queue")

    assert retained == {"not_json": 1, "unknown_envelope": 1, "foreign_bucket": 1}
    assert left == 3
    assert unread == 2
    assert [json.loads(each)["eventID"] for each in world.messages(GROUP)] == ["good"]


async def test_message_with_ten_thousand_keys(moto: str, tmp_path: Path) -> None:
    """The log files among them are relayed; the rest is counted, not logged one by one.

    The message stays: what it names could not all be read.
    """
    junk = [f"junk/{n}" for n in range(9_980)]
    good = [log_key(f"g{n}") for n in range(20)]
    keys = [key for pair in zip(good, junk, strict=False) for key in pair]
    async with made_world(moto, tmp_path) as world:
        for n, key in enumerate(good):
            await world.put_records(key, [record(f"good-{n}")])
        async with running_relay(config_of(world)) as relay:
            await world.send(
                json.dumps(
                    {"s3Bucket": BUCKET, "s3ObjectKey": [*keys, *junk[len(good) :]]}
                )
            )
            await relay.until("relay_messages_retained_total", 1)
            errors = await object_errors(relay)
            relayed = await relay.metric("relay_records_total", outcome="relayed")
            lines = len(relay.log)
            left = await world.depth(world.queue_url)

    assert errors == {"not_a_log_file": 9_980}
    assert relayed == 20
    assert lines < 100
    assert left == 1


async def test_records_of_any_form_travel(moto: str, tmp_path: Path) -> None:
    """A bare list, a single object, no time, no id, a number beyond a double: all."""
    huge = '{"eventID":"huge","eventTime":"2026-11-24T12:00:00Z","x":1e309}'
    files = {
        "list": b'[{"eventID":"list"}]',
        "single": b'{"eventID":"single","eventName":"X"}',
        "plain": b'{"Records":[{"eventID":"not gzipped"}]}',
        "aggregated": b'[{"eventId":"agg","timeWindow":{"windowEnd":"x"}},{}]',
        "huge": f'{{"Records":[{huge}]}}'.encode(),
        "odd": b'{"Records":[{"eventID":7},null,"text",[1]]}',
    }
    async with made_world(moto, tmp_path) as world:
        for name, body in files.items():
            is_plain = name == "plain"
            await world.put(log_key(name), body if is_plain else gzip.compress(body))
        async with running_relay(config_of(world)) as relay:
            await world.announce([log_key(name) for name in files])
            await relay.until("relay_messages_deleted_total", 1)

    assert sorted(world.messages(GROUP)) == sorted(
        [
            '{"eventID":"list"}',
            '{"eventID":"single","eventName":"X"}',
            '{"eventID":"not gzipped"}',
            '{"eventId":"agg","timeWindow":{"windowEnd":"x"}}',
            "{}",
            huge,
            '{"eventID":7}',
            "null",
            '"text"',
            "[1]",
        ]
    )


async def test_digests_and_markers_are_acknowledged(moto: str, tmp_path: Path) -> None:
    """They hold no records: their messages are done, the objects are not even read."""
    digest = (
        "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/24/"
        "111122223333_CloudTrail-Digest_eu-west-1_trail_eu-west-1_20261124T120000Z"
        ".json.gz"
    )
    async with (
        made_world(moto, tmp_path) as world,
        running_relay(config_of(world)) as relay,
    ):
        await world.announce([digest])
        await world.announce(["AWSLogs/111122223333/CloudTrail/"])
        await relay.until("relay_messages_deleted_total", 2)
        digests = await relay.metric("relay_objects_total", kind="digest")
        markers = await relay.metric("relay_objects_total", kind="marker")

    assert (digests, markers) == (1, 1)
    assert world.messages(GROUP) == []


async def test_routes_choose_group_and_drop(moto: str, tmp_path: Path) -> None:
    """The first route that matches wins; what a route drops is in the ledger."""
    async with made_world(moto, tmp_path) as world:
        config = world.write_config(
            logs={
                "group": GROUP,
                "create": {"retention_days": 30, "tags": {"team": "security"}},
                "routes": [
                    {"match": '{ $.userAgent = "health-checker*" }', "drop": True},
                    {"match": '{ $.eventCategory = "Data" }', "group": "/relay/data"},
                ],
            }
        )
        await world.put_records(
            log_key("a"),
            [
                record("1"),
                record("2", eventCategory="Data"),
                record("3", userAgent="health-checker/1", eventCategory="Data"),
            ],
        )
        async with running_relay(config) as relay:
            await world.announce([log_key("a")])
            await relay.until("relay_messages_deleted_total", 1)
            settled = {
                dict(labels)["outcome"]: value
                for (name, labels), value in (await relay.metrics()).items()
                if name == "relay_records_total"
            }
            received = await relay.metric("relay_records_received_total")

    assert settled == {"relayed": 2, "dropped": 1}
    assert received == 3
    assert [json.loads(each)["eventID"] for each in world.messages(GROUP)] == ["1"]
    data = world.messages("/relay/data")
    assert [json.loads(each)["eventID"] for each in data] == ["2"]
    assert world.logs.store.group(GROUP).retention_days == 30
