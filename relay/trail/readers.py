"""Functions that read several members of decoded records at once, written as code.

Every record passes through a few of them. A call that reads a dozen members through
``attrgetter`` and closures takes as long as decoding the record's text to a string; the
same as one function of plain attribute accesses takes a fifth of it. So the function is
written out and compiled, as ``dataclasses`` and ``namedtuple`` do. Nothing that came
from outside is in its text: field names and variables are numbered.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from relay.patterns import MISSING

Path = tuple[str, ...]
"""Names of Structs' fields, from the record to a member."""

JointGetter = Callable[[Any], tuple[object, ...]]


def joint_reader(empty: object, paths: Sequence[Path]) -> JointGetter:
    """Return the function from a record to what stands at ``paths``, in their order.

    ``empty`` is a record without members: it has the types of all objects in it. What
    lies below another value than such an object is MISSING. Where all are, the result
    is one tuple, always the same.
    """
    variables = {path: f"value{number}" for number, path in enumerate(paths)}
    names: dict[str, Any] = {"MISSING": MISSING, "nothing": (MISSING,) * len(paths)}
    body = [
        *_assignments("record", empty, variables, names),
        f"if {' is '.join([*variables.values(), 'MISSING'])}: return nothing",
        f"return ({''.join(f'{variables[path]}, ' for path in paths)})",
    ]
    source = "\n    ".join(["def read(record):", *body])
    exec(source, names)  # noqa: S102 - of our own numbered names only, see above
    read: JointGetter = names["read"]
    return read


def _assignments(
    holder: str, empty: object, wanted: Mapping[Path, str], names: dict[str, Any]
) -> Iterator[str]:
    """Yield lines that assign members of the object ``holder`` to variables.

    ``wanted`` says which, by their paths from there; the types that the lines compare
    with are added to ``names``.
    """
    inner = defaultdict[str, dict[Path, str]](dict)
    for (field, *below), variable in wanted.items():
        if below:
            inner[field][tuple(below)] = variable
        else:
            yield f"{variable} = {holder}.{field}"
    for field, wanted_below in inner.items():
        name, empty_below = f"{holder}_{field}", getattr(empty, field)
        names[f"{name}_type"] = type(empty_below)
        yield f"{name} = {holder}.{field}"
        yield f"if type({name}) is {name}_type:"
        for line in _assignments(name, empty_below, wanted_below, names):
            yield f"    {line}"
        yield "else:"
        yield f"    {' = '.join(wanted_below.values())} = MISSING"
