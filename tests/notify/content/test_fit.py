"""Text is shortened so that a reader sees it, and never above the limit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.notify.content.fit import fit


@pytest.mark.parametrize(
    ("text", "limits", "expected"),
    [
        ("short", {"max_chars": 5}, "short"),
        ("short", {}, "short"),
        ("größe", {"max_bytes": 7}, "größe"),
        ("x" * 2_400, {"max_chars": 100}, "x" * 75 + "... 2,325 more characters"),
        (
            "one two three four five six seven",
            {"max_chars": 30},
            "one two... 26 more characters",
        ),
        ("x" * 30, {"max_chars": 29}, "x" * 7 + "... 23 more characters"),
        ("x" * 30, {"max_chars": 10}, "..."),
        ("x" * 30, {"max_bytes": 2}, ".."),
        ("first line\nsecond " + "y" * 60, {"max_chars": 50}, None),
    ],
)
def test_what_does_not_fit_says_how_much_is_missing(
    text: str, limits: dict[str, int], expected: str | None
) -> None:
    """With the number of characters; a word or line near the end is kept whole."""
    fitted = fit(text, **limits)

    assert fitted == (expected or "first line\nsecond... 61 more characters")


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(0, 80),
    st.integers(0, 160),
)
def test_the_limits_hold_and_the_count_is_right(
    text: str, max_chars: int, max_bytes: int
) -> None:
    """Whatever the text; what is shown and what is counted is all of it."""
    fitted = fit(text, max_chars=max_chars, max_bytes=max_bytes)

    assert len(fitted) <= max_chars
    assert len(fitted.encode()) <= max_bytes
    hint = re.search(r"\.\.\. ([\d,]+) more characters?$", fitted)
    if fitted != text and hint:
        kept = fitted[: hint.start()]
        assert text.startswith(kept)
        assert len(kept) + int(hint[1].replace(",", "")) == len(text)
