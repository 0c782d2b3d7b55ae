"""Named lists of rule files, which patterns with extensions refer to: ``IN @name``.

A list stands in the rule file itself or in a file of its own: one entry a line in
UTF-8. What follows a ``#`` at a line's start or behind a blank is a comment; blank
lines, and blanks around an entry, do not count.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from relay.config.problems import Location, Problem, quoted
from relay.config.scalars import Text, matching
from relay.config.source_map import Document
from relay.config.steady import note
from relay.patterns.members import NamedList

MAX_FILE_BYTES: Final = 16 * 2**20
"""relay's own bound: no list fills the memory. A million IPv4 addresses fit."""

_MAX_FAULTS: Final = 10  # that are told of one list; a wrong file is all faults
_NAME: Final = r"[A-Za-z0-9_-]{1,128}"
_NAMING: Final = "is no list name: 1 to 128 of A-Z a-z 0-9 _ -"
_COMMENT: Final = re.compile(r"(^|\s)#.*")

_SUBSTITUTE: Final = NamedList(["-"])
"""Stands for a list that has a problem."""

Lists = Mapping[str, NamedList]
"""Each list by its name."""

ListName = Annotated[str, matching(_NAME, _NAMING)]
ListSource = Text | Annotated[tuple[Text, ...], Field(min_length=1)]
"""A file's name, relative to the rule file's folder, or the entries themselves."""


class ListReader:
    """Collects the lists of all rule files, and what is wrong with them.

    A list with problems is known as well, so that whoever refers to it has none.
    """

    def __init__(self) -> None:
        self.lists: dict[str, NamedList] = {}
        self.problems: list[Problem] = []
        self._places: dict[str, str] = {}

    def read(
        self, sources: Mapping[str, object], document: Document, folder: Path
    ) -> None:
        """Add the lists that ``document`` has, in the rule file's ``folder``."""
        for name, source in sources.items():
            location: Location = ("lists", name)
            fault: Problem | None = None
            if re.fullmatch(_NAME, name) is None:
                fault = document.problem(location, f"the key {quoted(name)} {_NAMING}")
            elif name in self._places:
                first = self._places[name]
                message = f"{quoted(name)} is the name of another list as well: {first}"
                fault = document.problem(location, message)
            if fault is not None:
                self.problems.append(fault)
                continue
            self._places[name] = f"{document.file}:{document.line(location)}"
            entries, faults = _read(source, document, location, folder)
            self.lists[name] = entries
            self.problems += faults


def _read(
    source: object, document: Document, location: Location, folder: Path
) -> tuple[NamedList, list[Problem]]:
    """Return the list that ``source`` is, and what is wrong with it."""

    def in_document(position: int, message: str) -> Problem:
        return document.problem((*location, position), message)

    if isinstance(source, str) and source:
        path = folder / source
        lines, fault = _lines_of(path)
        if fault is None:
            return _compiled(lines, partial(_in_list_file, str(path)))
        faults = [document.problem(location, f"{quoted(source)} {fault}")]
    elif isinstance(source, list) and source:
        faults = [
            in_document(position, _entry_fault(each))
            for position, each in enumerate(source)
            if not (isinstance(each, str) and each)
        ][:_MAX_FAULTS]
        if not faults:
            return _compiled(list(enumerate(source)), in_document)
    else:
        message = "is neither a file's name nor a list of texts"
        faults = [document.problem(location, message)]
    return _SUBSTITUTE, faults


def _compiled(
    entries: Sequence[tuple[int, str]], problem_at: Callable[[int, str], Problem]
) -> tuple[NamedList, list[Problem]]:
    """Compile ``entries``, which stand at numbered places; or tell which are faulty."""
    try:
        return NamedList(entry for _, entry in entries), []
    except ValueError:
        faults = _faults(entries, problem_at)
        return _SUBSTITUTE, list(islice(faults, _MAX_FAULTS))


def _faults(
    entries: Sequence[tuple[int, str]], problem_at: Callable[[int, str], Problem]
) -> Iterator[Problem]:
    for place, entry in entries:
        try:
            NamedList([entry])
        except ValueError as error:
            yield problem_at(place, str(error))


def _in_list_file(file: str, line: int, message: str) -> Problem:
    return Problem(file=file, line=line, location=(), message=message)


def _lines_of(path: Path) -> tuple[list[tuple[int, str]], str | None]:
    """Return the entries of a list's file with their lines, and what is wrong."""
    note(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        return [], f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return [], f"is no UTF-8: there is an invalid byte on line {line}"
    except ValueError:  # from open(): a null character
        return [], "is no file's name"
    if len(content) > MAX_FILE_BYTES:
        return [], f"is larger than {MAX_FILE_BYTES // 2**20} MiB"
    stripped = (_COMMENT.sub("", line).strip() for line in text.split("\n"))
    entries = [(number, line) for number, line in enumerate(stripped, 1) if line]
    return entries, None if entries else "has no entries"


def _entry_fault(value: object) -> str:
    if value == "":
        return "is empty"
    if isinstance(value, bool | int | float):
        return "is no text; put it in quotes"
    return "is no text"
