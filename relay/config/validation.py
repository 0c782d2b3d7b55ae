"""Validates a document with a pydantic model and says in our own words what is wrong.

Every message tells what was found, as the file has it, and what is allowed. A secret,
or a text that stands where a list or a section belongs, is never shown.
"""

import difflib
import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from relay.config.model_keys import is_scalar, is_secret, known_keys
from relay.config.problems import LONGEST_SHOWN, Location, Problem, quoted
from relay.config.refusal import REFUSED, Reading
from relay.config.secrets import is_reference
from relay.config.source_map import Document
from relay.config.units import format_duration, format_size, parse_duration, parse_size

M = TypeVar("M", bound=BaseModel)

_NOT_THAT_TYPE: Mapping[str, str] = {
    "string_type": "is no text",
    "int_type": "is no whole number",
    "int_parsing": "is no whole number",
    "float_type": "is no number",
    "float_parsing": "is no number",
    "finite_number": "is no finite number",
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "tuple_type": "is no list; write [one, two], or one '- item' a line",
    "dict_type": "is no mapping; write key: value",
    "model_type": "is no mapping; write key: value",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "is too small; at least"),
    "greater_than": ("gt", "is too small; more than"),
    "less_than_equal": ("le", "is too large; at most"),
    "less_than": ("lt", "is too large; less than"),
}
_OTHERS: Mapping[str, str] = {
    "literal_error": "is not allowed; write {expected}",
    "enum": "is not allowed; write {expected}",
    "too_short": "has too few entries; at least {min_length}",
    "too_long": "has too many entries; at most {max_length}",
    "string_too_long": "is too long; at most {max_length} characters",
}


def validate(
    model: type[M], document: Document, context: Reading, *, base: Location = ()
) -> tuple[M | None, list[Problem]]:
    """Return what stands at ``base`` as a ``model``, or None and all that is wrong."""
    try:
        return model.model_validate(document.at(base), context=context), []
    except ValidationError as error:
        return None, [
            _translate(_Fault(model, document, base, detail))
            for detail in error.errors(include_url=False)
            if not _is_consequence(document.at(base), detail)
        ]


class _Fault:
    """One error of pydantic's, with the place it is at."""

    def __init__(
        self,
        model: type[BaseModel],
        document: Document,
        base: Location,
        error: ErrorDetails,
    ) -> None:
        self.model = model
        self.kind = error["type"]
        self.context: dict[str, Any] = error.get("ctx", {})
        self.relative = _location(document.at(base), error)
        self.location = (*base, *self.relative)
        self.is_key = error["loc"][-1:] == ("[key]",)
        self.value: object = None
        if self.kind not in ("missing", "extra_forbidden"):
            self.value = document.at(self.location)
        self.written = document.written.get(self.location)
        self.document = document


def _translate(fault: _Fault) -> Problem:
    return fault.document.problem(fault.location, _message(fault))


def _message(fault: _Fault) -> str:
    if fault.kind == "missing":
        return "is missing; it has no default"
    if fault.kind == "extra_forbidden":
        return _unknown_key(fault.model, fault.relative)
    predicate = _predicate(fault)
    if fault.is_key:
        return f"the key {fault.location[-1]!r} {predicate}"
    if fault.kind == REFUSED and not _is_subject_needed(fault):
        return predicate
    return f"{_found(fault)} {predicate}"


def _is_subject_needed(fault: _Fault) -> bool:
    """Tell whether a refusal is about what stands there, not about what is in it."""
    is_container = isinstance(fault.value, dict | list)
    return not is_container or is_scalar(fault.model, fault.relative)


def _location(value: object, error: ErrorDetails) -> Location:
    """Return where in ``value`` the error is, without pydantic's tags for unions."""
    location: Location = ()
    steps = error["loc"]
    for position, step in enumerate(steps):
        in_list = isinstance(value, list) and isinstance(step, int)
        if in_list or (isinstance(value, dict) and step in value):
            value = value[step]  # type: ignore[index] # just found out
        elif not (error["type"] == "missing" and position == len(steps) - 1):
            continue
        location = (*location, step)
    return location


def _is_consequence(value: object, error: ErrorDetails) -> bool:
    """Tell whether a list is too short only because its entries are refused already."""
    if error["type"] != "too_short":
        return False
    for step in _location(value, error):
        value = value[step]  # type: ignore[index] # the location exists
    return isinstance(value, list) and len(value) >= error["ctx"]["min_length"]


def _unknown_key(model: type[BaseModel], location: Location) -> str:
    known = known_keys(model, location[:-1])
    near = difflib.get_close_matches(str(location[-1]), known, n=1)
    if near:
        return f"is no known key; did you mean {near[0]}?"
    return f"is no known key; known are {', '.join(known)}"


def _found(fault: _Fault) -> str:
    """Return what stands at the fault's place in a form that is safe to show."""
    value = fault.value
    if fault.written is not None:
        return quoted(fault.written)
    if value is None or isinstance(value, dict | list):
        return _kind_name(value)
    if is_secret(fault.model, fault.relative):
        is_shown = isinstance(value, str) and is_reference(value)
        return quoted(str(value)) if is_shown else "the secret"
    if isinstance(value, str):
        return quoted(value) if is_scalar(fault.model, fault.relative) else "a text"
    return json.dumps(value)[:LONGEST_SHOWN]


def _kind_name(value: object) -> str:
    if value is None:
        return "nothing"
    return "a mapping" if isinstance(value, dict) else "a list"


def _predicate(fault: _Fault) -> str:
    context, kind = fault.context, fault.kind
    if kind == REFUSED:
        text: str = context["full" if fault.written is None else "predicate"]
        return text
    if kind in _NOT_THAT_TYPE:
        return _NOT_THAT_TYPE[kind] + _hint(kind, fault.value)
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"{words} {_bound(fault.value, context[key])}"
    words = _OTHERS.get(kind, f"is not allowed here ({kind})")
    return words.format_map(context)


def _hint(kind: str, value: object) -> str:
    if kind == "string_type" and isinstance(value, bool | int | float):
        return "; put it in quotes"
    if kind == "model_type" and value is None:
        return ", or leave the key out"
    return ""


def _bound(value: object, bound: float) -> str:
    """Return ``bound`` in the unit that the option was written with."""
    text = value if isinstance(value, str) else ""
    try:
        parse_duration(text)
        return format_duration(bound)
    except ValueError:
        pass
    try:
        parse_size(text)
        return format_size(int(bound))
    except ValueError:
        return f"{bound:g}" if bound < 10**6 else str(bound)
