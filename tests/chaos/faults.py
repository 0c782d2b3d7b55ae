"""What is done to the daemon: every fault that has a line of its own in the table."""

from enum import StrEnum
from random import Random

from relay.failpoints import Failpoint


class Fault(StrEnum):
    """A kind of fault, in the words of the table."""

    NONE = "none"
    KILL = "kill -9 at random"
    FAILPOINT = "kill at a failpoint"
    THROTTLING = "throttling"
    SERVER_ERROR = "5xx"
    TIMEOUT = "time-outs"
    RESET = "connection resets"
    SLOW_BODY = "slow bodies"
    TRUNCATED_BODY = "truncated bodies"
    CORRUPT_BODY = "corrupt bodies"
    DUPLICATE = "duplicate deliveries"
    OUT_OF_ORDER = "out-of-order deliveries"
    EXPIRED_RECEIPT = "receipts that expire in mid-work"
    WRONG_REGION = "wrong region"
    KMS_DENIED = "denied KMS"
    CLOCK_JUMP = "clock jumps"
    DISK_FULL = "disk full"
    READ_ONLY_STATE = "read-only state"
    RELOAD_STORM = "SIGHUP storms"
    SECOND_DAEMON = "second daemon on the state file"
    OUTAGE = "restart of all endpoints"
    MIXED = "all of them, mixed"


WIRE_FAULTS = (
    Fault.THROTTLING,
    Fault.SERVER_ERROR,
    Fault.TIMEOUT,
    Fault.RESET,
    Fault.SLOW_BODY,
    Fault.TRUNCATED_BODY,
    Fault.CORRUPT_BODY,
    Fault.DUPLICATE,
    Fault.OUT_OF_ORDER,
    Fault.EXPIRED_RECEIPT,
    Fault.WRONG_REGION,
    Fault.KMS_DENIED,
)
"""Those that the proxy injects into single calls."""
PROCESS_FAULTS = (
    Fault.KILL,
    Fault.CLOCK_JUMP,
    Fault.DISK_FULL,
    Fault.READ_ONLY_STATE,
    Fault.RELOAD_STORM,
    Fault.SECOND_DAEMON,
    Fault.OUTAGE,
)
"""Those that happen to the process and its machine, besides the failpoints."""
FAILPOINTS = tuple(Failpoint)


def seeded(*parts: object) -> Random:
    """Return a generator that draws the same for the same ``parts``."""
    return Random(":".join(map(str, parts)))  # noqa: S311 - a schedule, no secret
