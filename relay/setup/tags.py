"""The tags by which setup knows again what it has made."""

from collections.abc import Iterable, Mapping

from relay.setup.resource import Owner

MADE_BY = "made-by"
SETUP = "relay-setup"
_US = "cloudtrail-relay"


def tags_of(setup: str) -> dict[str, str]:
    """Return the tags of everything that the setup of this name makes."""
    return {MADE_BY: _US, SETUP: setup}


def tag_list(setup: str) -> list[dict[str, str]]:
    """Return the same tags in the form that most services take."""
    return [{"Key": key, "Value": value} for key, value in tags_of(setup).items()]


def owner_by(tags: Mapping[str, str], setup: str) -> Owner:
    """Return whose a thing with these tags is; another setup's is somebody else's."""
    is_ours = tags_of(setup).items() <= tags.items()
    return Owner.OURS if is_ours else Owner.OTHERS


def owner_by_list(tags: Iterable[Mapping[str, str]], setup: str) -> Owner:
    """Return the same for tags as most services give them."""
    return owner_by({each["Key"]: each["Value"] for each in tags}, setup)
