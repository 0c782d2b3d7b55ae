"""Failpoints: armed by a setting, nothing without one."""

import os
import signal
import subprocess
import sys
from itertools import product

import pytest

from relay import failpoints
from relay.failpoints import (
    EXIT_STATUS,
    VARIABLE,
    Action,
    Failpoint,
    FailpointError,
    armed,
)


def test_nothing_is_armed_here() -> None:
    """The suite itself runs without failpoints, as every user does."""
    assert failpoints.SETTING == ""


def test_no_setting_does_nothing() -> None:
    """Every place can be passed when nothing is armed."""
    passed = armed("")

    for point in Failpoint:
        passed(point)


def test_only_the_named_place_acts_at_its_pass() -> None:
    """The first two passes and the other places go by, the third pass raises."""
    come_to = armed("before-put=raise:3")

    for _ in range(2):
        come_to(Failpoint.BEFORE_PUT)
        come_to(Failpoint.AFTER_PUT)
    with pytest.raises(FailpointError, match="before-put"):
        come_to(Failpoint.BEFORE_PUT)


def test_a_place_acts_once() -> None:
    """What was raised once is not raised again: the next pass is an ordinary one."""
    come_to = armed("after-send=raise")

    with pytest.raises(FailpointError):
        come_to(Failpoint.AFTER_SEND)
    come_to(Failpoint.AFTER_SEND)


@pytest.mark.parametrize(
    "setting",
    [
        "before-lunch=kill",
        "before-put=shout",
        "before-put=kill:x",
        "before-put",
        "before-put=kill:0",
        ",",
    ],
)
def test_a_setting_that_cannot_be_read_is_an_error(setting: str) -> None:
    """A fault that is never injected would prove anything: it must not start."""
    with pytest.raises(ValueError, match=VARIABLE):
        armed(setting)


@pytest.mark.parametrize(
    ("action", "status"), [(Action.KILL, -signal.SIGKILL), (Action.EXIT, EXIT_STATUS)]
)
def test_the_process_ends(action: Action, status: int) -> None:
    """``kill`` and ``exit`` end a process in which the variable is set."""
    program = (
        "from relay.failpoints import Failpoint, failpoint\n"
        "failpoint(Failpoint.BEFORE_PUT); print('still here', flush=True)\n"
        "failpoint(Failpoint.BEFORE_PUT); print('never said', flush=True)\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, VARIABLE: f"before-put={action}:2"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == status
    assert ended.stdout == "still here\n"


def test_every_place_and_action_has_a_setting() -> None:
    """The names in the setting are those of the two closed sets."""
    for point, action in product(Failpoint, Action):
        armed(f"{point}={action}")
