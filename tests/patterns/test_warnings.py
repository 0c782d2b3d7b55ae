"""What valid patterns warn of."""

import pytest

from relay.patterns import compile_pattern


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("{ $.a = 1 || $.b = 1 && $.c = 1 }", "'&&' binds tighter"),
        ("{ $.a != x || $.b != y }", "'!=' on $.a and $.b joined by '||'"),
        ("{ $.z = 1 && ($.a != x || $.a != y) }", "'!=' on $.a joined by '||'"),
        ("{ $.readOnly = true }", "write '$.readOnly IS TRUE'"),
        ("{ $.readOnly != false }", "'!= false' compares $.readOnly"),
        ("{ $.ip = *11 }", "AWS may read '*11' more narrowly"),
        ("{ $.a = * || $.b = x }", "asks for a string or a number"),
        ("{ $.a != ** }", "'$.a != **' asks for"),
        ("{ $.a > 5 }", "'>' on $.a fails for a number that the event has in quotes"),
        ("user-id", "'-' inside a word"),
        ("what?ever", "'?' inside a word"),
        ("?a b", "'?' do not count"),
        ("?a -b", "'?' do not count"),
        ('" "', "quoted blanks"),
        ("[l = ERROR, ...]", "put words in quotes"),
        ('[a, l = "ERROR"]', "takes the rest of the line"),
        ("[a = 1 || a = 2 && a = 3, ...]", "'&&' binds tighter"),
    ],
)
def test_traps_are_warned_of(text: str, excerpt: str) -> None:
    """A trap yields a warning that says what is meant or how to write it."""
    warnings = compile_pattern(text).warnings

    assert any(excerpt in warning for warning in warnings)


@pytest.mark.parametrize(
    "text",
    [
        '{ $.a = "true" || ($.b = 1 && $.c != 2) }',
        "{ $.a != x && $.b != y }",
        "{ $.e = *UnauthorizedOperation || $.e = AccessDenied* }",
        "",
        "-a b",
        "?a ?b",
        '"user-id"',
        "[a, b]",
        '[a = "x", b]',
        "[a = 4*, ...]",
        "[..., a = 1]",
        "%a%",
    ],
)
def test_sound_patterns_are_not(text: str) -> None:
    """A pattern without traps has no warnings."""
    assert compile_pattern(text).warnings == ()


def test_warnings_do_not_repeat() -> None:
    """The same trap in several places is one warning."""
    pattern = compile_pattern("{ ($.a = true || $.b = 1) && ($.a = true || $.c = 1) }")

    assert len(pattern.warnings) == 1
