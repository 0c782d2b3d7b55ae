"""A problem: one fault of one configuration file, with the place it is at."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONGEST_SHOWN = 80
"""How many characters of a value a message shows."""

_USER_INFO = re.compile(r"://[^/@\s]*@")

Location = tuple[str | int, ...]
"""The way from a document's root to one value: keys and list positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong (or, as a warning, surprising) at one place; lines count from 1.

    ``message`` says what was found and what is allowed, and never shows a secret.
    """

    file: str
    line: int | None
    location: Location
    message: str
    column: int | None = None

    @property
    def option(self) -> str:
        """The option's path as people write it: ``notify.receivers[0].name``."""
        return option_path(self.location)

    def __str__(self) -> str:
        place = [self.file]
        place += [str(number) for number in (self.line, self.column) if number]
        option = f" {self.option}:" if self.location else ""
        return f"{':'.join(place)}:{option} {self.message}"


def quoted(text: str) -> str:
    """Return ``text`` in quotes, without a URL's user info, cut to one line."""
    text = _USER_INFO.sub("://***@", text)
    if len(text) > LONGEST_SHOWN:
        return f"{text[:LONGEST_SHOWN]!r}..."
    return repr(text)


def option_path(location: Location) -> str:
    """Return ``location`` in one word: ``logs.routes[2].match``."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path


def in_file_order(
    problems: Iterable[Problem], *, first_only: bool = True
) -> list[Problem]:
    """Return ``problems`` grouped by file, as the files first appear, then by line.

    Of several problems at one location only the first is kept: what follows from a
    missing environment variable is no second problem. Without ``first_only`` all are,
    as warnings at one location have nothing to do with each other.
    """
    seen: dict[tuple[str, Location, str], Problem] = {}
    ranks: dict[str, int] = {}
    for problem in problems:
        ranks.setdefault(problem.file, len(ranks))
        # Problems of the file as a whole have no location: all of them are kept.
        is_apart = not (first_only and problem.location)
        apart = problem.message if is_apart else ""
        seen.setdefault((problem.file, problem.location, apart), problem)
    return sorted(seen.values(), key=lambda p: (ranks[p.file], p.line or 0))
