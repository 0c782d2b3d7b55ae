"""Loads relay.yaml and every rule file that it names: all of it, or every problem."""

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from relay.config.checks import (
    notify_problems,
    notify_warnings,
    quarantine_problems,
    quarantine_warnings,
)
from relay.config.notify_section import Notify
from relay.config.pattern_text import compile_text, pattern_warnings
from relay.config.problems import Location, Problem, in_file_order
from relay.config.refusal import Reading
from relay.config.rule_files import RuleFiles
from relay.config.rule_set import resolve
from relay.config.rules import RuleSet
from relay.config.schema import Config, Loaded
from relay.config.secret_references import SecretReference, Unreadable
from relay.config.source_map import Document, read_document
from relay.config.steady import steadily
from relay.config.template_files import (
    TemplateFile,
    read_template,
    unknown_templates,
)
from relay.config.validation import validate
from relay.errors import ConfigError
from relay.patterns import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What reading the configuration found; with problems, ``loaded`` is None."""

    loaded: Loaded | None
    problems: Sequence[Problem]
    warnings: Sequence[Problem]

    def usable(self) -> Loaded:
        """Return the configuration. Raises ConfigError with every problem."""
        if self.loaded is None:
            raise ConfigError([str(problem) for problem in self.problems])
        return self.loaded


def load(path: Path, *, environment: Mapping[str, str] | None = None) -> Loaded:
    """Return the configuration at ``path`` with the rule files that it names.

    ``environment`` (the process's own by default) is where ``${NAME}`` is looked up.
    Secrets that AWS keeps are not known in it; ``relay.aws.secret_sources`` reads them.
    Raises ConfigError with every problem of every file.
    """
    return examine(path, environment=environment).usable()


def examine(
    path: Path,
    *,
    environment: Mapping[str, str] | None = None,
    secrets: Mapping[SecretReference, str | Unreadable] | None = None,
) -> Report:
    """Return what ``load`` returns or raises, as a report; the files are only read.

    A file that changes meanwhile has all of them read again.

    ``secrets`` is what AWS holds; without it only the form of references is checked.
    """
    environment = os.environ if environment is None else environment
    return steadily(partial(_examine_once, path, environment, secrets))


def _examine_once(
    path: Path,
    environment: Mapping[str, str],
    secrets: Mapping[SecretReference, str | Unreadable] | None,
) -> Report:
    document, problems = read_document(path, file=str(path), environment=environment)
    if document is None:
        return Report(loaded=None, problems=problems, warnings=())
    context = Reading(folder=path.parent, secrets=secrets)
    return _Examination(document, context, problems).report()


class _Examination:
    """One reading of all files; collects problems and warnings on the way."""

    def __init__(
        self, document: Document, context: Reading, problems: Sequence[Problem]
    ) -> None:
        self._document = document
        self._context = context
        self._problems = list(problems)
        self._warnings: list[Problem] = []

    def report(self) -> Report:
        # Rule files first: log routes may refer to the named lists in them as well.
        files = RuleFiles(self._rule_files() if self._names_rule_files() else ())
        self._context = replace(self._context, lists=files.lists)
        config, faults = validate(Config, self._document, self._context)
        self._problems += faults
        broken = {fault.location[:1] for fault in self._problems}
        notify = self._notify(config, broken)
        if notify is not None:
            self._problems += notify_problems(notify, self._document)
        if config is not None:
            self._problems += quarantine_problems(config, self._document)
        templates = () if config is None else self._template_files(config.notify)
        rules = self._rules(files)
        problems = in_file_order(self._problems)
        if config is None or problems:
            return Report(
                loaded=None, problems=problems, warnings=self._sorted_warnings()
            )
        log_matches = self._log_matches(config)
        self._warnings += quarantine_warnings(config, self._document)
        self._warnings += notify_warnings(config.notify, rules, self._document)
        warnings = self._sorted_warnings()
        loaded = Loaded(
            config=config,
            rules=replace(rules, log_group=config.logs.group),
            log_matches=log_matches,
            templates=templates,
            warnings=tuple(str(warning) for warning in warnings),
        )
        return Report(loaded=loaded, problems=(), warnings=warnings)

    def _names_rule_files(self) -> bool:
        """Tell whether the option rules is sound; if not, validation says why."""
        value = self._document.value
        names = value.get("rules", []) if isinstance(value, dict) else None
        return (
            isinstance(names, list)
            and all(isinstance(name, str) and name for name in names)
            and all(fault.location[:1] != ("rules",) for fault in self._problems)
        )

    def _notify(self, config: Config | None, broken: set[Location]) -> Notify | None:
        """Return the section ``notify`` if it is sound, whatever else is broken."""
        if config is not None:
            return config.notify
        value = self._document.value
        if (
            ("notify",) in broken
            or not isinstance(value, dict)
            or "notify" not in value
        ):
            return None
        notify, _ = validate(Notify, self._document, self._context, base=("notify",))
        return notify

    def _rules(self, files: RuleFiles) -> RuleSet:
        is_complete = all(each.location[:1] != ("rules",) for each in self._problems)
        resolved = resolve(files.entries(), is_complete=is_complete)
        self._problems += resolved.problems
        self._warnings += resolved.warnings
        return resolved.rules

    def _rule_files(self) -> Iterator[tuple[Path, str]]:
        """Yield each rule file once, with the name that messages use."""
        value = self._document.value
        patterns = value.get("rules", []) if isinstance(value, dict) else []
        seen: set[Path] = set()
        for position, pattern in enumerate(patterns):
            paths = self._matching(pattern, ("rules", position))
            for path in paths:
                if path.resolve() not in seen:
                    seen.add(path.resolve())
                    yield path, str(path)

    def _template_files(self, notify: Notify) -> tuple[TemplateFile, ...]:
        """Return the template files that can be read; a name stands for one file."""
        read: dict[str, TemplateFile] = {}
        for position, pattern in enumerate(notify.templates):
            location: Location = ("notify", "templates", position)
            for path in self._matching(pattern, location):
                try:
                    template = read_template(path)
                except ValueError as error:
                    fault = self._document.problem(location, f"{path} {error}")
                    self._problems.append(fault)
                    continue
                first = read.setdefault(template.name, template)
                if first.file != template.file:
                    message = f"{path} has the name of {first.file}"
                    self._problems.append(self._document.problem(location, message))
        files = tuple(read.values())
        self._problems += unknown_templates(notify, files, self._document)
        return files

    def _matching(self, pattern: str, location: Location) -> list[Path]:
        folder = self._context.folder
        shown = self._document.show(location)
        # An absolute pattern replaces the folder.
        full = os.path.join(glob.escape(str(folder)), pattern)
        paths = [Path(name) for name in sorted(glob.glob(full, recursive=True))]
        if not paths:
            fault = self._document.problem(location, f"{shown} names no file")
            has_wildcard = glob.has_magic(pattern)
            (self._warnings if has_wildcard else self._problems).append(fault)
        files = [path for path in paths if not path.is_dir()]
        if len(files) < len(paths):
            message = f"{shown} names a folder; name its files, as in rules.d/*.yaml"
            self._problems.append(self._document.problem(location, message))
        return files

    def _log_matches(self, config: Config) -> tuple[Pattern, ...]:
        matches: list[Pattern] = []
        for position, route in enumerate(config.logs.routes):
            pattern = compile_text(
                route.match, extensions=route.extensions, lists=self._context.lists
            )
            matches.append(pattern)
            self._warnings += [
                self._document.problem(("logs", "routes", position, "match"), text)
                for text in pattern_warnings(pattern, extensions=route.extensions)
            ]
        return tuple(matches)

    def _sorted_warnings(self) -> list[Problem]:
        return in_file_order(self._warnings, first_only=False)
