"""Places at which a test can end this process: before and after what must be durable.

Armed by the environment variable ``RELAY_FAILPOINTS`` and meant for the fault-injection
suite alone, for example ``before-commit=kill:7,after-put=kill``: the process kills
itself when it comes to the seventh commit, or when its first PutLogEvents call was
answered. Without the variable a failpoint is a call of an empty function; none of them
lies on the way of a single record.
"""

import os
import signal
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, NoReturn

VARIABLE: Final = "RELAY_FAILPOINTS"
EXIT_STATUS: Final = 70
"""Of a process that a failpoint has ended by ``exit``."""


class Failpoint(StrEnum):
    """Every place there is."""

    BEFORE_COMMIT = "before-commit"
    """The alarm engine has moved on, the state store has not."""
    WITHIN_COMMIT = "within-commit"
    """All of a transaction is written but its end."""
    AFTER_COMMIT = "after-commit"
    """The state store has moved on, nobody has been told."""
    BEFORE_PUT = "before-put"
    AFTER_PUT = "after-put"
    """CloudWatch Logs has the batch, nothing of ours says so."""
    AFTER_COUNT = "after-count"
    """Between the two branches of the path: counted, not relayed."""
    AFTER_WRITE = "after-write"
    """All of an object's log events are acknowledged, its mark is not written."""
    BEFORE_DELETE = "before-delete"
    AFTER_DELETE = "after-delete"
    BEFORE_RETURN = "before-return"
    AFTER_RETURN = "after-return"
    BEFORE_SEND = "before-send"
    AFTER_SEND = "after-send"
    """A notification is accepted, its outbox entry is still there."""
    BEFORE_SWAP = "before-swap"
    """A new configuration is built, the old one in force."""
    AFTER_SWAP = "after-swap"
    """New alarms and routes are in force, the new source has not begun."""


class Action(StrEnum):
    """What happens at a failpoint that is armed."""

    KILL = "kill"
    """SIGKILL to this very process: no clean-up of any kind."""
    EXIT = "exit"
    """The end at once with status 70; what libc holds in buffers is written."""
    RAISE = "raise"
    """FailpointError, as from a fault in our own code."""


class FailpointError(Exception):
    """Raised by a failpoint that is armed with ``raise``."""


class _Trap:
    """Counts down the passes of one failpoint, then acts; once."""

    def __init__(self, point: Failpoint, action: Action, passes: int) -> None:
        self._point = point
        self._action = action
        self._passes_left = passes

    def __call__(self) -> None:
        # Some failpoints are in worker threads; a lost update would only delay the end.
        self._passes_left -= 1
        if self._passes_left == 0:
            self._act()

    def _act(self) -> NoReturn:
        if self._action is Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._action is Action.RAISE:
            raise FailpointError(str(self._point))
        os._exit(EXIT_STATUS)


def armed(setting: str) -> Callable[[Failpoint], None]:
    """Return what ``failpoint`` is under ``setting``; that of nothing does nothing.

    Raises ValueError for a setting that cannot be read: a fault that is never injected
    would prove anything.
    """
    if not setting:
        return _nothing
    traps = _parse(setting)

    def failpoint(point: Failpoint) -> None:
        trap = traps.get(point)
        if trap is not None:
            trap()

    return failpoint


def _parse(setting: str) -> Mapping[Failpoint, _Trap]:
    traps: dict[Failpoint, _Trap] = {}
    for item in setting.split(","):
        name, _, wanted = item.partition("=")
        action, _, passes = wanted.partition(":")
        try:
            point, count = Failpoint(name), int(passes or 1)
            traps[point] = _Trap(point, Action(action), count)
        except ValueError as error:
            raise ValueError(f"{VARIABLE}: cannot read {item!r}: {error}") from error
        if count < 1:
            raise ValueError(f"{VARIABLE}: {item!r}: passes are counted from 1")
    return traps


def _nothing(point: Failpoint) -> None:
    """Do nothing."""


SETTING: Final = os.environ.get(VARIABLE, "")
"""What this process was started with."""
failpoint: Final = armed(SETTING)
"""Come to a place; without ``RELAY_FAILPOINTS`` nothing happens there."""
