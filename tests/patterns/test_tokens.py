"""Lines cut into tokens."""

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.patterns.tokens import tokenize


@given(st.text('ab "[]\t', max_size=30))
@settings(deadline=None)
def test_tokens_stand_in_the_line_in_order(line: str) -> None:
    """Each token is found where it says, behind its delimiter if it has one."""
    tokens = tokenize(line)

    assert [t.start for t in tokens] == sorted({t.start for t in tokens})
    for token in tokens:
        rest = line[token.start :]
        assert rest.startswith(token.text) or rest[1:].startswith(token.text)


@given(st.lists(st.text("abc", min_size=1), max_size=5))
@settings(deadline=None)
def test_plain_words_are_split_at_blanks(words: list[str]) -> None:
    """Without delimiters, tokens are what stands between blanks."""
    assert [token.text for token in tokenize(" \t".join(words))] == words


def test_openers_without_closer_take_no_time() -> None:
    """A line full of opening brackets is cut in one pass."""
    assert len(tokenize("[ " * 100_000)) == 100_000
