"""All metric filters of rule files over many files."""

import errno
import gzip
import os
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from relay.errors import ConfigError
from relay.match.event_files import find_files, read_events
from relay.match.progress import SearchProgress
from relay.match.rules import Hits, RuleSearch, read_rules
from tests.support.clock import FakeClock

_DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
_RULES = Path(__file__).parents[2] / "config" / "rules.d"


def rule_file(path: Path, **patterns: str) -> Path:
    """Write a rule file with filters by these names."""
    lines = [f"  - {{name: {name}, pattern: '{p}'}}" for name, p in patterns.items()]
    path.write_text("\n".join(["metric_filters:", *lines]) + "\n")
    return path


def searched(rules: list[Path], inputs: list[Path]) -> tuple[RuleSearch, list[str]]:
    """Search, and return the search and what it reported."""
    reports: list[str] = []
    progress = SearchProgress(Console(force_terminal=False), FakeClock())
    search = RuleSearch(read_rules(rules), progress, reports.append)
    search.run(inputs)
    return search, reports


def seen(search: RuleSearch) -> list[tuple[str, int, float | None, float | None]]:
    """Return what was found as plain values."""
    return [(e.filter.name, e.count, e.first, e.last) for e in search.hits]


def test_hits_have_the_times_of_their_events(tmp_path: Path) -> None:
    """First and last by event time, whatever the order in the file."""
    rules = rule_file(tmp_path / "r.yaml", any="{ $.n = * }", two="{ $.n = 2 }")
    events = tmp_path / "x.jsonl"
    events.write_text(
        '{"n":1,"eventTime":"1970-01-01T00:02:00Z"}\n'
        '{"n":2,"eventTime":"1970-01-01T00:01:00Z"}\n'
        '{"n":3}\n'
    )

    search, _ = searched([rules], [events])

    assert seen(search) == [("any", 3, 60.0, 120.0), ("two", 1, 60.0, 60.0)]
    assert (search.events, search.exit_code) == (3, 0)


def test_patterns_of_all_kinds_over_plain_text(tmp_path: Path) -> None:
    """Lines that are no JSON match as text."""
    rules = rule_file(tmp_path / "r.yaml", t="disk", j="{ $.a = 1 }", s="[a, b]")
    events = tmp_path / "x.log"
    events.write_text("disk full\ncpu\n")

    search, _ = searched([rules], [events])

    assert [count for _, count, *_ in seen(search)] == [1, 0, 1]


def test_what_comes_before_an_error_counts(tmp_path: Path) -> None:
    """A cut file is reported, and so is a missing one; the search goes on."""
    rules = rule_file(tmp_path / "r.yaml", any="line")
    cut = tmp_path / "cut.log.gz"
    cut.write_bytes(gzip.compress(b"line\n" * 50_000)[:-9])
    fine = tmp_path / "fine.log"
    fine.write_text("line\n")

    search, reports = searched([rules], [cut, tmp_path / "no\nwhere", fine])

    assert search.events > 1000
    assert search.hits[0].count == search.events
    assert ["broken gzip" in reports[0], r"no\u000awhere" in reports[1]] == [True, True]
    assert search.exit_code == 2


def test_rule_files_in_folders_each_once(tmp_path: Path) -> None:
    """In the order of their names; a file that is named twice is no second file."""
    rule_file(tmp_path / "b.yml", two="b")
    first = rule_file(tmp_path / "a.yaml", one="a")
    (tmp_path / "readme.txt").touch()

    rules = read_rules([tmp_path, first])

    assert [each.name for each in rules.filters] == ["one", "two"]


def test_a_folder_without_rule_files(tmp_path: Path) -> None:
    """It is a mistake, and named."""
    with pytest.raises(ConfigError, match=r"there is no rule file in this folder"):
        read_rules([tmp_path])


def test_an_unlistable_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reason is told."""

    def refuse(folder: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", folder)

    # No permission keeps the superuser out, whom tests may run as.
    monkeypatch.setattr(os, "listdir", refuse)

    with pytest.raises(ConfigError, match=r"cannot be read: Permission denied"):
        read_rules([tmp_path])


def test_all_problems_are_told(tmp_path: Path) -> None:
    """Of all files."""
    bad = rule_file(tmp_path / "bad.yaml", bad="{ $.a == 1 }", worse="{")

    with pytest.raises(ConfigError) as caught:
        read_rules([bad, tmp_path / "nowhere.yaml"])

    assert len(caught.value.problems) == 3


def test_alarms_need_no_filter_here(tmp_path: Path) -> None:
    """The filter may be in a file that is not given; it is not asked for."""
    path = rule_file(tmp_path / "r.yaml", one="a")
    path.write_text(
        path.read_text() + "alarms: [{name: a, metric: x/y, threshold: 1}]\n"
    )

    rules = read_rules([path])

    assert (len(rules.filters), rules.alarms) == (1, ())


def test_defaults_are_no_hits(tmp_path: Path) -> None:
    """A default counts events that do not match."""
    path = tmp_path / "r.yaml"
    path.write_text(
        "metric_filters: [{name: a, pattern: x, metric: {default_value: 0}}]"
    )
    events = tmp_path / "x.log"
    events.write_text("y\nx\n")

    search, _ = searched([path], [events])

    assert seen(search) == [("a", 1, None, None)]


def test_criteria_decide_as_in_the_daemon(tmp_path: Path) -> None:
    """Account and region are the event's own, else those of the path."""
    path = tmp_path / "r.yaml"
    path.write_text(
        "metric_filters: [{name: a, pattern: '{ $.n = * }', "
        "field_selection_criteria: '@aws.region = \"eu-west-1\"'}]"
    )
    folder = tmp_path / "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/01/01"
    folder.mkdir(parents=True)
    events = folder / "x.json"
    events.write_text('[{"n":1},{"n":2,"awsRegion":"us-east-1"}]')

    search, _ = searched([path], [events])

    assert seen(search) == [("a", 1, None, None)]


def test_hits_without_times() -> None:
    """Events without a time are counted, and move none."""
    rules = Hits(None)  # type: ignore[arg-type] # no filter is needed to count
    for time in (None, 5.0, None, 3.0):
        rules.add(time)

    assert (rules.count, rules.first, rules.last) == (4, 3.0, 5.0)


@pytest.mark.skipif(not _DATA.is_dir(), reason="needs the folder of real data")
def test_real_files_give_what_each_pattern_gives_alone() -> None:
    """All filters at once find what one after the other does."""
    paths = list(find_files([_DATA / "objects"], lambda error: None))

    search, reports = searched([_RULES], paths)

    alone = Counter[str]()
    for path in paths:
        for event in read_events(path):
            message = event.text.decode()
            alone.update(
                each.filter.name
                for each in search.hits
                if each.filter.pattern.matches(message)
            )
    assert {name: count for name, count, *_ in seen(search) if count} == alone
    assert (reports, search.exit_code) == ([], 0)
    assert search.events == 2900
