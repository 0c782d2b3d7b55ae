"""PyYAML up to the node tree, with the plain scalars of YAML 1.2's core schema.

PyYAML reads YAML 1.1, in which ``no`` is false, ``12:30`` is 750 and ``0777`` is octal.
"""

import re
from collections.abc import Callable, Mapping

from yaml.composer import Composer
from yaml.nodes import Node, ScalarNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

TAG = "tag:yaml.org,2002:"
"""What the tags of YAML's own types begin with."""

_CORE: Mapping[str, tuple[str, str]] = {
    "null": (r"~|null|Null|NULL|", "~nN\0"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?[0-9]{1,300}|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    "merge": (r"<<", "<"),
}


class CoreLoader(Reader, Scanner, Parser, Composer, BaseResolver):
    """PyYAML's reader up to the node tree, with YAML 1.2's idea of plain scalars."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)


for _kind, (_pattern, _first) in _CORE.items():
    CoreLoader.add_implicit_resolver(
        TAG + _kind,
        re.compile(rf"(?:{_pattern})\Z"),
        ["" if character == "\0" else character for character in _first],
    )


def is_null(node: Node) -> bool:
    """Tell whether ``node`` is null, written or left out."""
    return isinstance(node, ScalarNode) and node.tag == f"{TAG}null"


def read_scalar(node: ScalarNode) -> object:
    """Return the value of ``node``.

    Raises ValueError when its text is not of its tag, KeyError for an unknown tag.
    """
    return _SCALARS[node.tag](node.value)


def _integer(text: str) -> int:
    return int(text, 0) if text[:2] in ("0x", "0o") else int(text)


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_SCALARS: Mapping[str, Callable[[str], object]] = {
    f"{TAG}null": lambda _: None,
    f"{TAG}bool": lambda text: text.lower() == "true",
    f"{TAG}int": _integer,
    f"{TAG}float": _float,
    f"{TAG}str": str,
}
