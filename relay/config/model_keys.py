"""What a model has at a location: its known keys, and whether a secret stands there."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from relay.config.problems import Location
from relay.config.secrets import Secret


def known_keys(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that may stand in the mapping at ``location``, in their order."""
    return [
        key
        for kind in _kinds_at(model, location)
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for key in _keys(kind)
    ]


def is_secret(model: type[BaseModel], location: Location) -> bool:
    """Tell whether the option at ``location`` takes a secret."""
    return Secret in _kinds_at(model, location)


def is_scalar(model: type[BaseModel], location: Location) -> bool:
    """Tell whether the option at ``location`` takes nothing but a single value."""
    kinds = _kinds_at(model, location)
    return bool(kinds) and not any(
        get_origin(kind) in (dict, tuple)
        or (isinstance(kind, type) and issubclass(kind, BaseModel))
        for kind in kinds
    )


def _keys(model: type[BaseModel]) -> dict[str, Any]:
    """Map each key, as files have it, to what it takes."""
    return {
        field.alias or name: field.annotation
        for name, field in model.model_fields.items()
    }


def _kinds_at(model: type[BaseModel], location: Location) -> list[Any]:
    kinds: list[Any] = [model]
    for step in location:
        kinds = [
            inner
            for kind in kinds
            for child in _children(kind, step)
            for inner in _alternatives(child)
        ]
    return kinds


def _children(kind: Any, step: str | int) -> Iterator[Any]:  # noqa: ANN401 - a type form
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        keys = _keys(kind)
        if step in keys:
            yield keys[str(step)]
    elif get_origin(kind) is dict:
        yield get_args(kind)[1]
    elif get_origin(kind) is tuple:
        yield get_args(kind)[0]


def _alternatives(kind: Any) -> Iterator[Any]:  # noqa: ANN401 - a type form
    """Yield the types that ``kind`` allows, without the wrappings."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif origin in (Union, UnionType):
        for each in get_args(kind):
            yield from _alternatives(each)
    else:
        yield kind
