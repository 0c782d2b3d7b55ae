"""What setup says: a plan, its progress and its end, for people and for programs."""

import json
from collections.abc import Mapping, Sequence

from relay.setup.blueprint import Blueprint
from relay.setup.run import Outcome, Removal
from relay.setup.steps import Change, Status, Step

_MARKS: Mapping[Status, str] = {
    Status.EXISTS: "=",
    Status.MISSING: "+",
    Status.DIFFERS: "~",
    Status.ADOPTED: "=",
    Status.FOREIGN: "!",
}
_WORDS: Mapping[Status, str] = {
    Status.EXISTS: "exists",
    Status.MISSING: "would be made",
    Status.DIFFERS: "would be changed",
    Status.ADOPTED: "exists, used as it is",
    Status.FOREIGN: "in the way",
}
_DONE: Mapping[Status, str] = {
    **_WORDS,
    Status.MISSING: "made",
    Status.DIFFERS: "changed",
}


def step_lines(step: Step, *, is_done: bool = False) -> list[str]:
    """Return a step as lines: what is to be done, each change, each note."""
    words = _DONE if is_done else _WORDS
    lines = [f"{_MARKS[step.status]} {step.title}: {words[step.status]}"]
    if step.status is Status.DIFFERS:
        lines += [f"    {key}: {_shown(each)}" for key, each in step.changes.items()]
    return lines + [f"    note: {note}" for note in step.notes]


def removal_line(removal: Removal) -> str:
    """Return what became of one resource."""
    why = f", {removal.why}" if removal.why else ""
    mark = "-" if removal.outcome is Outcome.REMOVED else "="
    return f"{mark} {removal.title}: {removal.outcome}{why}"


def summary(steps: Sequence[Step]) -> str:
    """Return the last line of a plan."""
    made = sum(step.status is Status.MISSING for step in steps)
    changed = sum(step.status is Status.DIFFERS for step in steps)
    blocked = sum(step.status is Status.FOREIGN for step in steps)
    if not made + changed + blocked:
        return "nothing to do"
    text = f"{made} to make, {changed} to change"
    return f"{text}, {blocked} in the way" if blocked else text


def steps_document(plan: Blueprint, steps: Sequence[Step]) -> dict[str, object]:
    """Return the steps for a program."""
    return {
        "setup": plan.setup,
        "account": plan.account,
        "region": plan.region,
        "changes": sum(step.is_change for step in steps),
        "steps": [
            {
                "kind": step.title.kind,
                "name": step.title.name,
                "status": step.status,
                "changes": {
                    key: {"before": each.before, "after": each.after}
                    for key, each in step.changes.items()
                },
                "notes": list(step.notes),
            }
            for step in steps
        ],
    }


def removals_document(
    plan: Blueprint, removals: Sequence[Removal]
) -> dict[str, object]:
    """Return what was removed, for a program."""
    return {
        "setup": plan.setup,
        "account": plan.account,
        "region": plan.region,
        "removals": [
            {
                "kind": each.title.kind,
                "name": each.title.name,
                "outcome": each.outcome,
                "why": each.why,
            }
            for each in removals
        ],
    }


def _shown(change: Change) -> str:
    before, after = json.dumps(change.before), json.dumps(change.after)
    return f"{before} -> {after}"
