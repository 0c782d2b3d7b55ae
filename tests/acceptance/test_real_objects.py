"""A real trail's objects through the whole daemon: all arrive, none twice."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.support.relay_process import running_relay
from tests.support.world import GROUP, Shape, World, made_world

OBJECTS = Path(__file__).parents[2].parent / "shared" / "data" / "objects"

pytestmark = pytest.mark.skipif(
    not OBJECTS.is_dir(), reason="the real objects are not part of the repository"
)


async def put_all(world: World) -> tuple[list[str], Counter[str]]:
    """Store all real objects; return their keys and their records, as compact JSON."""
    keys: list[str] = []
    records: Counter[str] = Counter()
    for path in sorted(OBJECTS.rglob("*.json.gz")):
        body = path.read_bytes()
        keys.append(await world.put(path.relative_to(OBJECTS).as_posix(), body))
        for each in json.loads(gzip.decompress(body))["Records"]:
            records[canonical(each)] += 1
    return keys, records


def canonical(value: object) -> str:
    """Return a text that is equal for equal JSON."""
    return json.dumps(value, sort_keys=True)


def arrived(world: World) -> Counter[str]:
    """Return the records in CloudWatch Logs."""
    return Counter(canonical(json.loads(each)) for each in world.messages(GROUP))


@pytest.mark.parametrize("shape", list(Shape), ids=str)
async def test_all_records_arrive_once(moto: str, tmp_path: Path, shape: Shape) -> None:
    """Whatever shape the notices have; and the ledger balances."""
    async with made_world(moto, tmp_path) as world:
        keys, records = await put_all(world)
        async with running_relay(world.write_config()) as relay:
            for key in keys:
                await world.announce([key], shape)
            await relay.until("relay_messages_deleted_total", len(keys))
            received = await relay.metric("relay_records_received_total")
            settled = await relay.metric("relay_records_total")
            relayed = await relay.metric("relay_records_total", outcome="relayed")

    assert len(keys) == 55
    assert records.total() == 2_900
    assert arrived(world) == records
    assert received == settled == relayed == records.total()


async def test_every_message_twice_changes_nothing(moto: str, tmp_path: Path) -> None:
    """All announced twice, in two shapes: every record once, the rest duplicates."""
    async with made_world(moto, tmp_path) as world:
        keys, records = await put_all(world)
        shapes = list(Shape)
        async with running_relay(world.write_config()) as relay:
            for number, key in enumerate(keys):
                await world.announce([key], shapes[number % len(shapes)])
                await world.announce([key], shapes[(number + 1) % len(shapes)])
            await relay.until("relay_messages_deleted_total", 2 * len(keys))
            received = await relay.metric("relay_records_received_total")
            relayed = await relay.metric("relay_records_total", outcome="relayed")
            duplicate = await relay.metric("relay_records_total", outcome="duplicate")

    assert arrived(world) == records
    assert relayed == duplicate == records.total()
    assert received == relayed + duplicate
