"""Tests of the decision what is to be done about a resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from relay.setup.resource import Existing, Kind, Owner, Settings, Title
from relay.setup.steps import Change, Status, judge, refused, wanted


@dataclass(kw_only=True)
class Thing:
    """A resource that wants size 1 and colour red, and needs only its size."""

    is_named: bool = False
    essential: frozenset[str] = frozenset({"size"})
    deleted: list[bool] = field(default_factory=list)

    @property
    def title(self) -> Title:
        """What it is called."""
        return Title(kind=Kind.QUEUE, name="thing", is_named=self.is_named)

    def desired(self) -> Settings:
        """Return what is wanted."""
        return {"size": 1, "colour": "red"}

    async def read(self) -> Existing | None:
        """Return nothing."""
        return None

    async def create(self) -> None:
        """Do nothing."""

    async def update(self, changed: Settings) -> None:
        """Do nothing."""

    async def delete(self, *, with_data: bool) -> str | None:
        """Do nothing."""
        return None


def there(settings: Mapping[str, object], owner: Owner = Owner.OURS) -> Existing:
    """Return what is there."""
    return Existing(settings=settings, owner=owner, notes=("known",))


def test_what_is_not_there_is_made_whole() -> None:
    """Every setting is a change from nothing."""
    step = judge(Thing(), None)

    assert step.status is Status.MISSING
    assert wanted(step) == {"size": 1, "colour": "red"}
    assert step.is_change


def test_what_is_as_wanted_is_left() -> None:
    """Settings that nobody asked for do not count."""
    step = judge(Thing(), there({"size": 1, "colour": "red", "age": 9}))

    assert (step.status, step.changes, step.is_change) == (Status.EXISTS, {}, False)
    assert step.notes == ("known",)


def test_only_what_differs_is_changed() -> None:
    """A setting that is absent differs, too."""
    step = judge(Thing(), there({"size": 2}))

    assert step.status is Status.DIFFERS
    assert step.changes == {
        "size": Change(before=2, after=1),
        "colour": Change(before=None, after="red"),
    }


def test_what_others_made_is_in_the_way() -> None:
    """Even when it is just as wanted."""
    step = judge(Thing(), there({"size": 1, "colour": "red"}, Owner.OTHERS))

    assert step.status is Status.FOREIGN
    assert refused([step]) == [step]
    assert "name it to have it used" in step.notes[0]


def test_what_was_named_is_used_as_it_is() -> None:
    """What differs and is not essential is said and left."""
    step = judge(Thing(is_named=True), there({"size": 1}, Owner.OTHERS))

    assert (step.status, step.changes) == (Status.ADOPTED, {})
    assert step.notes == (
        "known",
        "left as it is: colour is None, setup would have 'red'",
    )


def test_what_is_essential_is_changed_on_others_things() -> None:
    """Without it nothing would arrive."""
    step = judge(Thing(is_named=True), there({"size": 3}, Owner.OTHERS))

    assert step.status is Status.DIFFERS
    assert wanted(step) == {"size": 1}
