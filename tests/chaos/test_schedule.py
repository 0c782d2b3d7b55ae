"""The schedule: drawn from the seed, complete."""

from itertools import islice

from relay.failpoints import Failpoint
from tests.chaos.faults import FAILPOINTS, PROCESS_FAULTS, WIRE_FAULTS, Fault
from tests.chaos.injectors import INJECTORS
from tests.chaos.schedule import Campaign, campaigns, mixed, process_faults


def test_every_fault_and_every_failpoint_has_its_campaign() -> None:
    """Nothing that can be injected is left out of a full run."""
    plan = campaigns(1, times=20, kills=100, records=200_000)

    assert {each.fault for each in plan} == set(Fault) - {Fault.MIXED}
    assert {each.point for each in plan} == {None, *FAILPOINTS}
    assert len({each.name for each in plan}) == len(plan)
    assert all(each.times >= 20 for each in plan if each.fault is not Fault.NONE)


def test_kills_meet_all_records() -> None:
    """The random kills are as many, over as many records, as was asked for."""
    plan = campaigns(1, times=20, kills=100, records=200_000)

    (kills,) = [each for each in plan if each.fault is Fault.KILL]
    assert (kills.times, kills.records) == (100, 200_000)


def test_a_seed_gives_the_same_schedule() -> None:
    """What happens to the process, and its moments, depend on the seed alone."""
    first, again, other = (mixed(seed, times=9, records=1) for seed in (1, 1, 2))

    drawn = [list(islice(process_faults(each), 30)) for each in (first, again, other)]
    moments = [
        [each.random.random() for _ in range(3)] for each in (first, again, other)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert moments[0] == moments[1] != moments[2]


def test_a_mixed_campaign_draws_from_everything_that_is_not_spared() -> None:
    """Every process fault comes, none that is spared; the same of the wire's."""
    campaign = Campaign(
        fault=Fault.MIXED,
        times=1,
        records=1,
        seed=1,
        spared=frozenset({Fault.OUTAGE, Fault.TIMEOUT}),
    )

    drawn = set(islice(process_faults(campaign), 500))
    assert drawn == {*PROCESS_FAULTS, Fault.FAILPOINT} - {Fault.OUTAGE}
    ruled = {rule.fault for rule in campaign.rules}
    assert ruled == set(WIRE_FAULTS) - {Fault.TIMEOUT}


def test_every_process_fault_has_an_injector() -> None:
    """What can be drawn can be brought about."""
    assert set(INJECTORS) == {*PROCESS_FAULTS, Fault.FAILPOINT}


def test_rules_fit_the_fault() -> None:
    """The wire's faults have a rule; something must fail to be returned."""
    wire = Campaign(fault=Fault.RESET, times=1, records=1, seed=1)
    process = Campaign(fault=Fault.KILL, times=1, records=1, seed=1)
    returning = Campaign(
        fault=Fault.FAILPOINT,
        times=1,
        records=1,
        seed=1,
        point=Failpoint.AFTER_RETURN,
    )

    assert [rule.fault for rule in wire.rules] == [Fault.RESET]
    assert process.rules == []
    assert [rule.fault for rule in returning.rules] == [Fault.KMS_DENIED]
    assert returning.name == "kill at after-return"
