"""What is wrong with a template, and where."""

import pytest

from relay.errors import Reason, RejectedError
from relay.notify.content.faults import BadTemplateError, fault_of


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no such thing"), "a.j2: no such thing"),
        (ValueError(), "a.j2: ValueError"),
        (RecursionError("maximum recursion depth"), "a.j2: is nested too deeply"),
        (ValueError("x\x1b\ny" + "z" * 999), "a.j2: x\ufffd y" + "z" * 293 + "..."),
    ],
)
def test_errors_of_python_are_told_in_one_line(error: Exception, text: str) -> None:
    """With no line where none is known; it is a refusal for good."""
    fault = fault_of(error, "a.j2", {"a.j2"})

    assert str(fault) == text
    assert isinstance(fault, RejectedError)
    assert fault.reason is Reason.INVALID


def test_a_fault_says_its_line() -> None:
    """As compilers do."""
    fault = BadTemplateError("a.j2", 3, "is wrong")

    assert str(fault) == "a.j2:3: is wrong"
