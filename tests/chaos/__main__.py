"""The fault-injection suite by itself: ``python -m tests.chaos --seed 1 --minutes 30``.

Plays a campaign of every fault once, then everything mixed, with other seeds, until the
time is over. Exits 1 when any promise was broken. ``python -m tests.chaos soak`` runs
one daemon for a long time instead.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from relay.clock import SystemClock
from tests.chaos import soak, table
from tests.chaos.campaign import Line, play
from tests.chaos.schedule import Campaign, campaigns, mixed
from tests.support.moto import moto_server

_MINUTE_SECS = 60.0


def main() -> int:
    """Play what the arguments ask for; return the exit status."""
    arguments = _parser().parse_args()
    if arguments.command == "soak":
        return soak.main(minutes=arguments.soak_minutes, records_per_sec=arguments.rate)
    return _play(arguments)


def _play(arguments: argparse.Namespace) -> int:
    clock = SystemClock()
    until = clock.monotonic() + arguments.minutes * _MINUTE_SECS
    plan = campaigns(
        arguments.seed,
        times=arguments.times,
        kills=arguments.kills,
        records=arguments.records,
    )
    if arguments.only:
        plan = [each for each in plan if arguments.only in each.name]
    _say(f"seed {arguments.seed}\n{table.header()}")
    bad = 0
    with moto_server() as moto_url:

        def one(campaign: Campaign) -> bool:
            with TemporaryDirectory() as folder:
                line = anyio.run(_one, campaign, moto_url, Path(folder))
            _say("\n".join((table.row(line), *table.explained(line))))
            return line.verdict is None or line.verdict.is_good

        for campaign in plan:
            bad += not one(campaign)
        seed = arguments.seed
        while clock.monotonic() < until:
            bad += not one(mixed(seed, times=arguments.times, records=10_000))
            seed += 1
    _say(f"{bad} campaigns with broken promises" if bad else "all promises kept")
    return 1 if bad else 0


async def _one(campaign: Campaign, moto_url: str, folder: Path) -> Line:
    return await play(campaign, moto_url=moto_url, folder=folder, clock=SystemClock())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="of everything mixed"
    )
    parser.add_argument("--times", type=int, default=20, help="of each fault")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--records", type=int, default=200_000, help="under the kills")
    parser.add_argument("--only", default="", help="campaigns whose name contains this")
    commands = parser.add_subparsers(dest="command")
    soaking = commands.add_parser("soak", help="one daemon, one rate, a long time")
    soaking.add_argument("--minutes", dest="soak_minutes", type=float, default=20.0)
    soaking.add_argument("--rate", type=int, default=5_000, help="records a second")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
