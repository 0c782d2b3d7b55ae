"""What patterns may say beyond AWS's language, when their author asks for it.

Nothing of it means anything else to AWS: without extensions each is refused, by AWS as
by us.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

from relay.patterns.members import NamedList


class Extension(StrEnum):
    """One extension; the value is how it is named to people."""

    MEMBERSHIP = "IN"
    EXISTENCE = "EXISTS"
    IGNORING_CASE = "~="
    MORE_REGEXES = "regular expressions"


class Extensions:
    """Which extensions the parser of one pattern may use, and which it did use."""

    def __init__(
        self,
        *,
        are_allowed: bool = False,
        lists: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """Allow all or none; ``lists`` are those that ``IN @name`` may name."""
        self._are_allowed = are_allowed
        self._lists = lists or {}
        self._used: dict[Extension, None] = {}
        self._used_lists: dict[str, NamedList] = {}

    @property
    def used(self) -> tuple[str, ...]:
        """The names of the extensions in use, in the order of their first use."""
        return tuple(extension.value for extension in self._used)

    @property
    def used_lists(self) -> tuple[tuple[str, NamedList], ...]:
        """The named lists in use, by name."""
        return tuple(sorted(self._used_lists.items(), key=lambda item: item[0]))

    def use(self, extension: Extension) -> bool:
        """Tell whether ``extension`` may be used, and note that it is if so."""
        if self._are_allowed:
            self._used[extension] = None
        return self._are_allowed

    def named_list(self, name: str) -> NamedList:
        """Return the list ``name``.

        Raises KeyError when there is none, ValueError when it is empty or has an entry
        that is a faulty network.
        """
        if name not in self._used_lists:
            entries = self._lists[name]
            self._used_lists[name] = (
                entries if isinstance(entries, NamedList) else NamedList(entries)
            )
        return self._used_lists[name]

    @property
    def list_names(self) -> tuple[str, ...]:
        """The names that ``IN @name`` may use, sorted."""
        return tuple(sorted(self._lists))
