"""Certificates for targets that are reached over TLS."""

import ssl
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, ValidationInfo, model_validator

from relay.config.refusal import Reading, refusal
from relay.config.scalars import Text
from relay.config.section import Section


def from_folder(path: str, info: ValidationInfo) -> str:
    """Return ``path`` seen from the folder of the file that names it."""
    if not isinstance(info.context, Reading):
        return path
    return str(info.context.folder / path)


FilePath = Annotated[Text, AfterValidator(from_folder)]
"""A file; a relative path starts at the configuration file's folder."""


class TlsFiles(Section):
    """PEM files: whom to trust, and what to show for oneself (mutual TLS)."""

    ca_file: FilePath | None = None
    """The authorities that may vouch for the server; without it, the system's."""
    cert_file: FilePath | None = None
    """The client certificate, with its chain."""
    key_file: FilePath | None = None
    """The client certificate's key, not encrypted; without it, in ``cert_file``."""

    @model_validator(mode="after")
    def _is_usable(self, info: ValidationInfo) -> Self:
        if self.key_file is not None and self.cert_file is None:
            raise refusal("has a key_file without a cert_file")
        if isinstance(info.context, Reading):
            try:
                self.context()
            except OSError as error:
                text = error.strerror or str(error)
                raise refusal(f"cannot be used: {text}") from error
        return self

    def context(self) -> ssl.SSLContext:
        """Return a context that verifies the server; reads the files.

        Raises OSError (ssl.SSLError is one) when a file cannot be read or used.
        """
        for path in filter(None, (self.ca_file, self.cert_file, self.key_file)):
            # ssl's own errors do not say which file it is.
            if not Path(path).is_file():
                raise FileNotFoundError(2, f"{path} is no file")
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file is not None:
            # An encrypted key must not make the daemon ask at a terminal.
            context.load_cert_chain(self.cert_file, self.key_file, password="")
        return context
