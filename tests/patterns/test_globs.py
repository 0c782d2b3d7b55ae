"""Globs: whole values, in linear time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.patterns.globs import Glob


@given(glob=st.text("ab*", max_size=8), text=st.text("ab", max_size=10))
@settings(deadline=None)
def test_globs_match_as_regular_expressions_do(glob: str, text: str) -> None:
    """A glob matches what ``.*`` for each star matches, whatever its shape."""
    glob += "*"
    expected = re.fullmatch(glob.replace("*", ".*"), text) is not None

    assert Glob(glob).compile()(text) is expected


@given(glob=st.text("ab*", max_size=6), text=st.text("ab", max_size=10))
@settings(deadline=None)
def test_globs_may_end_in_text(glob: str, text: str) -> None:
    """The last piece must stand at the very end, and not overlap the others."""
    glob = f"*{glob}a"
    expected = re.fullmatch(glob.replace("*", ".*"), text) is not None

    assert Glob(glob).compile()(text) is expected


def test_many_stars_take_no_time() -> None:
    """A glob that would make a backtracking matcher despair is decided at once."""
    matches = Glob("*a" * 500 + "*b").compile()

    assert not matches("a" * 200_000)
    assert matches("a" * 200_000 + "b")


@pytest.mark.parametrize(
    ("glob", "depends"),
    [
        ("*11", True),
        ("x*5", True),
        ("*abcab", True),
        ("*Operation", False),
        ("prefix*", False),
        ("*html*", False),
        ("*", False),
    ],
)
def test_depends_on_backtracking(glob: str, depends: bool) -> None:
    """Last pieces that repeat easily are where AWS may read a glob more narrowly."""
    assert Glob(glob).depends_on_backtracking is depends
