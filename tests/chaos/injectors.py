"""How each fault of the process is brought about: once a call, and the daemon is back.

An injector returns after the fault; the daemon is then alive, or about to be ready. It
returns False when the fault could not be brought about.
"""

import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from random import Random

import anyio
import yaml

from relay.failpoints import Failpoint
from tests.chaos import clock_jumps
from tests.chaos.faults import FAILPOINTS, Fault
from tests.chaos.stage import Stage, source_section

Injector = Callable[[Stage, Random], Awaitable[bool]]

_NO_OVERRIDE = (
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
)
"""root may write what is read-only, unless it gives that right away."""
_STATE_FAULT = "state file"
"""What the daemon's last words must say of a state that cannot be used."""
_ON_RELOAD = (Failpoint.BEFORE_SWAP, Failpoint.AFTER_SWAP)
_RELOAD_EVERY_SECS = 0.3
_JUMPS_SECS = (-3600, -600, -30, 0, 30, 600, 3600)
_FILE_LIMITS_BYTES = (1, 4_096, 65_536)


async def kill(stage: Stage, random: Random) -> bool:
    """Kill the daemon at any time: also while it starts."""
    if random.random() < 0.75:
        await stage.life.is_ready()
    await anyio.sleep(random.uniform(0.0, 1.5))  # another process works
    await stage.kill()
    await stage.begin()
    return True


async def any_failpoint(stage: Stage, random: Random) -> bool:
    """Have the daemon kill itself at a failpoint that ordinary work passes."""
    at_work = [
        point
        for point in FAILPOINTS
        if point not in (Failpoint.BEFORE_RETURN, Failpoint.AFTER_RETURN)
    ]
    return await at_failpoint(random.choice(at_work))(stage, random)


def at_failpoint(point: Failpoint) -> Injector:
    """Return what has the daemon kill itself at ``point``."""

    async def inject(stage: Stage, random: Random) -> bool:
        passes = random.randint(1, 2 if point in _ON_RELOAD else 4)
        if stage.life.status is None:
            await stage.kill()
        life = await stage.begin(failpoints=f"{point}=kill:{passes}")
        async with anyio.create_task_group() as tasks:
            if point in _ON_RELOAD:
                tasks.start_soon(_keep_reloading, stage)
            is_reached = await life.ended() is not None
            tasks.cancel_scope.cancel()
        if not is_reached:
            await life.kill()
        await stage.over(-signal.SIGKILL)
        await stage.begin()
        return is_reached

    return inject


async def disk_full(stage: Stage, random: Random) -> bool:
    """Have the next writes of the state file fail: the daemon must stop and say so."""
    life = stage.life
    await life.is_ready()
    await anyio.sleep(random.uniform(0.0, 1.0))  # another process works
    life.limit_file_size(random.choice(_FILE_LIMITS_BYTES))
    await life.ended()
    await stage.over(1)
    _check_last_words(stage, _STATE_FAULT)
    await stage.begin_ready()
    return True


async def read_only_state(stage: Stage, random: Random) -> bool:
    """Start on a state that cannot be written: the daemon must refuse and say so."""
    await stage.life.is_ready()
    await anyio.sleep(random.uniform(0.0, 0.5))  # another process works
    await stage.stop()
    folder = stage.state.parent
    files = list(folder.iterdir())
    for each in files:
        each.chmod(0o444)
    if random.random() < 0.5:
        folder.chmod(0o555)
    life = await stage.begin(wrapper=_NO_OVERRIDE if os.getuid() == 0 else ())
    await life.ended()
    folder.chmod(0o755)
    for each in files:
        if each.exists():
            each.chmod(0o644)
    await stage.over(1)
    _check_last_words(stage, _STATE_FAULT)
    await stage.begin_ready()
    return True


async def reload_storm(stage: Stage, random: Random) -> bool:
    """Send SIGHUPs faster than a reload takes, with valid and invalid files."""
    await stage.life.is_ready()
    for _ in range(random.randint(5, 25)):
        stage.write_config(**random.choice((_valid, _valid, _invalid))(stage, random))
        stage.life.signal(signal.SIGHUP)
        await anyio.sleep(random.uniform(0.0, 0.05))  # another process works
    stage.write_config()
    stage.life.signal(signal.SIGHUP)
    await anyio.sleep(random.uniform(0.0, 1.0))  # another process works
    return True


async def second_daemon(stage: Stage, random: Random) -> bool:
    """Start another daemon on the state file: refused, and welcome after a kill."""
    await stage.life.is_ready()
    other = await stage.begin_beside()
    status = await other.ended()
    said = "\n".join(other.log)
    if status != 1 or "in use by another relay" not in said:
        stage.surprise(f"a second daemon ended with {status}: {said[-500:]}")
        await other.kill()
    if random.random() < 0.5:
        await stage.kill()
        await stage.begin_ready()
    return True


async def outage(stage: Stage, random: Random) -> bool:
    """Break all connections, refuse new ones for a while."""
    await stage.listener.interrupt(random.uniform(0.3, 2.0))
    await anyio.sleep(random.uniform(0.5, 1.5))  # another process works
    return True


async def clock_jump(stage: Stage, random: Random) -> bool:
    """Set the daemon's clock forward or back, by up to two hours at once."""
    await stage.life.is_ready()
    clock_jumps.jump(stage.folder, random.choice(_JUMPS_SECS))
    await anyio.sleep(random.uniform(1.1, 2.0))  # another process works
    return "LD_PRELOAD" in stage.environment


INJECTORS: Mapping[Fault, Injector] = {
    Fault.KILL: kill,
    Fault.FAILPOINT: any_failpoint,
    Fault.DISK_FULL: disk_full,
    Fault.READ_ONLY_STATE: read_only_state,
    Fault.RELOAD_STORM: reload_storm,
    Fault.SECOND_DAEMON: second_daemon,
    Fault.OUTAGE: outage,
    Fault.CLOCK_JUMP: clock_jump,
}


async def _keep_reloading(stage: Stage) -> None:
    if await stage.life.is_ready():
        while True:
            stage.life.signal(signal.SIGHUP)
            await anyio.sleep(_RELOAD_EVERY_SECS)  # another process works


def _check_last_words(stage: Stage, wanted: str) -> None:
    said = "\n".join(list(stage.life.log)[-8:])
    if wanted not in said:
        stage.surprise(f"does not say {wanted!r} but: {said[-500:]}")


def _valid(stage: Stage, random: Random) -> dict[str, object]:
    in_flight = {"messages": random.randint(10, 100)}
    return {
        "source": source_section(
            stage.cloud.addresses.queue_url,
            max_in_flight=in_flight,
            pollers=random.randint(1, 4),
        )
    }


def _invalid(stage: Stage, random: Random) -> dict[str, object]:
    broken = stage.folder / "broken.yaml"
    broken.write_text(yaml.safe_dump({"metric_filters": [{"pattern": "{ $.a == 1 }"}]}))
    wrong: tuple[dict[str, object], ...] = (
        {"surce": {}},
        {"rules": [broken.name]},
        {"state": {"url": f"sqlite://{stage.folder}/other.db"}},
    )
    return random.choice(wrong)
