"""What is to be done about each resource: what is wanted against what is; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from relay.setup.resource import Existing, Owner, Resource, Settings, Title


class Status(StrEnum):
    """What a plan says of a resource."""

    EXISTS = "exists"
    """It is as it is wanted."""
    MISSING = "missing"
    """It would be made."""
    DIFFERS = "differs"
    """It would be changed."""
    ADOPTED = "adopted"
    """Somebody else's, named by the operator: used as it is."""
    FOREIGN = "foreign"
    """Somebody else's, in the way: nothing is done until the operator names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One setting that is not as wanted; ``before`` is None where there is none."""

    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a plan; ``changes`` are what applying it would change."""

    title: Title
    status: Status
    changes: Mapping[str, Change]
    notes: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether applying the plan does something here."""
        return self.status in (Status.MISSING, Status.DIFFERS)


def judge(resource: Resource, existing: Existing | None) -> Step:
    """Return what is to be done about ``resource``."""
    title, desired = resource.title, resource.desired()
    if existing is None:
        return Step(
            title=title, status=Status.MISSING, changes=_differences(desired, {})
        )
    differing = _differences(desired, existing.settings)
    if existing.owner is Owner.OURS:
        return Step(
            title=title,
            status=Status.DIFFERS if differing else Status.EXISTS,
            changes=differing,
            notes=existing.notes,
        )
    if not title.is_named:
        note = (
            "exists already and is not of this setup; name it to have it used, or"
            " choose another name"
        )
        return Step(
            title=title,
            status=Status.FOREIGN,
            changes={},
            notes=(note, *existing.notes),
        )
    changes = {key: differing[key] for key in differing if key in resource.essential}
    left = tuple(
        f"left as it is: {key} is {each.before!r}, setup would have {each.after!r}"
        for key, each in differing.items()
        if key not in changes
    )
    return Step(
        title=title,
        status=Status.DIFFERS if changes else Status.ADOPTED,
        changes=changes,
        notes=(*existing.notes, *left),
    )


def wanted(step: Step) -> Settings:
    """Return the settings that ``step`` changes, each with its new value."""
    return {key: change.after for key, change in step.changes.items()}


def refused(steps: Sequence[Step]) -> list[Step]:
    """Return the steps because of which a plan cannot be applied."""
    return [step for step in steps if step.status is Status.FOREIGN]


def of_others(steps: Sequence[Step]) -> list[Step]:
    """Return the steps about things that somebody else has made."""
    theirs = (Status.ADOPTED, Status.FOREIGN)
    return [step for step in steps if step.status in theirs]


def _differences(desired: Settings, present: Settings) -> dict[str, Change]:
    return {
        key: Change(before=present.get(key), after=value)
        for key, value in desired.items()
        if key not in present or present[key] != value
    }
