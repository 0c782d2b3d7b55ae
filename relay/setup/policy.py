"""Our statements in the policy of a bucket, topic, queue or key, merged by Sid."""

import json
from collections.abc import Callable, Sequence
from typing import Protocol

from relay.setup.resource import Existing, Kind, Owner, Settings, Title
from relay.setup.statements import (
    Policy,
    Statement,
    meaning,
    merge,
    old_form,
    parse,
    present,
    statements_of,
    without,
)


class PolicyPlace(Protocol):
    """Where a policy is kept."""

    async def get(self) -> str | None:
        """Return its text, None when there is no policy or nothing that has one."""
        ...

    async def put(self, text: str | None) -> None:
        """Write it; None removes it."""
        ...


class PolicyStatements:
    """The statements that setup keeps in one policy; each is a setting, by its Sid.

    Statements with other Sids are somebody else's: they are never changed, and one that
    says the same as one of ours makes ours unnecessary.
    """

    essential = frozenset[str]()

    def __init__(
        self,
        place: PolicyPlace,
        kind: Kind,
        name: str,
        statements: Sequence[Statement],
    ) -> None:
        self._place = place
        self._statements = statements
        self.title = Title(kind=kind, name=name)

    def desired(self) -> Settings:
        """Return what each statement says, by its Sid."""
        return {str(each["Sid"]): meaning(each) for each in self._statements}

    async def read(self) -> Existing | None:
        """Return which of the statements are there."""
        policy = parse(await self._place.get())
        held = present(policy, self._statements)
        notes = _notes(policy)
        if not held and not notes:
            return None
        return Existing(settings=held, owner=Owner.OURS, notes=notes)

    async def create(self) -> None:
        """Add all of them to the policy."""
        await self.update(self.desired())

    async def update(self, changed: Settings) -> None:
        """Put the changed statements into the policy as it is now."""
        ours = [each for each in self._statements if each["Sid"] in changed]
        await self._change(lambda policy: merge(policy, ours))

    async def delete(self, *, with_data: bool) -> str | None:  # noqa: ARG002 - holds none
        """Take our statements out; a policy without any statement goes as a whole."""
        sids = set(self.desired())
        await self._change(lambda policy: without(policy, sids))
        return None

    async def _change(self, edit: Callable[[Policy], Policy]) -> None:
        before = parse(await self._place.get())
        after = edit(before)
        if after == before:
            return
        text = json.dumps(after) if statements_of(after) else None
        await self._place.put(text)


def _notes(policy: Policy) -> tuple[str, ...]:
    return tuple(
        f"statement {sid} lets CloudTrail in by account ids, the form of 2014, which"
        " covers only the regions of those accounts; setup adds today's form beside it"
        " and leaves it; remove it once all trails of this bucket deliver"
        for sid in old_form(policy)
    )
