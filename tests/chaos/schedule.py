"""What is done to the daemon, when and how often: drawn from a seed alone; pure.

A campaign is one line of the table. Each has a generator of its own, so that a campaign
can be repeated alone with the seed that the table shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from relay.failpoints import Failpoint
from tests.chaos.faults import FAILPOINTS, PROCESS_FAULTS, WIRE_FAULTS, Fault, seeded
from tests.chaos.proxy import Rule

_PROBABILITY = {
    Fault.TIMEOUT: 0.02,  # each holds its caller for half a minute
    Fault.DUPLICATE: 0.4,
    Fault.OUT_OF_ORDER: 0.4,
    Fault.EXPIRED_RECEIPT: 0.3,
}
_USUAL_PROBABILITY = 0.1
MAX_QUEUED = 60
"""Messages: the emulator's queue slows down with its length."""
_MIXED_FACTOR = 0.15
"""All faults at once: each less often, so that work is still done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One fault, injected ``times`` while at least ``records`` records pass."""

    fault: Fault
    times: int
    records: int
    seed: int
    point: Failpoint | None = None
    spared: frozenset[Fault] = frozenset()
    """Faults that do not happen in a mixed campaign."""
    max_queued: int = MAX_QUEUED
    """Messages that wait at a time: the load."""

    @property
    def name(self) -> str:
        """Return the line's name."""
        return str(self.fault) if self.point is None else f"kill at {self.point}"

    @property
    def random(self) -> Random:
        """Return a new generator of this campaign's decisions."""
        return seeded(self.seed, self.name)

    @property
    def rules(self) -> list[Rule]:
        """Return what the proxy does meanwhile."""
        if self.fault is Fault.MIXED:
            return [
                Rule(fault=each, probability=_MIXED_FACTOR * _probability(each))
                for each in WIRE_FAULTS
                if each not in self.spared
            ]
        if self.point in (Failpoint.BEFORE_RETURN, Failpoint.AFTER_RETURN):
            # Something must give a reason to return messages.
            return [Rule(fault=Fault.KMS_DENIED, probability=0.3)]
        if self.fault in WIRE_FAULTS:
            return [Rule(fault=self.fault, probability=_probability(self.fault))]
        return []


def campaigns(seed: int, *, times: int, kills: int, records: int) -> list[Campaign]:
    """Return one campaign of every fault; random kills meet ``records`` records.

    Every other one has a tenth of them, or less where its fault has come often enough.
    """
    few = records // 10
    plan = [Campaign(fault=Fault.NONE, times=0, records=few, seed=seed)]
    plan += [
        Campaign(fault=each, times=times, records=few, seed=seed)
        for each in (*WIRE_FAULTS, *PROCESS_FAULTS)
        if each is not Fault.KILL
    ]
    plan += [
        Campaign(
            fault=Fault.FAILPOINT, times=times, records=few, seed=seed, point=point
        )
        for point in FAILPOINTS
    ]
    plan.append(Campaign(fault=Fault.KILL, times=kills, records=records, seed=seed))
    return plan


def mixed(seed: int, *, times: int, records: int) -> Campaign:
    """Return the campaign in which everything happens at once."""
    return Campaign(fault=Fault.MIXED, times=times, records=records, seed=seed)


def process_faults(campaign: Campaign) -> Iterator[Fault]:
    """Yield what happens to the process, one after the other, without end."""
    random = campaign.random
    every = [
        each
        for each in (*PROCESS_FAULTS, Fault.FAILPOINT)
        if each not in campaign.spared
    ]
    while True:
        is_mixed = campaign.fault is Fault.MIXED
        yield random.choice(every) if is_mixed else campaign.fault


def _probability(fault: Fault) -> float:
    return _PROBABILITY.get(fault, _USUAL_PROBABILITY)
