"""What all configurations of one process have in common: it outlives a reload."""

from dataclasses import dataclass, field

from anyio import CapacityLimiter

from relay.accounting.accountant import Accounting
from relay.accounting.ledger import Ledger
from relay.budget import ByteBudget
from relay.caught_up import CaughtUp
from relay.clock import Clock
from relay.faults import Faults
from relay.object_locks import ObjectLocks
from relay.remaining import Remaining
from relay.telemetry import Telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The parts that every message meets, whichever configuration processes it."""

    accounting: Accounting
    budget: ByteBudget
    faults: Faults
    ledger: Ledger
    telemetry: Telemetry
    clock: Clock
    caught_up: CaughtUp
    locks: ObjectLocks = field(default_factory=ObjectLocks)
    remaining: Remaining = field(default_factory=Remaining)
    decoders: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
