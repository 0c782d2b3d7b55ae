"""The sandbox that templates are rendered in: Jinja2's, and tighter.

A template sees the view's own members and a few methods of texts, nothing else of
Python. Every value that it shows is escaped for the medium, however it was made; there
is no way to say that one is safe. What a rendering may cost is bounded: each loop's
turn, each call and each character takes from one allowance.
"""

from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from typing import Any, Final, NoReturn, TypeGuard

import msgspec
from jinja2 import StrictUndefined, Undefined, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.loaders import BaseLoader
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from markupsafe import Markup

from relay.notify.content.dialect import Dialect
from relay.notify.content.fit import fit

ALLOWANCE: Final = 1_000_000
"""What one rendering may cost: a character 1, a value, turn or call STEP_COST more."""
OWN_ALLOWANCE: Final = 50 * ALLOWANCE
"""For the default templates, which are linear in the view, and that has bounds."""
STEP_COST: Final = 4
MAX_RANGE: Final = 1_000
MAX_NUMBER: Final = 10**15

_METHODS: Final = frozenset(
    {"lower", "upper", "strip", "startswith", "endswith", "split", "splitlines"}
    | {"removeprefix", "removesuffix"}
)
_FILTERS: Final = frozenset(
    {"abs", "count", "d", "default", "dictsort", "first", "float", "groupby", "int"}
    | {"items", "last", "length", "list", "map", "max", "min", "reject", "rejectattr"}
    | {"round", "select", "selectattr", "sort", "sum", "unique"}
)
_Entered = nodes.Template | nodes.For | nodes.Macro | nodes.CallBlock | nodes.Block
"""Each takes the static text of its body, every time that it is entered."""


class TooCostlyError(Exception):
    """A rendering would take too long, or become too large."""


