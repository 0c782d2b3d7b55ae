"""The table that a run prints: a line for each campaign, and what is wrong below it."""

from collections.abc import Sequence

from tests.chaos.campaign import Line

_COLUMNS = (
    ("fault", 34),
    ("times", 6),
    ("records", 8),
    ("lost", 5),
    ("double counted", 14),
    ("duplicates in logs", 18),
    ("notifications", 19),
    ("ledger", 9),
    ("secs", 5),
    ("", 4),
)


def header() -> str:
    """Return the first line."""
    return _row([name for name, _ in _COLUMNS])


def row(line: Line) -> str:
    """Return one line; ``+n`` are repeats with the same idempotency key."""
    verdict = line.verdict
    if verdict is None:
        return _row([line.campaign.name, "0"]) + f"  skipped: {line.skipped}"
    duplicates = f"{verdict.duplicates}"
    if verdict.duplicates:
        duplicates += f" ({verdict.unexplained} unexpl.)"
    notifications = f"{verdict.notifications}/{verdict.expected_notifications}"
    if verdict.repeats:
        notifications += f" +{verdict.repeats}"
    return _row(
        [
            line.campaign.name,
            str(line.injected),
            str(verdict.records),
            str(verdict.lost),
            str(verdict.double_counted),
            duplicates,
            notifications,
            "balanced" if verdict.is_balanced else "WRONG",
            f"{line.secs:.0f}",
            "ok" if verdict.is_good else "BAD",
        ]
    )


def explained(line: Line, *, most: int = 12) -> Sequence[str]:
    """Return what is wrong with a line, and the end of the daemon's log."""
    if line.verdict is None or line.verdict.is_good:
        return ()
    problems = line.verdict.problems
    told = [f"    {problem}" for problem in problems[:most]]
    if len(problems) > most:
        told.append(f"    and {len(problems) - most} more")
    return (
        f"  {line.campaign.name}, seed {line.campaign.seed}:",
        *told,
        *(f"    | {said[:300]}" for said in line.log if _is_telling(said)),
    )


def _is_telling(said: str) -> bool:
    return '"level": "info"' not in said


def _row(cells: Sequence[str]) -> str:
    return " | ".join(
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, (_, width)) in enumerate(zip(cells, _COLUMNS, strict=False))
    ).rstrip()
