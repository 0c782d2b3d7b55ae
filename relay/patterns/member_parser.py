"""The grammar of what ``IN`` looks values up in, an extension of JSON patterns.

    members := network | '@' name | '[' item ( ',' item )* ']'
    item    := network | '@' name | value
    network := address '/' digits                        IPv4 or IPv6, without quotes
    name    := ( letter | digit | '_' | '-' )+

Values are those of ``relay.patterns.literals`` and are compared as ``=`` compares them.
In quotes a network is a text as any other: fields such as ``cidrIp`` hold networks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from relay.patterns.errors import PatternError
from relay.patterns.extensions import Extensions
from relay.patterns.limits import Limits
from relay.patterns.literals import scan_value
from relay.patterns.members import Members
from relay.patterns.networks import Network, looks_like_network, parse_network
from relay.patterns.numbers import ValueTest
from relay.patterns.scanner import Scanner
from relay.patterns.selector import is_name_char
from relay.patterns.syntax import Operator, Text, Value

_MEMBERS: Final = "a network such as 10.0.0.0/8, '@' and a list's name, or '['"
_QUOTED: Final = (
    "'{0}' in quotes is compared as a text; write it without quotes for the addresses "
    "in it"
)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A list that a pattern names; the list itself is compiled elsewhere."""

    members: Members


_Item = Value | Network | _Listed


class MemberParser:
    """Reads what stands behind ``IN``; counts the values over the whole pattern.

    ``warnings`` are about how the members are written.
    """

    def __init__(
        self, scanner: Scanner, limits: Limits, extensions: Extensions
    ) -> None:
        self.warnings: tuple[str, ...] = ()
        self._scanner = scanner
        self._limits = limits
        self._extensions = extensions

    def parse(self) -> ValueTest:
        """Return the test whether a JSON value is a member.

        Raises PatternError for a text that does not follow the grammar, an unknown or
        faulty list, a faulty network, and an empty list.
        """
        scanner = self._scanner
        scanner.skip_blanks()
        if scanner.char == "@":
            return self._named_list().members.contains
        if scanner.char == "[":
            return _membership(self._bracketed())
        network = self._network()
        if network is None:
            raise scanner.unexpected(_MEMBERS)
        return _membership([network])

    def _bracketed(self) -> Sequence[_Item]:
        scanner = self._scanner
        start = scanner.position
        scanner.accept("[")
        scanner.skip_blanks()
        if scanner.char == "]":
            raise scanner.refused("the list is empty", position=start)
        items = [self._item()]
        while scanner.accept(","):
            items.append(self._item())
        if not scanner.accept("]"):
            raise scanner.unexpected("',' or ']'")
        return items

    def _item(self) -> _Item:
        """Read an item and the blanks around it."""
        scanner = self._scanner
        scanner.skip_blanks()
        item: _Item | None = (
            self._named_list() if scanner.char == "@" else self._network()
        )
        if item is None:
            start = scanner.position
            item = scan_value(scanner, Operator.EQUAL)
            self._limits.count_value(item, start)
            if isinstance(item, Text) and looks_like_network(item.text):
                self.warnings += (_QUOTED.format(item.text),)
        scanner.skip_blanks()
        return item

    def _network(self) -> Network | None:
        """Read a network; None, and nothing read, when there is no slash in a word."""
        scanner = self._scanner
        start = scanner.position
        word = scanner.take_while(_is_network_char)
        if "/" not in word:
            scanner.position = start
            return None
        try:
            return parse_network(word)
        except ValueError as exc:
            raise scanner.refused(str(exc), position=start) from exc

    def _named_list(self) -> _Listed:
        scanner = self._scanner
        start = scanner.position
        scanner.accept("@")
        name = scanner.take_while(is_name_char)
        if not name:
            raise scanner.unexpected("the name of a list behind '@'")
        try:
            return _Listed(self._extensions.named_list(name).members)
        except KeyError:
            raise self._unknown_list(name, start) from None
        except ValueError as exc:
            raise scanner.refused(f"list '{name}': {exc}", position=start) from exc

    def _unknown_list(self, name: str, position: int) -> PatternError:
        names = ", ".join(self._extensions.list_names)
        there_are = f"there are {names}" if names else "there are none"
        return self._scanner.refused(
            f"no list is named '{name}'; {there_are}", position=position
        )


def _membership(items: Sequence[_Item]) -> ValueTest:
    values: list[Value] = []
    networks: list[Network] = []
    lists: list[Members] = []
    for item in items:
        if isinstance(item, Network):
            networks.append(item)
        elif isinstance(item, _Listed):
            lists.append(item.members)
        else:
            values.append(item)
    together = [Members(values, networks), *lists]
    return together[0].contains if not lists else _any_contains(together)


def _any_contains(together: Sequence[Members]) -> ValueTest:
    look_ups: tuple[Callable[[object], bool], ...] = tuple(
        members.contains for members in together
    )

    def test(value: object) -> bool:
        return any(contains(value) for contains in look_ups)

    return test


def _is_network_char(char: str) -> bool:
    return char.isalnum() or char in ".:/_*-"