class _Generator(CodeGenerator):
    """Compiles ``~`` and slices to calls of ours: Jinja2's own know HTML only."""

    def visit_Concat(  # noqa: N802 - the visitor's own naming
        self, node: nodes.Concat, frame: Frame
    ) -> None:
        self.write("environment.join((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")

    def visit_Getitem(  # noqa: N802 - the visitor's own naming
        self, node: nodes.Getitem, frame: Frame
    ) -> None:
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.plain(")
        self.visit(node.node, frame)
        self.write(")[")
        self.visit(node.arg, frame)
        self.write("]")


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of one medium. Not to be used by two threads at once."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "*", "%", "**"})

    def __init__(self, dialect: Dialect, loader: BaseLoader) -> None:
        super().__init__(
            autoescape=True,
            # With the context, or Jinja2 would escape constants itself, for HTML.
            finalize=pass_context(lambda _, value: self._escaped(value)),
            loader=loader,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            # Else constant expressions would be worked out before anybody counts.
            optimized=False,
        )
        self._dialect = dialect
        self._left = ALLOWANCE
        self.globals = {
            "range": _range,
            "namespace": Namespace,
            "link": lambda text, url: _marked(dialect.link(_shown(text), _shown(url))),
            "br": _marked(dialect.line_end),
        }
        builtin = self.filters
        self.filters = {name: builtin[name] for name in _FILTERS} | self._own_filters()

    def refill(self, allowance: int = ALLOWANCE) -> None:
        """Give the next rendering its whole allowance."""
        self._left = allowance

    def spend(self, amount: int) -> str:
        """Take a step of ``amount`` characters from the allowance.

        Raises TooCostlyError when nothing is left of it.
        """
        self._left -= amount + STEP_COST
        if self._left < 0:
            raise TooCostlyError("takes too long, or becomes too large")
        return ""

    def join(self, values: Iterable[object]) -> str:
        """Return ``values`` as one text, as ``~`` does: escaped if one of them is."""
        parts = list(values)
        if any(isinstance(each, Markup) for each in parts):
            return Markup("").join(map(self._escaped, parts))
        text = "".join(map(_shown, parts))
        self.spend(len(text))
        return text

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401 - Jinja2's own signature
        """Tell whether a template may read ``obj.attr``."""
        if isinstance(obj, Markup):
            return False
        if isinstance(obj, str):
            return attr in _METHODS
        if isinstance(obj, dict):
            return attr in {"items", "keys", "values", "get"}
        is_ours = is_dataclass(obj) or isinstance(obj, LoopContext | Namespace)
        return is_ours and super().is_safe_attribute(obj, attr, value)

    def getitem(self, obj: Any, argument: Any) -> Any:  # noqa: ANN401 - Jinja2's own signature
        """Return ``obj[argument]``; a piece of escaped text is text again."""
        return super().getitem(self.plain(obj), argument)

    def plain(self, obj: object) -> object:
        """Return escaped text as text, so that it is escaped again; or ``obj``."""
        return str(obj) if isinstance(obj, Markup) else obj

    def wrap_str_format(self, value: object) -> None:
        """Refuse ``format`` of texts: a width of a billion would fill the memory."""

    def call_binop(
        self,
        context: Any,  # noqa: ANN401 - Jinja2's own signature
        operator: str,
        left: Any,  # noqa: ANN401 - any value
        right: Any,  # noqa: ANN401 - any value
    ) -> Any:  # noqa: ANN401 - any value
        """Work out ``left operator right``, unless that could fill the memory."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return self.join((left, right))
        if not all(isinstance(each, int | float) for each in (left, right)):
            _refuse(f"{operator} takes numbers only")
        if operator == "**" or max(abs(left), abs(right)) > MAX_NUMBER:
            _refuse(f"{operator} of these numbers is not allowed")
        return super().call_binop(context, operator, left, right)

    def _parse(
        self, source: str, name: str | None, filename: str | None
    ) -> nodes.Template:
        template = super()._parse(source, name, filename)
        entered = [each for each in template.find_all(nodes.Node) if _is_entered(each)]
        for node in (template, *entered):
            static = sum(len(each.data) for each in node.find_all(nodes.TemplateData))
            step = nodes.ExprStmt(
                nodes.Call(
                    nodes.EnvironmentAttribute("spend"),
                    [nodes.Const(static)],
                    [],
                    None,
                    None,
                )
            )
            node.body.insert(0, step.set_lineno(node.lineno))
        return template

    def _escaped(self, value: object) -> Markup:
        """Return ``value`` as the medium shows it; what is escaped stays as it is."""
        if isinstance(value, Markup):
            self.spend(len(value))
            return value
        text = _shown(value)
        self.spend(len(text))
        return _marked(self._dialect.escape(text))

    def _own_filters(self) -> dict[str, Callable[..., str]]:
        """Return the filters that make text; each takes escaped text for plain."""
        dialect = self._dialect

        def join(values: Iterable[object], separator: str = "") -> str:
            return self._escaped(separator).join(map(self._escaped, values))

        return {
            "e": self._escaped,
            "escape": self._escaped,
            "join": join,
            "tojson": lambda value: _marked(_json(value)),
            "fit": lambda value, max_chars: fit(_shown(value), max_chars=max_chars),
            "lower": lambda value: _shown(value).lower(),
            "upper": lambda value: _shown(value).upper(),
            "trim": lambda value: _shown(value).strip(),
            "bold": lambda value: _marked(dialect.bold(_shown(value))),
            "code": lambda value: _marked(dialect.code(_shown(value))),
        }


def _is_entered(node: nodes.Node) -> TypeGuard[_Entered]:
    return isinstance(node, _Entered)


def _marked(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - the dialect, or JSON, has escaped it


def _shown(value: object) -> str:
    """Return the text of a value that is one; a list can be as large as it likes."""
    if value is None:
        return ""
    if not isinstance(value, str | int | float | Undefined):
        _refuse(f"a {type(value).__name__} cannot be shown as text")
    return str(value)


def _json(value: object) -> str:
    """Return ``value`` as JSON: a text, a number, or the view or a part of it."""
    parts = value if isinstance(value, tuple) else (value,)
    if not all(_is_plain(each) for each in parts):
        _refuse(f"a {type(value).__name__} cannot be shown as JSON")
    return msgspec.json.encode(value).decode()


def _is_plain(value: object) -> bool:
    return is_dataclass(value) or isinstance(value, str | int | float | None)


def _range(*limits: int) -> range:
    numbers = range(*limits)
    if len(numbers) > MAX_RANGE:
        _refuse(f"range of more than {MAX_RANGE:,} numbers")
    return numbers


def _refuse(what: str) -> NoReturn:
    raise SecurityError(what)
