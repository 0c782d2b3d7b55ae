"""The report for people: a line for each file, and all that explains a failure."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from relay.config.units import format_duration
from relay.notify.plain import one_line
from relay.ruletest.results import (
    CaseVerdict,
    Difference,
    FileVerdict,
    Moment,
    Seen,
)
from relay.ruletest.shown import named, shown_values

_MOST_SHOWN = 30
"""Transitions and events of one test; where more happens, nobody reads them."""
_AT_BIRTH = ("INSUFFICIENT_DATA", "OK")
"""What every alarm without groups does first, and nobody wants to read."""


def file_lines(verdict: FileVerdict, *, is_verbose: bool) -> Iterator[Text]:
    """Yield what is to be said of one file; ``is_verbose`` tells of what passed too."""
    if verdict.problems:
        yield _headline(verdict.file, "INVALID", "red bold")
        for problem in verdict.problems:
            yield Text(f"  {problem}")
        return
    count, failed = len(verdict.tests), len(verdict.failed)
    if failed:
        note = f"FAILED, {failed} of {_counted(count, 'test')}"
        yield _headline(verdict.file, note, "red bold")
        yield Text("  (- is expected, + is so)", "dim")
    else:
        yield _headline(verdict.file, f"ok, {_counted(count, 'test')}", "green")
    for test in verdict.tests if is_verbose else verdict.failed:
        yield from test_lines(test, verdict.file, is_verbose=is_verbose)


def test_lines(
    test: CaseVerdict, file: str, *, is_verbose: bool = False
) -> Iterator[Text]:
    """Yield what is to be said of one test."""
    mark = ("ok", "green") if test.has_passed else ("FAILED", "red bold")
    name = one_line(test.name)
    yield Text.assemble("  ", mark, f" {name} ", (f"{file}:{test.line}", "dim"))
    for difference in test.differences:
        yield from _difference_lines(difference, file)
    if test.differences or is_verbose:
        yield from _moment_lines(_relevant(test, is_verbose=is_verbose))
        yield from _event_lines(test.events)


def summary(verdicts: Sequence[FileVerdict], secs: float) -> Text:
    """Return the last line: how many tests passed, failed, and could not be played."""
    tests = sum(len(each.tests) for each in verdicts)
    failed = sum(len(each.failed) for each in verdicts)
    invalid = sum(bool(each.problems) for each in verdicts)
    parts = [f"{tests - failed} passed"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{_counted(invalid, 'invalid file')}"] if invalid else []
    style = "red bold" if failed or invalid else "green bold"
    files, all_tests = _counted(len(verdicts), "file"), _counted(tests, "test")
    counts = f"{files}, {all_tests} in {secs:.2f}s: "
    return Text.assemble(counts, (", ".join(parts), style))


def diff_lines(difference: Difference) -> Iterator[str]:
    """Yield what was expected and is not there (-), what is there (+), what both is."""
    for text in difference.expected:
        yield f"{' ' if text in difference.actual else '-'} {text}"
    for text in difference.actual:
        if text not in difference.expected:
            yield f"+ {text}"


def _headline(file: str, note: str, style: str) -> Text:
    return Text.assemble(f"{file}: ", (note, style))


def _difference_lines(difference: Difference, file: str) -> Iterator[Text]:
    place = f"{file}:{difference.line}: "
    at = difference.at_secs
    time = "" if at is None else f"at {format_duration(at)}: "
    yield Text.assemble(f"    {place}{time}", (difference.subject, "bold"))
    for line in diff_lines(difference):
        style = {"-": "red", "+": "green"}.get(line[0], "")
        yield Text(f"      {line}", style)


def _relevant(test: CaseVerdict, *, is_verbose: bool) -> Sequence[Moment]:
    """Return the transitions that explain the differences: of these alarms, or all."""
    alarms = {each.alarm for each in test.differences}
    shows_all = is_verbose or None in alarms
    return [
        each
        for each in test.moments
        if each.alarm in alarms or (shows_all and (each.old, each.new) != _AT_BIRTH)
    ]


def _moment_lines(moments: Sequence[Moment]) -> Iterator[Text]:
    yield Text("    transitions", "dim")
    if not moments:
        yield Text("      none")
    for each in moments[:_MOST_SHOWN]:
        time = format_duration(each.at_secs)
        subject = named(each.alarm, shown_values(each.group))
        states = f"{each.old} -> {each.new}"
        evidence = f" [{' '.join(each.evidence)}]" if each.evidence else ""
        yield Text(f"      {time:>8}  {subject}  {states}  {each.reason}{evidence}")
    yield from _more(len(moments))


def _event_lines(events: Sequence[Seen]) -> Iterator[Text]:
    if not events:
        return
    yield Text("    events, and the metric filters that match them", "dim")
    for each in events[:_MOST_SHOWN]:
        time = format_duration(each.arrives_secs)
        filters = ", ".join(each.filters) or "none"
        yield Text(f"      {time:>8}  {each.reference}  {each.name}  {filters}")
    yield from _more(len(events))


def _more(count: int) -> Iterator[Text]:
    if count > _MOST_SHOWN:
        yield Text(f"      and {count - _MOST_SHOWN:,} more", "dim")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
