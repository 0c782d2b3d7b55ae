"""Plans, applies and destroys a setup, one resource after the other.

Each resource is read again right before it is changed, and only what differs is
changed: whatever was broken off goes on where it was.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from relay.aws.errors import PASSING
from relay.backoff import Backoff, retry
from relay.clock import Clock
from relay.errors import RejectedError, RelayError, TransientError
from relay.setup.resource import Owner, Resource, Title
from relay.setup.steps import Status, Step, judge, refused, wanted

T = TypeVar("T")

_BACKOFF = Backoff(base_secs=0.5, cap_secs=10.0)
_MOST_ATTEMPTS = 6


class SetupFailedError(RelayError):
    """A resource could not be read or changed: all before it in the order is done."""


class ForeignError(RelayError):
    """Things are in the way that this setup did not make; nothing was changed."""

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__(
            "; ".join(f"{each.title}: {'; '.join(each.notes)}" for each in steps)
        )


class Outcome(StrEnum):
    """What became of a resource when a setup was destroyed."""

    REMOVED = "removed"
    ABSENT = "absent"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What became of one resource, and why it was kept."""

    title: Title
    outcome: Outcome
    why: str = ""


async def plan_steps(resources: Sequence[Resource], *, clock: Clock) -> list[Step]:
    """Return what is to be done, in order; nothing is changed.

    Raises SetupFailedError.
    """
    return [await _attempted(each, _read, clock) for each in resources]


async def apply(
    resources: Sequence[Resource],
    *,
    clock: Clock,
    on_step: Callable[[Step], None] = lambda _: None,
) -> list[Step]:
    """Make and change what is to be; return what was done, in order.

    ``on_step`` is told of each resource when it is as it should be. Raises ForeignError
    before anything is changed, and SetupFailedError.
    """
    in_the_way = refused(await plan_steps(resources, clock=clock))
    if in_the_way:
        raise ForeignError(in_the_way)
    steps = []
    for each in resources:
        step = await _attempted(each, _settle, clock)
        on_step(step)
        steps.append(step)
    return steps


async def destroy(
    resources: Sequence[Resource],
    *,
    with_data: bool,
    clock: Clock,
    on_removal: Callable[[Removal], None] = lambda _: None,
) -> list[Removal]:
    """Remove what this setup has made, the last first; nothing else is touched.

    What holds log files or log events is kept unless ``with_data``. Raises
    SetupFailedError.
    """

    async def remove(resource: Resource) -> Removal:
        return await _remove(resource, with_data=with_data)

    removals = []
    for each in reversed(resources):
        removal = await _attempted(each, remove, clock)
        on_removal(removal)
        removals.append(removal)
    return removals


async def _read(resource: Resource) -> Step:
    return judge(resource, await resource.read())


async def _settle(resource: Resource) -> Step:
    step = await _read(resource)
    if step.status is Status.MISSING:
        await resource.create()
    elif step.status is Status.DIFFERS:
        await resource.update(wanted(step))
    return step


async def _remove(resource: Resource, *, with_data: bool) -> Removal:
    existing = await resource.read()
    if existing is None:
        return Removal(title=resource.title, outcome=Outcome.ABSENT)
    if existing.owner is Owner.OTHERS:
        why = "this setup did not make it"
        return Removal(title=resource.title, outcome=Outcome.KEPT, why=why)
    why_kept = await resource.delete(with_data=with_data)
    return Removal(
        title=resource.title,
        outcome=Outcome.REMOVED if why_kept is None else Outcome.KEPT,
        why=why_kept or "",
    )


async def _attempted(
    resource: Resource, operation: Callable[[Resource], Awaitable[T]], clock: Clock
) -> T:
    """Run ``operation``, again when what went wrong passes by itself."""

    async def attempt() -> T:
        try:
            return await operation(resource)
        except TransientError as error:
            if error.reason in PASSING:
                raise
            raise SetupFailedError(str(error)) from error

    try:
        return await retry(
            attempt,
            backoff=_BACKOFF,
            clock=clock,
            on_failure=lambda *_: None,
            max_attempts=_MOST_ATTEMPTS,
        )
    except (TransientError, RejectedError) as error:
        raise SetupFailedError(str(error)) from error
