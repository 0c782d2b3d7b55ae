"""Tests of YAML with line numbers."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.config import source_map
from relay.config.problems import Location
from relay.config.source_map import Document, parse_document, read_document


def parsed(text: str) -> Document:
    """Return the document of a text that has no problems."""
    document, problems = parse_document(text, file="f.yaml")
    assert not problems
    assert document is not None
    return document


def problems_of(text: str) -> list[str]:
    """Return the problems of ``text`` as they are printed."""
    return [str(problem) for problem in parse_document(text, file="f.yaml")[1]]


def test_every_key_and_item_knows_its_line() -> None:
    """A key's line is its own; a list item's is where it starts."""
    document = parsed("a:\n  b: 1\n  c:\n    - x\n    -\n      d: 2\n")

    expected: dict[Location, int] = {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c"): 3,
        ("a", "c", 0): 4,
        ("a", "c", 1): 6,
        ("a", "c", 1, "d"): 6,
    }
    assert {place: document.lines[place] for place in expected} == expected


def test_a_missing_location_has_the_line_of_what_is_around_it() -> None:
    """An option that is not there is reported where it should be."""
    document = parsed("\na:\n  b: {}\n")

    assert document.line(("a", "b", "c", "d")) == 3
    assert document.line(("z",)) == 2


def test_an_empty_file_is_an_empty_mapping() -> None:
    """Comments alone are nothing, as is a lone null."""
    assert parsed("# nothing\n").value == {}
    assert parsed("~").value == {}


def test_duplicate_keys_are_a_problem() -> None:
    """The second of two equal keys is reported with the line of the first."""
    assert problems_of("a: 1\nb: 2\na: 3\n") == [
        "f.yaml:3: a: written twice, first on line 1"
    ]


def test_anchors_and_merge_keys_work() -> None:
    """What stands in the mapping itself has precedence over what is merged."""
    document = parsed(
        "x: &x {a: 1, b: 2}\ny: &y {c: 3}\nz:\n  <<: [*x, *y]\n  b: 4\nw: *x\n"
    )

    assert document.at(("z",)) == {"b": 4, "a": 1, "c": 3}
    assert document.at(("w",)) == {"a": 1, "b": 2}
    assert document.line(("z", "b")) == 5
    assert document.line(("z", "a")) == 1


def test_a_merged_mapping_may_merge_itself() -> None:
    """Merge keys nest; the nearest wins."""
    document = parsed("x: &x {a: 1, b: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y, c: 3}\n")

    assert document.at(("z",)) == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1", "f.yaml:1:6: YAML syntax: "),
        ("a: b: c", "f.yaml:1:5: YAML syntax: "),
        ("a: *nope", "f.yaml:1:4: YAML syntax: "),
        ("--- 1\n--- 2", "f.yaml:2:1: YAML syntax: "),
        ("a: \x01", "f.yaml: is no YAML: character #x0001 is not allowed"),
        ("[" * 5000, "f.yaml: is nested too deeply"),
        ("? [a]\n: 1", "f.yaml:1: a key must be a text"),
        ("a: {<<: &x {? [a] : 1}}", "f.yaml:1: a: a key must be a text"),
        ("<<: 3", "f.yaml:1: '<<' takes a mapping or a list of them"),
        ("a: &a [*a]", "f.yaml:1: a[0]: an anchor that contains itself"),
        ("a: &a {<<: *a}", "f.yaml:1: a: an anchor that contains itself"),
        ("a: !!python/name:os.system", "f.yaml:1: a: the tag "),
        ("a: !mine [1]", "f.yaml:1: a: the tag !mine is not supported"),
        ("a: !!int x", "f.yaml:1: a: 'x' is no int"),
    ],
)
def test_what_is_no_usable_yaml_is_a_problem(text: str, expected: str) -> None:
    """Syntax errors carry line and column; nothing is ever executed."""
    problems = problems_of(text)

    assert len(problems) == 1
    assert problems[0].startswith(expected)


def test_an_unquoted_reference_in_braces_gets_a_hint() -> None:
    """YAML itself does not take ${NAME} inside { }."""
    assert problems_of("a: {b: ${X}}")[0].endswith("; put ${NAME} in quotes here")


def test_a_yaml_bomb_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Aliases count as often as they are used."""
    monkeypatch.setattr(source_map, "MAX_VALUES", 100)
    levels = "".join(
        f"l{n + 1}: &l{n + 1} [{', '.join([f'*l{n}'] * 9)}]\n" for n in range(8)
    )

    problems = problems_of(f"l0: &l0 x\n{levels}")

    assert len(problems) == 1
    assert problems[0].endswith("more than 100 values in one file")


def test_references_are_replaced_in_values_only() -> None:
    """Numbers from the environment stay text; keys are left alone."""
    document, problems = parse_document(
        "${A}: ${A}\nb: ['$${A}', 'x']\n", file="f", environment={"A": "12"}
    )

    assert document is not None
    assert document.value == {"${A}": "12", "b": ["${A}", "x"]}
    assert document.written == {("${A}",): "${A}"}
    assert not problems


def test_without_an_environment_nothing_is_replaced() -> None:
    """Rule files hold patterns, in which ${ may stand for itself."""
    assert parsed("a: ${A}").value == {"a": "${A}"}


def test_a_missing_variable_is_a_problem_at_its_line() -> None:
    """The option is named, and stays empty."""
    document, problems = parse_document("\na: ${A}\n", file="f", environment={})

    assert [str(problem) for problem in problems] == [
        "f:2: a: the environment variable A is not set"
    ]
    assert document is not None
    assert document.value == {"a": ""}


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    """Some editors write one."""
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1")

    document, problems = read_document(path, file="f.yaml")

    assert document is not None
    assert document.value == {"a": 1}
    assert not problems


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "f.yaml: cannot be read: No such file or directory"),
        (b"a: \xff", "f.yaml: is no UTF-8: byte 3 is invalid"),
    ],
)
def test_an_unreadable_file_is_a_problem(
    tmp_path: Path, content: bytes | None, expected: str
) -> None:
    """There is no document then, and the reason is told."""
    path = tmp_path / "f.yaml"
    if content is not None:
        path.write_bytes(content)

    document, problems = read_document(path, file="f.yaml")

    assert document is None
    assert [str(problem) for problem in problems] == [expected]


@settings(deadline=None)  # the machine may be busy
@given(st.text(alphabet="ab:-[]{}&*<!#'\"\n ${}?|>%@", max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever a file holds, there is a document or a problem, never an exception."""
    document, problems = parse_document(text, file="f", environment={})

    assert document is not None or problems
