"""References to secrets that AWS keeps: in Secrets Manager, in SSM's parameters.

    secretsmanager:NAME-or-ARN          the secret's text
    secretsmanager:NAME-or-ARN#KEY      one value of it, when it is a JSON object
    ssm:/path/name  or  ssm:ARN         a parameter, decrypted if it is a SecureString

A reference may be shown. What it stands for is read by ``relay.aws.secret_sources``,
which gives it to the next reading of the file.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

# API references: CreateSecret, PutParameter (with a version or label at the end).
_SECRET_NAME = re.compile(
    r"(arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512}"
)
_PARAMETER_NAME = re.compile(
    r"(/|arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:parameter/)[A-Za-z0-9_./-]{1,1011}"
    r"(:[A-Za-z0-9_.-]{1,100})?"
)


class SecretSource(StrEnum):
    """Where a secret is kept; the word that a reference starts with."""

    SECRETS_MANAGER = "secretsmanager"
    SSM = "ssm"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretReference:
    """Says where a secret is; ``key`` names one value of a JSON object."""

    source: SecretSource
    name: str
    key: str | None = None

    def __str__(self) -> str:
        key = "" if self.key is None else f"#{self.key}"
        return f"{self.source}:{self.name}{key}"

    @property
    def region(self) -> str | None:
        """The region of an ARN; None for a name, which is in the relay's own."""
        return self.name.split(":")[3] if self.name.startswith("arn:") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Why a secret could not be read; holds nothing of it."""

    why: str


def names_aws(text: str) -> bool:
    """Tell whether ``text`` starts as a reference to AWS does, whatever follows."""
    return text.partition(":")[0] in set(SecretSource) and ":" in text


def parse_reference(text: str) -> SecretReference:
    """Return the reference that ``text`` is.

    Raises ValueError, which says of the text what is wrong.
    """
    source, _, rest = text.partition(":")
    if source == SecretSource.SSM:
        if _PARAMETER_NAME.fullmatch(rest) is None:
            raise ValueError("is no parameter; write ssm:/path/name or ssm: and an ARN")
        return SecretReference(source=SecretSource.SSM, name=rest)
    name, has_key, key = rest.partition("#")
    if _SECRET_NAME.fullmatch(name) is None or (has_key and not key):
        raise ValueError(
            "is no secret; write secretsmanager: and a name or an ARN,"
            " with #key for one value of a JSON object"
        )
    return SecretReference(
        source=SecretSource.SECRETS_MANAGER, name=name, key=key or None
    )
