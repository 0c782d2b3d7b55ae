"""A secret: read from the environment, a file or AWS, never shown.

``str()``, ``repr()``, an f-string, a log line and a JSON dump of one all show ``***``;
``reveal()`` at the point of use is the only way to the text.
"""

from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from relay.config.refusal import Reading, refusal
from relay.config.secret_references import (
    SecretReference,
    Unreadable,
    names_aws,
    parse_reference,
)
from relay.config.steady import note

_FILE = "file:"


class Secret:
    """A text that must not be shown.

    ``reference`` says where in AWS it is kept, None when it is not. While it was not
    read there, it ``is_known`` not: so it is for whoever only checks a configuration.
    """

    __slots__ = ("_text", "reference")

    def __init__(
        self, text: str | None, *, reference: SecretReference | None = None
    ) -> None:
        self._text = text
        self.reference = reference

    @property
    def is_known(self) -> bool:
        """Whether there is a text to reveal."""
        return self._text is not None

    def reveal(self) -> str:
        """Return the text itself. Raises ValueError when it is not known."""
        if self._text is None:
            raise ValueError(f"{self.reference} was not read")
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Secret)
            and other._text == self._text
            and other.reference == self.reference
        )

    def __hash__(self) -> int:
        return hash((self._text, self.reference))

    @classmethod
    def __get_pydantic_core_schema__(
        cls,
        source: Any,  # noqa: ANN401 - pydantic's own signature
        handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        """Accept a text, or a reference while a file is read; dump ``***``."""
        return core_schema.with_info_wrap_validator_function(
            _secret,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda _: "***", return_schema=core_schema.str_schema()
            ),
        )


def _secret(
    value: object,
    as_text: core_schema.ValidatorFunctionWrapHandler,
    info: ValidationInfo,
) -> Secret:
    if isinstance(value, Secret):
        return value
    text: str = as_text(value)
    if not isinstance(info.context, Reading):
        return Secret(text)
    if names_aws(text):
        return _kept_by_aws(text, info.context)
    if text.startswith(_FILE):
        text = _content(info.context.folder / text.removeprefix(_FILE))
    if not text:
        raise refusal("is empty")
    return Secret(text)


def is_reference(text: str) -> bool:
    """Tell whether ``text`` says where a secret is: then it may be shown."""
    return text.startswith(_FILE) or names_aws(text)


def _kept_by_aws(text: str, reading: Reading) -> Secret:
    try:
        reference = parse_reference(text)
    except ValueError as error:
        raise refusal(str(error)) from error
    if reading.secrets is None:
        return Secret(None, reference=reference)
    found = reading.secrets.get(reference)
    if found is None:
        raise refusal("is new: the file has changed while it was read")
    if isinstance(found, Unreadable):
        raise refusal(f"cannot be read: {found.why}")
    if not found:
        raise refusal("is empty")
    return Secret(found, reference=reference)


def _content(path: Path) -> str:
    """Return what ``path`` holds without its last line end, which editors add."""
    note(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise refusal(f"cannot be read: {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise refusal(f"cannot be read: {path} is no UTF-8 text") from error
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise refusal(f"cannot be used: {path} is empty")
    return text
