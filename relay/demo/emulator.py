"""The emulator: moto's server in a process of its own, on a free loopback port."""

import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from relay.clock import Clock
from relay.demo.process import LOOPBACK, free_port, running, until_listening

REQUIRED = ("moto", "flask", "flask_cors", "aiosmtpd")
ACCOUNT = "123456789012"
"""The account that moto answers for."""

_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "demo",
    "AWS_SECRET_ACCESS_KEY": "demo",
    # Nothing of the user's own may lead to a real account.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": f"{LOOPBACK},localhost",
    "no_proxy": f"{LOOPBACK},localhost",
}


def missing_packages(required: Iterable[str] = REQUIRED) -> tuple[str, ...]:
    """Return which packages of the ``demo`` extra are not installed."""
    return tuple(name for name in required if find_spec(name) is None)


def demo_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` for a child that can reach the emulator and nothing else.

    Every AWS variable of the user's is left out: a demo must not touch an account.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(("AWS_", "BOTO"))
    }
    return kept | _CREDENTIALS


@asynccontextmanager
async def running_emulator(
    *, environment: Mapping[str, str], directory: Path, clock: Clock
) -> AsyncIterator[str]:
    """Run the emulator for the length of the block; the value is its URL.

    Raises DemoError when it does not start.
    """
    port, output = free_port(), directory / "emulator.log"
    command = (sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(port))
    async with running(
        command, environment=demo_environment(environment), output=output
    ) as process:
        await until_listening(
            process, port, name="the emulator", output=output, clock=clock
        )
        yield f"http://{LOOPBACK}:{port}"
