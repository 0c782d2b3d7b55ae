"""What an error of AWS means here, where its own text does not say it."""

from collections.abc import Mapping
from typing import Any

from relay.aws.redirects import named_region
from relay.errors import Reason

_CLOCK_CODES = frozenset({"RequestTimeTooSkewed", "RequestExpired"})


def detail(code: str, reason: Reason, response: Mapping[str, Any]) -> str | None:
    """Return what to add to the text of the error ``code``; None: it says enough.

    ``response`` is the answer as botocore has parsed it.
    """
    error: Mapping[str, Any] = response.get("Error", {})
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if code in _CLOCK_CODES:
        theirs = error.get("ServerTime") or headers.get("date") or "another time"
        return f"the clock of this machine is wrong, the service's says {theirs}"
    match reason:
        case Reason.NO_SUCH_KEY if headers.get("x-amz-delete-marker") == "true":
            return "its newest version is a delete marker"
        case Reason.ARCHIVED:
            return _storage(error)
        case Reason.KMS if "kms:decrypt" in str(error.get("Message", "")).lower():
            return "the key's policy or relay's role does not allow kms:Decrypt"
        case Reason.WRONG_REGION:
            region = named_region(response)
            return None if region is None else f"it is in {region}; see aws.s3"
    return None


def _storage(error: Mapping[str, Any]) -> str | None:
    """Return the storage class, and the tier that S3 Intelligent-Tiering chose."""
    named = [
        f"{words} {error[member]}"
        for words, member in (
            ("storage class", "StorageClass"),
            ("access tier", "AccessTier"),
        )
        if error.get(member)
    ]
    return ", ".join(named) + "; restore it to have it read" if named else None
