"""How a bad pattern is shown."""

import pytest

from relay.patterns import PatternError, compile_pattern


def error_of(text: str) -> PatternError:
    """Return the error that compiling ``text`` raises."""
    with pytest.raises(PatternError) as caught:
        compile_pattern(text)
    return caught.value


def test_the_message_shows_the_place() -> None:
    """The text names the fault, AWS's text, the pattern, and points at the column."""
    error = error_of("{ $.a == 1 }")

    assert str(error) == (
        "expected a value, found '=' (AWS: Invalid metric filter pattern)\n"
        "  { $.a == 1 }\n"
        "         ^"
    )


def test_attributes_say_the_same() -> None:
    """A program finds the parts of the text in attributes."""
    error = error_of("{ $.a LIKE 1 }")

    assert isinstance(error, ValueError)
    assert (error.position, error.found) == (6, "'LIKE'")
    assert error.expected == "=, !=, <, <=, >, >=, IS or NOT EXISTS"
    assert error.pattern == "{ $.a LIKE 1 }"
    assert error.message.startswith("expected =")


def test_of_many_lines_the_faulty_one_is_shown() -> None:
    """A pattern of several lines is shown by the line of the fault, tabs as blanks."""
    error = error_of("{ $.a = 1\n\t&& $.b == 2\n}")

    assert str(error).splitlines()[1:] == ["   && $.b == 2", " " * 11 + "^"]


def test_long_lines_are_cut() -> None:
    """Of a long line only the part around the fault is shown, the caret in place."""
    error = error_of("{ " + "$.a = 1 || " * 40 + "$.a == 1" + " || $.a = 1" * 40 + " }")

    _, line, caret = str(error).splitlines()
    assert line.startswith("  ...")
    assert line.endswith("...")
    assert line[len(caret) - 2 : len(caret)] == "=="


def test_the_end_of_the_pattern_has_a_place_too() -> None:
    """A fault at the end points behind the last character."""
    error = error_of("{ $.a = 1")

    assert error.found == "the end of the pattern"
    assert str(error).splitlines()[-1] == " " * 11 + "^"


def test_without_a_text_of_aws_none_is_claimed() -> None:
    """Where AWS's text is not known, the message does not invent one."""
    error = error_of("%open")

    assert str(error).splitlines()[0] == ("the regular expression is not closed by '%'")
