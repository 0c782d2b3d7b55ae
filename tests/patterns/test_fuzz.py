"""Any text at all: compiled or refused, never anything else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.patterns import PatternError, compile_pattern, parse_selector
from tests.patterns.tables import read_table

PIECES = st.sampled_from(
    [
        *"{}[]()%\"'$.*-?+,=!<>&| \\\n_:@/#",
        *["$.a", "$.a[*]", "$.['k']", "&&", "||", "!=", "<=", "IS", "NOT", "NULL"],
        *["TRUE", "EXISTS", "1", "1e5", "1e2147483648", '"x"', "%a%", "...", "x", "ß"],
        *["{2}", "{,2}", "[a-z]", "\\d", "\\x28", "null", "\ud800"],
    ]
)
PATTERNS = [
    row["pattern"]
    for table in ("json_patterns.json", "text_patterns.json", "space_patterns.json")
    for row in read_table(table)
]
MESSAGES = ["", "x", '{"a": "x"}', '{"a": [1, null]}', '"x" [y z] 1', "\ud800"]


def compile_any(text: str) -> None:
    """Compile ``text``; when it is a pattern, use it."""
    try:
        pattern = compile_pattern(text)
    except PatternError as error:
        assert 0 <= error.position <= len(text)
        assert error.message in str(error)
        return
    for message in MESSAGES:
        assert pattern.matches(message) is (pattern.extract(message) is not None)


@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=300, deadline=None)
def test_pieces_of_patterns(text: str) -> None:
    """Pieces in any order either compile or raise PatternError."""
    compile_any(text)


@given(st.text(st.characters(codec=None), max_size=40))
@settings(deadline=None)
def test_any_text(text: str) -> None:
    """Text of any characters either compiles or raises PatternError."""
    compile_any(text)


@given(data=st.data(), text=st.sampled_from(PATTERNS))
@settings(max_examples=200, deadline=None)
def test_damaged_patterns(data: st.DataObject, text: str) -> None:
    """A pattern with a piece put in or cut out compiles or raises PatternError."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 3)))

    compile_any(text[:start] + data.draw(PIECES | st.just("")) + text[end:])


@given(st.lists(PIECES, max_size=12).map(lambda pieces: "$." + "".join(pieces)))
@settings(deadline=None)
def test_selectors(text: str) -> None:
    """A selector that parses alone parses in a pattern, to the same steps."""
    try:
        selector = parse_selector(text)
    except PatternError:
        return

    assert compile_pattern(f"{{ {text} = 1 }}").selectors == {selector}
