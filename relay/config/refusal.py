"""How an option's type refuses a value: with a predicate, never with the value itself.

The loader puts what was found in front (``'5 minutes' is no duration; ...``), as the
file has it, so that neither a secret nor the environment's content gets into a message.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic_core import PydanticCustomError

from relay.config.secret_references import SecretReference, Unreadable

REFUSED = "relay"
"""The pydantic error type of our own refusals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The validation context while a file is read; absent when Python builds a section.

    ``folder`` is where relative ``file:`` references start. ``lists`` are the named
    lists that patterns with extensions may refer to. ``secrets`` is what AWS holds,
    None while nobody has asked it: then only the form of such references is checked.
    """

    folder: Path
    lists: Mapping[str, Collection[str]] = field(default_factory=dict)
    secrets: Mapping[SecretReference, str | Unreadable] | None = None


def refusal(predicate: str, *, detail: str = "") -> PydanticCustomError:
    """Return the error that says ``predicate`` of the value: ``is no duration; ...``.

    ``detail`` may show a part of the value; it is left out where that must not be.
    """
    full = f"{predicate}: {detail}" if detail else predicate
    return PydanticCustomError(
        REFUSED, "{full}", {"full": full, "predicate": predicate}
    )
