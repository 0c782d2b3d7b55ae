"""Run the benchmarks.

python -m benchmarks [alarms|hotpath|matching|throughput] [--objects N --records N]
"""

import argparse

from benchmarks import alarms, hotpath, matching, throughput
from benchmarks.material import RECORDS_PER_OBJECT

SMALL_OBJECT_RECORDS = 6
"""The median of a quiet account's log files."""


def main() -> None:
    """Run what the command line names; everything by default."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "which",
        nargs="?",
        default="all",
        choices=("all", "alarms", "hotpath", "matching", "throughput"),
    )
    parser.add_argument("--objects", type=int, help="for throughput")
    parser.add_argument("--records", type=int, default=RECORDS_PER_OBJECT)
    asked_for = parser.parse_args()
    if asked_for.which in {"all", "alarms"}:
        alarms.main()
    if asked_for.which in {"all", "hotpath"}:
        hotpath.main()
    if asked_for.which in {"all", "matching"}:
        matching.main()
    if asked_for.which in {"all", "throughput"}:
        if asked_for.objects:
            throughput.main(objects=asked_for.objects, records=asked_for.records)
        else:
            throughput.main()
            throughput.main(objects=2_000, records=SMALL_OBJECT_RECORDS)


if __name__ == "__main__":
    main()
