"""Reads a rule test file, and all that it names: the rules, the routes, its events."""

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from relay.config.notify_section import Notify
from relay.config.problems import Location, Problem, in_file_order
from relay.config.refusal import Reading
from relay.config.rule_files import RuleFiles
from relay.config.rule_set import resolve
from relay.config.rule_test_schema import DEFAULT_START, RuleTest, RuleTestFile
from relay.config.rules import RuleSet
from relay.config.source_map import Document, read_document
from relay.config.validation import validate
from relay.ruletest.names import Names
from relay.ruletest.records import NoMemberError, Occurrence, occurrences
from relay.ruletest.routing import EVERYTHING, read_routes


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test, ready to be played; ``start`` is the epoch time that is its 0s.

    ``location`` is where it stands in the file.
    """

    test: RuleTest
    location: Location
    start: float
    occurrences: Sequence[Occurrence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A rule test file, whole and sound."""

    document: Document
    rules: RuleSet
    notify: Notify
    cases: Sequence[Case]


def load_suite(
    path: Path, *, environment: Mapping[str, str] | None = None
) -> tuple[Suite | None, list[Problem]]:
    """Return the test file at ``path``, or None and every problem of all its files.

    ``environment`` (the process's own by default) is where the ``${NAME}`` of a
    relay.yaml are looked up.
    """
    document, problems = read_document(path, file=str(path))
    if document is None:
        return None, problems
    reading = _Reading(document, path.parent, problems)
    suite = reading.suite(os.environ if environment is None else environment)
    return suite, in_file_order(reading.problems)


class _Reading:
    """One reading of a test file; collects problems on the way."""

    def __init__(
        self, document: Document, folder: Path, problems: Sequence[Problem]
    ) -> None:
        self.problems = list(problems)
        self._document = document
        self._folder = folder

    def suite(self, environment: Mapping[str, str]) -> Suite | None:
        context = Reading(folder=self._folder)
        file, faults = validate(RuleTestFile, self._document, context)
        self.problems += faults
        rules = self._rules()
        if file is None:
            return None
        notify = self._notify(file, environment)
        if rules is None or notify is None:
            return None
        names = Names(rules, None if file.config is None else notify)
        cases = [
            self._case(file, test, names, ("tests", position))
            for position, test in enumerate(file.tests)
        ]
        self._tell_repeated([test.name for test in file.tests])
        if self.problems:
            return None
        return Suite(
            document=self._document,
            rules=rules,
            notify=notify,
            cases=[case for case in cases if case is not None],
        )

    def _case(
        self, file: RuleTestFile, test: RuleTest, names: Names, location: Location
    ) -> Case | None:
        starts = (test.start, file.start, DEFAULT_START)
        start = next(each for each in starts if each is not None)
        happening: Sequence[Occurrence] | None
        try:
            happening = occurrences(
                test.events, file.defaults, test=test.name, start=start
            )
        except NoMemberError as error:
            where = (*location, "events", error.event, "remove", error.position)
            text = f"{self._document.show(where)} is no member of the record"
            self.problems.append(self._document.problem(where, text))
            happening = None
        self.problems += names.problems(test, happening, self._document, location)
        if happening is None:
            return None
        return Case(test=test, location=location, start=start, occurrences=happening)

    def _tell_repeated(self, tests: Sequence[str]) -> None:
        lines: dict[str, int] = {}
        for position, name in enumerate(tests):
            location: Location = ("tests", position, "name")
            if name in lines:
                text = f"{name!r} is the name of another test as well, on line"
                problem = self._document.problem(location, f"{text} {lines[name]}")
                self.problems.append(problem)
            lines.setdefault(name, self._document.line(location))

    def _rules(self) -> RuleSet | None:
        """Return the rules, whatever else in the test file may be wrong."""
        paths = list(self._rule_files())
        if any(each.location[:1] == ("rule_files",) for each in self.problems):
            return None
        entries = RuleFiles((each, str(each)) for each in paths).entries()
        resolved = resolve(entries)
        self.problems += resolved.problems
        return None if resolved.problems else resolved.rules

    def _rule_files(self) -> Iterator[Path]:
        """Yield each rule file once."""
        value = self._document.value
        patterns = value.get("rule_files") if isinstance(value, dict) else None
        seen: set[Path] = set()
        for position, pattern in enumerate(
            patterns if isinstance(patterns, list) else ()
        ):
            if not isinstance(pattern, str):
                continue  # validation says so
            location: Location = ("rule_files", position)
            # An absolute pattern replaces the folder.
            full = os.path.join(glob.escape(str(self._folder)), pattern)
            found = [Path(name) for name in sorted(glob.glob(full, recursive=True))]
            files = [each for each in found if each.is_file()]
            if not files:
                text = f"{self._document.show(location)} names no file"
                self.problems.append(self._document.problem(location, text))
            for each in files:
                if each.resolve() not in seen:
                    seen.add(each.resolve())
                    yield each

    def _notify(
        self, file: RuleTestFile, environment: Mapping[str, str]
    ) -> Notify | None:
        if file.config is None:
            return EVERYTHING
        notify, problems = read_routes(
            self._folder / file.config, environment=environment
        )
        self.problems += problems
        return notify
