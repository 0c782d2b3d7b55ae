"""What ``IN`` looks a value up in: texts, globs, numbers, expressions and networks.

All exact texts are one set and all networks one look-up, so that a list of a hundred
thousand entries costs an event no more than one of two. Globs are tried one by one.
"""

from collections.abc import Collection, Iterable, Iterator

from relay.patterns.globs import Glob
from relay.patterns.networks import Network, Networks, looks_like_network, parse_network
from relay.patterns.numbers import (
    ValueTest,
    is_number,
    may_be_number_text,
    text_of_number,
)
from relay.patterns.syntax import Operator, Text, Value
from relay.patterns.values import value_test


class Members:
    """Values and networks, compiled to one look-up. Does not change once built."""

    __slots__ = ("_has_networks", "_has_number_texts", "_networks", "_tests", "_texts")

    def __init__(self, values: Iterable[Value], networks: Iterable[Network]) -> None:
        texts: set[str] = set()
        tests: list[ValueTest] = []
        for value in values:
            if isinstance(value, Text):
                texts.add(value.text)
            else:
                tests.append(value_test(Operator.EQUAL, value))
        self._texts = frozenset(texts)
        self._has_number_texts = any(map(may_be_number_text, texts))
        self._tests = tuple(tests)
        self._networks = Networks(networks)
        self._has_networks = bool(self._networks)

    def contains(self, value: object) -> bool:
        """Tell whether a JSON value equals some member or lies in a network.

        Only strings and numbers can; a number is in no network.
        """
        if type(value) is str:
            if value in self._texts:
                return True
            if self._has_networks and self._networks.contains(value):
                return True
        elif not is_number(value):
            return False
        elif self._has_number_texts and text_of_number(value) in self._texts:
            return True
        for satisfies in self._tests:  # noqa: SIM110 - see event_tests.any_of
            if satisfies(value):
                return True
        return False


class NamedList(Collection[str]):
    """A list of texts, globs and networks that patterns refer to as ``@name``.

    It is compiled once, whatever number of patterns it is given to. Two lists are equal
    when their entries are, in any order.
    """

    __slots__ = ("_entries", "members")

    def __init__(self, entries: Iterable[str]) -> None:
        """Compile ``entries``: with ``*`` a glob, ``10.0.0.0/8`` a network, else text.

        Raises ValueError when there is none or one is a faulty network.
        """
        self._entries = frozenset(entries)
        if not self._entries:
            raise ValueError("the list is empty")
        networks = frozenset(filter(looks_like_network, self._entries))
        self.members = Members(
            map(_text_or_glob, self._entries - networks),
            map(parse_network, sorted(networks)),
        )

    def __contains__(self, entry: object) -> bool:
        """Whether ``entry`` is written in the list, not whether the list matches it."""
        return entry in self._entries

    def __iter__(self) -> Iterator[str]:
        """Iterate over the entries, each once, in no order."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Return the number of different entries."""
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        """Tell whether ``other`` is a list of the same entries."""
        return isinstance(other, NamedList) and self._entries == other._entries

    def __hash__(self) -> int:
        """Return the hash of the entries."""
        return hash(self._entries)


def _text_or_glob(entry: str) -> Text | Glob:
    return Glob(entry) if "*" in entry else Text(entry)
