"""Reads rule files entry by entry: a broken entry hides no problem of another one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import Field

from relay.config.composite_schema import CompositeEntry
from relay.config.lists import ListReader, Lists
from relay.config.metric_schema import RuleSection
from relay.config.mute_schema import MuteEntry
from relay.config.problems import Location, Problem
from relay.config.refusal import Reading
from relay.config.rule_schema import AlarmEntry, FilterEntry
from relay.config.source_map import Document, read_document
from relay.config.validation import validate

E_co = TypeVar("E_co", bound=RuleSection, covariant=True)
F = TypeVar("F", bound=RuleSection)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Generic[E_co]):
    """An entry of a rule file, and where it stands."""

    document: Document
    location: Location
    entry: E_co

    @property
    def origin(self) -> str:
        """The entry's ``file:line``."""
        return f"{self.document.file}:{self.document.line(self.location)}"

    def inner(self, key: str, entry: F) -> "Placed[F]":
        """Return ``entry``, which stands in this one under ``key``, with its place."""
        location = (*self.location, key)
        return Placed(document=self.document, location=location, entry=entry)

    def problem(self, message: str, *, at: str | None = None) -> Problem:
        """Return a problem of this entry, or of its option ``at``."""
        location = self.location if at is None else (*self.location, at)
        return self.document.problem(location, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The sound entries of all rule files, and the problems of all others."""

    filters: Sequence[Placed[FilterEntry]]
    alarms: Sequence[Placed[AlarmEntry]]
    composites: Sequence[Placed[CompositeEntry]]
    mute_rules: Sequence[Placed[MuteEntry]]
    problems: Sequence[Problem]


class _Shape(RuleSection):
    """A rule file with its entries unread."""

    lists: dict[str, object] = Field(default={})
    metric_filters: tuple[object, ...] = ()
    alarms: tuple[object, ...] = ()
    composite_alarms: tuple[object, ...] = ()
    mute_rules: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    document: Document
    folder: Path
    shape: _Shape


class RuleFiles:
    """Rule files with their named lists read, but no entry yet.

    An entry may refer to a list of any file, and so may relay.yaml's log routes: all
    lists are known before any pattern is compiled.
    """

    def __init__(self, files: Iterable[tuple[Path, str]]) -> None:
        """Read ``files``, each a path and the name that messages use."""
        self._files: list[_File] = []
        self._problems: list[Problem] = []
        lists = ListReader()
        for path, name in files:
            document, faults = read_document(path, file=name)
            self._problems += faults
            if document is None:
                continue
            context = Reading(folder=path.parent)
            shape, faults = validate(_Shape, document, context)
            self._problems += faults
            if shape is not None:
                file = _File(document=document, folder=path.parent, shape=shape)
                self._files.append(file)
                lists.read(shape.lists, document, path.parent)
        self._problems += lists.problems
        self.lists: Lists = lists.lists

    def entries(self) -> Entries:
        """Return what stands in the files."""
        filters: list[Placed[FilterEntry]] = []
        alarms: list[Placed[AlarmEntry]] = []
        composites: list[Placed[CompositeEntry]] = []
        mute_rules: list[Placed[MuteEntry]] = []
        problems = list(self._problems)
        for file in self._files:
            context = Reading(folder=file.folder, lists=self.lists)
            reader = _Reader(file, context)
            filters += reader.read(FilterEntry, "metric_filters")
            alarms += reader.read(AlarmEntry, "alarms")
            composites += reader.read(CompositeEntry, "composite_alarms")
            mute_rules += reader.read(MuteEntry, "mute_rules")
            problems += reader.problems
        return Entries(
            filters=filters,
            alarms=alarms,
            composites=composites,
            mute_rules=mute_rules,
            problems=problems,
        )


def read_entries(files: Iterable[tuple[Path, str]]) -> Entries:
    """Return the entries of ``files``, each a path and the name that messages use."""
    return RuleFiles(files).entries()


class _Reader:
    """Reads the entries of one file, each for itself."""

    def __init__(self, file: _File, context: Reading) -> None:
        self.context = context
        self.problems: list[Problem] = []
        self._document = file.document
        self._shape = file.shape

    def read(self, kind: type[F], key: str) -> list[Placed[F]]:
        """Return the sound ones of the entries under ``key``, a list."""
        placed: list[Placed[F]] = []
        for position in range(len(getattr(self._shape, key))):
            location = (key, position)
            entry, faults = validate(kind, self._document, self.context, base=location)
            self.problems += faults
            if entry is not None:
                placed.append(
                    Placed(document=self._document, location=location, entry=entry)
                )
        return placed
