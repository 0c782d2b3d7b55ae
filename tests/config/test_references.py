"""Tests of references to the environment."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.config.references import expand

ENVIRONMENT = {"HOST": "mail", "PORT": "25", "EMPTY": "", "NESTED": "${HOST}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${HOST}", "mail"),
        ("${HOST}:${PORT}", "mail:25"),
        ("a${EMPTY}b", "ab"),
        ("$HOST $ {HOST} $5", "$HOST $ {HOST} $5"),
        ("$${HOST}", "${HOST}"),
        ("$$${HOST}", "$${HOST}"),
        ("${NESTED}", "${HOST}"),
    ],
)
def test_references_are_replaced_once(text: str, expected: str) -> None:
    """Only ${NAME} is a reference; what it brings is not looked at again."""
    expanded = expand(text, ENVIRONMENT)

    assert (expanded.text, expanded.faults) == (expected, ())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("${NOPE}", "the environment variable NOPE is not set"),
        ("${HOST", "'${' is not closed"),
        ("${}", "'${}' names no environment variable"),
        ("${HOST:-x}", "'${HOST:-x}' names no environment variable"),
    ],
)
def test_bad_references_are_faults(text: str, fault: str) -> None:
    """Each bad reference is reported and leaves nothing behind."""
    expanded = expand(text, ENVIRONMENT)

    assert len(expanded.faults) == 1
    assert expanded.faults[0].startswith(fault)
    assert expanded.is_reference


def test_all_faults_of_a_text_are_reported() -> None:
    """Two bad references are two faults."""
    assert len(expand("${A}${B}", {}).faults) == 2


@settings(deadline=None)  # the machine may be busy
@given(st.text())
def test_an_escaped_text_comes_back_as_it_was(text: str) -> None:
    """``$${`` stands for ``${`` in any text that does not end one escape in another."""
    escaped = text.replace("${", "$${")

    expanded = expand(escaped, {})

    assert expanded.text == text
    assert not expanded.is_reference
