"""Tests of inhibition: where alarms stand, and who is mute by whom."""

from relay.config.route_section import InhibitRule
from relay.notify.inhibit import Inhibition, Inhibitors, Sides

RULES = [
    InhibitRule.model_validate(
        {
            "source_matchers": ["severity=critical"],
            "target_matchers": ["severity=~low|medium"],
            "equal": ["account", "region"],
        }
    ),
    InhibitRule.model_validate(
        {"source_matchers": ["alarm=all"], "target_matchers": ["alarm=~.+"]}
    ),
]
INHIBITION = Inhibition(RULES)


def is_mute(target: dict[str, str], *active: dict[str, str]) -> bool:
    """Tell whether ``target`` is mute while all of ``active`` last."""
    inhibitors = Inhibitors(map(INHIBITION.sides, active))
    return inhibitors.silence(INHIBITION.sides(target))


def test_all_labels_of_a_rule_must_be_alike() -> None:
    """Of one source: two that have one of them each do not make up for it."""
    source = {"severity": "critical", "account": "1", "region": "r"}
    target = {"severity": "low", "account": "1", "region": "r"}

    assert is_mute(target, source)
    assert not is_mute(target, source | {"region": "s"}, source | {"account": "2"})


def test_rules_do_not_mix() -> None:
    """The source of one is no source of another, whatever the labels."""
    assert not is_mute({"alarm": "x"}, {"severity": "critical"})
    assert is_mute({"alarm": "x"}, {"alarm": "all"})
    assert not is_mute({"alarm": "all"}, {"alarm": "all"})


def test_most_alarms_stand_nowhere() -> None:
    """Then nothing needs to be looked up."""
    assert INHIBITION.sides({"severity": "high"}) == Sides()
    assert not is_mute({"severity": "high"}, {"severity": "critical"})
