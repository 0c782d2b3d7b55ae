"""Buckets in other regions: what an answer of S3 says of the right one, for the SDK.

The SDK makes the call again at once in the region that an answer names, and remembers
it for the bucket. But it does not read every form of such an answer, and where none is
named it asks by HeadBucket, which is answered alike: without end. So each answer is
read here before, and the SDK is told the region, or not to ask.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from relay.aws.codes import WRONG_REGION_CODES
from relay.telemetry import get_log

_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-[0-9]+")
"""Nothing else is taken: the region becomes a part of the host that is called."""
_ENDPOINT = re.compile(rf"(?:^|\.)s3[.-](?:dualstack\.)?({_REGION.pattern})\.amazonaws")

_log = get_log("aws")


def named_region(response: Mapping[str, Any]) -> str | None:
    """Return the region that a parsed answer of S3 says the bucket is in, if it does.

    Of the header ``x-amz-bucket-region``, and ``Region`` and ``Endpoint`` of the body
    (S3's "Error responses").
    """
    error: Mapping[str, Any] = response.get("Error", {})
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    for region in (headers.get("x-amz-bucket-region"), error.get("Region")):
        if isinstance(region, str) and _REGION.fullmatch(region):
            return region
    found = _ENDPOINT.search(str(error.get("Endpoint", "")))
    return found[1] if found else None


def tell_region(
    request_dict: dict[str, Any],
    response: tuple[Any, dict[str, Any]] | None,
    **_: object,
) -> None:
    """Prepare an answer for the SDK's own handler of redirects, which comes after.

    Registered with ``register_first`` for ``needs-retry.s3``.
    """
    if response is None or not _is_redirect(response[1]):
        return
    parsed, redirect = response[1], request_dict["context"]["s3_redirect"]
    region = named_region(parsed)
    if region is None or redirect["redirected"]:
        redirect["redirected"] = True
        return
    # A code and a place that the handler knows, whichever this answer had.
    parsed.setdefault("Error", {}).update(Code="PermanentRedirect", Region=region)
    parsed["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] = region
    _log.info(
        "bucket is in another region than S3 is called in",
        bucket=redirect["bucket"],
        bucket_region=region,
        called_region=request_dict["context"].get("client_region"),
    )


def _is_redirect(parsed: Mapping[str, Any]) -> bool:
    code = str(parsed.get("Error", {}).get("Code", ""))
    status = parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", HTTPStatus.OK)
    if status == HTTPStatus.NOT_MODIFIED:
        return False  # the object is the one that is known already
    is_moved = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return is_moved or code in WRONG_REGION_CODES
