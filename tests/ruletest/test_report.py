"""Tests of the report for people."""

from collections.abc import Sequence

import pytest

from relay.config.problems import Problem
from relay.ruletest.report import diff_lines, file_lines, summary
from relay.ruletest.results import CaseVerdict, Difference, FileVerdict, Moment, Seen


def difference(
    expected: Sequence[str], actual: Sequence[str], *, alarm: str | None = "a"
) -> Difference:
    """Return a difference about the state of an alarm."""
    return Difference(
        line=7,
        at_secs=90.0,
        subject="state of a",
        expected=expected,
        actual=actual,
        alarm=alarm,
    )


def moment(alarm: str, at_secs: float = 60.0, *, old: str = "OK") -> Moment:
    """Return a transition."""
    return Moment(
        at_secs=at_secs,
        alarm=alarm,
        group={"$.u": "x"} if alarm == "a" else {},
        old=old,
        new="OK" if old == "INSUFFICIENT_DATA" else "ALARM",
        reason="because",
        evidence=["$1", "$2"] if alarm == "a" else [],
    )


def event(reference: str, *filters: str) -> Seen:
    """Return an event with the filters that match it."""
    return Seen(
        reference=reference, arrives_secs=0.0, name="Call", filters=list(filters)
    )


def verdict(*differences: Difference, many: int = 1) -> FileVerdict:
    """Return what came of a file with one test."""
    moments = [moment("b", old="INSUFFICIENT_DATA"), moment("a"), moment("b")]
    test = CaseVerdict(
        name="a name\nof two lines",
        line=3,
        differences=differences,
        moments=moments * many,
        events=[event("$1", "f", "g"), event("$2")] * many,
        secs=0.5,
    )
    return FileVerdict(file="x.test.yaml", tests=[test])


def plain(verdict: FileVerdict, *, is_verbose: bool = False) -> list[str]:
    """Return the report's lines."""
    return [line.plain for line in file_lines(verdict, is_verbose=is_verbose)]


def test_what_passed_is_one_line() -> None:
    """Nobody has to read on."""
    assert plain(verdict()) == ["x.test.yaml: ok, 1 test"]


def test_a_failure_is_explained() -> None:
    """The difference, the transitions of its alarm, and the events."""
    assert plain(verdict(difference(["ALARM"], ["OK"]))) == [
        "x.test.yaml: FAILED, 1 of 1 test",
        "  (- is expected, + is so)",
        "  FAILED a name of two lines x.test.yaml:3",
        "    x.test.yaml:7: at 1m30s: state of a",
        "      - ALARM",
        "      + OK",
        "    transitions",
        "            1m  a {$.u: x}  OK -> ALARM  because [$1 $2]",
        "    events, and the metric filters that match them",
        "            0s  $1  Call  f, g",
        "            0s  $2  Call  none",
    ]


def test_a_difference_about_no_alarm_shows_all_transitions() -> None:
    """But for what every alarm does first."""
    lines = plain(verdict(difference(["1"], ["2"], alarm=None)))

    assert [line for line in lines if "->" in line] == [
        "            1m  a {$.u: x}  OK -> ALARM  because [$1 $2]",
        "            1m  b  OK -> ALARM  because",
    ]


def test_verbose_tells_of_what_passed() -> None:
    """Everything that happened in the test."""
    lines = plain(verdict(), is_verbose=True)

    assert lines[:3] == [
        "x.test.yaml: ok, 1 test",
        "  ok a name of two lines x.test.yaml:3",
        "    transitions",
    ]
    assert len([line for line in lines if "->" in line]) == 2


def test_no_transitions_are_said() -> None:
    """An alarm that did not move is what the reader wants to know."""
    lines = plain(verdict(difference(["ALARM"], ["OK"], alarm="quiet")))

    assert lines[6:8] == ["    transitions", "      none"]


def test_a_test_without_events_has_no_list_of_them() -> None:
    """Silence is tested as well."""
    test = CaseVerdict(
        name="t",
        line=3,
        differences=[difference(["ALARM"], ["OK"])],
        moments=[],
        events=[],
        secs=0.0,
    )

    assert not [
        line for line in plain(FileVerdict(file="x", tests=[test])) if "events" in line
    ]


def test_long_lists_are_cut() -> None:
    """A thousand events explain nothing."""
    lines = plain(verdict(difference(["ALARM"], ["OK"]), many=20))

    assert [line for line in lines if "more" in line] == ["      and 10 more"]


@pytest.mark.parametrize(
    ("expected", "actual", "lines"),
    [
        (["A"], ["B"], ["- A", "+ B"]),
        (["A", "B"], ["B", "C"], ["- A", "  B", "+ C"]),
        ([], ["B"], ["+ B"]),
        (["A"], [], ["- A"]),
    ],
)
def test_a_diff(expected: list[str], actual: list[str], lines: list[str]) -> None:
    """What is missing, what is common, what is too much."""
    assert list(diff_lines(difference(expected, actual))) == lines


def test_an_invalid_file_tells_its_problems() -> None:
    """Each on a line, as ``relay check`` does."""
    problem = Problem(file="x", line=3, location=("a",), message="is wrong")

    assert plain(FileVerdict(file="x", problems=[problem])) == [
        "x: INVALID",
        "  x:3: a: is wrong",
    ]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], "0 files, 0 tests in 1.50s: 0 passed"),
        ([verdict()], "1 file, 1 test in 1.50s: 1 passed"),
        (
            [
                verdict(),
                verdict(difference(["A"], [])),
                FileVerdict(
                    file="x",
                    problems=[Problem(file="x", line=1, location=(), message="no")],
                ),
            ],
            "3 files, 2 tests in 1.50s: 1 passed, 1 failed, 1 invalid file",
        ),
    ],
)
def test_the_summary_counts(verdicts: list[FileVerdict], expected: str) -> None:
    """Files, tests, and what came of them."""
    assert summary(verdicts, 1.5).plain == expected
