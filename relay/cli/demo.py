"""``relay demo``: the whole job on an embedded emulator."""

import os
from typing import Annotated

import anyio
import typer
from rich.console import Console

from relay.clock import SystemClock


def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Stay up afterwards, until Ctrl-C.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed, another story.")] = 1,
) -> None:
    """Play an incident on an embedded emulator; no AWS account is needed.

    Exits 0 when nothing was lost and every alarm was told, 1 otherwise.
    """
    # Not at the top: the receivers need the demo extra, the other commands do not.
    from relay.demo.emulator import missing_packages  # noqa: PLC0415 - see above

    console = Console()
    if absent := missing_packages():
        console.print(
            f"the demo needs {', '.join(absent)}; "
            "install it with: pip install 'cloudtrail-relay[demo]'",
            markup=False,
        )
        raise typer.Exit(1)
    from relay.demo.run import Options, run_demo  # noqa: PLC0415 - see above

    async def play() -> int:
        return await run_demo(
            console,
            Options(seed=seed, keep=keep),
            environment=os.environ,
            clock=SystemClock(),
        )

    raise typer.Exit(anyio.run(play))
