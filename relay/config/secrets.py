"""A secret: read from the environment or a file, never shown.

``str()``, ``repr()``, an f-string, a log line and a JSON dump of one all show ``***``;
``reveal()`` at the point of use is the only way to the text.
"""

from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from relay.config.refusal import Reading, refusal

_FILE = "file:"


class Secret:
    """A text that must not be shown."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    @classmethod
    def __get_pydantic_core_schema__(
        cls,
        source: Any,  # noqa: ANN401 - pydantic's own signature
        handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        """Accept a text, or ``file:`` and a path while a file is read; dump ``***``."""
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
    if text.startswith(_FILE):
        text = _content(info.context.folder / text.removeprefix(_FILE))
    if not text:
        raise refusal("is empty")
    return Secret(text)


def _content(path: Path) -> str:
    """Return what ``path`` holds without its last line end, which editors add."""
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
