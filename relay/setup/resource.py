"""What setup knows of a thing in AWS: what is wanted, what is there, whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

Settings = Mapping[str, object]
"""Settings by name, each a plain JSON value, so that any two can be compared."""


class Kind(StrEnum):
    """The kinds of things that setup makes, in words that people read."""

    BUCKET = "bucket"
    BUCKET_POLICY = "bucket policy"
    TOPIC = "topic"
    TOPIC_POLICY = "topic policy"
    QUEUE = "queue"
    QUEUE_POLICY = "queue policy"
    SUBSCRIPTION = "subscription"
    KEY_POLICY = "key policy"
    LOG_GROUP = "log group"
    ROLE = "role"
    TRAIL = "trail"


class Owner(StrEnum):
    """Who made a thing: this setup, as its tags (or Sids) say, or somebody else."""

    OURS = "ours"
    OTHERS = "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """What is there; ``notes`` are what an operator should know of it."""

    settings: Settings
    owner: Owner
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What a resource is called.

    ``is_named`` when the operator named it: then one that exists already may be used,
    whoever made it.
    """

    kind: Kind
    name: str
    is_named: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Resource(Protocol):
    """One thing in AWS: a module of its own for each kind.

    Every method may raise TransientError and RejectedError. ``create`` and ``update``
    can be called again after they failed half-way.
    """

    @property
    def title(self) -> Title:
        """What it is called."""
        ...

    @property
    def essential(self) -> frozenset[str]:
        """The settings without which the relay gets nothing.

        Only these are changed on a thing that somebody else has made.
        """
        ...

    def desired(self) -> Settings:
        """Return what is wanted of it."""
        ...

    async def read(self) -> Existing | None:
        """Return what is there, None when nothing is."""
        ...

    async def create(self) -> None:
        """Make it, with its tags and all that is wanted."""
        ...

    async def update(self, changed: Settings) -> None:
        """Change the settings in ``changed``, each to its value there, and no other."""
        ...

    async def delete(self, *, with_data: bool) -> str | None:
        """Remove it; return why it was kept, when it was.

        What holds log files or log events is kept unless ``with_data``.
        """
        ...
