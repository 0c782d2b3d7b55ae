"""``relay match --rules``: how often each metric filter of rule files matches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from relay.config.rule_files import read_entries
from relay.config.rule_set import resolve
from relay.config.rules import MetricFilter, RuleSet
from relay.errors import ConfigError
from relay.match.event_files import Event, UnreadableError, read_events
from relay.match.progress import SearchProgress
from relay.match.records import RecordReader, log_file_key, log_object
from relay.match.search import FAILED, MATCHED, NONE_MATCHED
from relay.match.text import visible
from relay.rules.compiled import CompiledRules

RULE_SUFFIXES: Final = (".yaml", ".yml")
_BATCH: Final = 256  # records that are in memory at once, with all their matches


@dataclass(slots=True)
class Hits:
    """How often a metric filter matched, and the event times (epoch seconds) of that.

    None for the times when no event that matched has one.
    """

    filter: MetricFilter
    count: int = 0
    first: float | None = None
    last: float | None = None

    def add(self, time: float | None) -> None:
        """Count one match at ``time``."""
        self.count += 1
        if time is not None:
            self.first = time if self.first is None else min(self.first, time)
            self.last = time if self.last is None else max(self.last, time)


def read_rules(paths: Iterable[Path]) -> RuleSet:
    """Return the metric filters of rule files, and of all those in folders.

    Raises ConfigError with every problem of every file.
    """
    files = [(path, str(path)) for path in _rule_files(paths)]
    # Alarms may be fed by the filters of other files than these.
    resolved = resolve(read_entries(files), is_complete=False)
    if resolved.problems:
        raise ConfigError([str(problem) for problem in resolved.problems])
    # Nothing is published here: neither alarms nor defaults matter.
    filters = [replace(each, default_value=None) for each in resolved.rules.filters]
    return replace(resolved.rules, filters=tuple(filters), alarms=())


class RuleSearch:
    """All metric filters over all files."""

    def __init__(
        self,
        rules: RuleSet,
        progress: SearchProgress,
        report: Callable[[str], None],
    ) -> None:
        """Prepare the search; ``report`` takes a line for a file that is unreadable."""
        self._rules = CompiledRules(rules)
        self._reader = RecordReader(self._rules.projection)
        self._progress = progress
        self._report = report
        self._hits = {each.name: Hits(each) for each in rules.filters}
        self.events = 0
        self._has_failed = False

    @property
    def exit_code(self) -> int:
        """The exit status of what has been searched so far."""
        if self._has_failed:
            return FAILED
        return MATCHED if any(each.count for each in self.hits) else NONE_MATCHED

    @property
    def hits(self) -> Sequence[Hits]:
        """What has been found so far, by filter, in the order of the rule files."""
        return list(self._hits.values())

    def fail(self, reason: str) -> None:
        """Report that something could not be read; the search goes on."""
        self._has_failed = True
        self._progress.hide()
        self._report(visible(reason))

    def run(self, paths: Sequence[Path]) -> None:
        """Search all files."""
        for path in self._progress.over_files(paths):
            try:
                self._search(path)
            except UnreadableError as exc:
                self.fail(str(exc))

    def _search(self, path: Path) -> None:
        source, key = log_object(path), log_file_key(path)
        for events in _batches(self._progress.over_events(read_events(path))):
            records = [self._reader.read(event.text) for event in events]
            self.events += len(records)
            for match in self._rules.evaluate(records, source, key).matches:
                self._hits[match.filter].add(match.time)


def _rule_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield each rule file once."""
    seen: set[Path] = set()
    for path in paths:
        for file in _files_in(path) if path.is_dir() else [path]:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _files_in(folder: Path) -> list[Path]:
    try:
        files = [each for each in folder.iterdir() if each.suffix in RULE_SUFFIXES]
    except OSError as exc:
        raise ConfigError([f"{folder}: cannot be read: {exc.strerror}"]) from exc
    if not files:
        raise ConfigError([f"{folder}: there is no rule file in this folder"])
    return sorted(files)


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield the events in lists; what comes before an error is not lost by it."""
    batch: list[Event] = []
    try:
        for event in events:
            batch.append(event)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    except UnreadableError:
        yield batch
        raise
    yield batch
