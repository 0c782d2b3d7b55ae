"""Tests of the form and the order of problems."""

import pytest

from relay.config.problems import Location, Problem, in_file_order, option_path


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ((), ""),
        (("logs",), "logs"),
        (("logs", "routes", 2, "match"), "logs.routes[2].match"),
        (("a", 0, 1), "a[0][1]"),
    ],
)
def test_option_path_reads_like_code(location: Location, expected: str) -> None:
    """Keys are joined by dots, positions stand in brackets."""
    assert option_path(location) == expected


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (Problem(file="f", line=None, location=(), message="no"), "f: no"),
        (Problem(file="f", line=3, location=("a",), message="no"), "f:3: a: no"),
        (Problem(file="f", line=3, column=5, location=(), message="no"), "f:3:5: no"),
    ],
)
def test_a_problem_is_one_line_with_its_place(problem: Problem, expected: str) -> None:
    """The place comes first, so that editors and terminals can jump to it."""
    assert str(problem) == expected


def test_problems_are_ordered_by_file_and_line() -> None:
    """Files keep the order in which they were read."""

    def at(file: str, line: int) -> Problem:
        return Problem(file=file, line=line, location=(f"{file}{line}",), message="")

    ordered = in_file_order([at("z", 9), at("a", 2), at("z", 1)])

    assert [(each.file, each.line) for each in ordered] == [
        ("z", 1),
        ("z", 9),
        ("a", 2),
    ]


def test_only_the_first_problem_of_a_location_is_kept() -> None:
    """What follows from a fault is no second fault."""
    first = Problem(file="f", line=1, location=("a",), message="not set")
    second = Problem(file="f", line=1, location=("a",), message="is empty")

    assert in_file_order([first, second]) == [first]


def test_all_problems_of_a_whole_file_are_kept() -> None:
    """Problems without a location do not hide each other."""
    problems = [
        Problem(file="f", line=1, location=(), message=text) for text in ("one", "two")
    ]

    assert in_file_order(problems) == problems
