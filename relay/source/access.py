"""How objects are asked for: only of the allowed buckets, and by whose leave.

See "GetObject" in the S3 API reference for the headers.
"""

from collections.abc import Mapping, Sequence

from relay.config.source_section import Source
from relay.errors import Reason, RejectedError
from relay.model import Delivery


class BucketAccess:
    """Makes the requests for objects, as the section ``source`` says."""

    def __init__(self, config: Source) -> None:
        self._buckets = frozenset(config.buckets)
        self._access_points = config.access_points
        self._headers: dict[str, str] = {}
        if config.expected_bucket_owner is not None:
            self._headers["ExpectedBucketOwner"] = config.expected_bucket_owner
        if config.request_payer:
            self._headers["RequestPayer"] = "requester"
        self.hints: Mapping[Reason, str] = {Reason.ACCESS_DENIED: _denied(config)}
        """What an error of such a request may also mean."""

    def check(self, delivery: Delivery) -> None:
        """Raise RejectedError (FOREIGN_BUCKET) unless the bucket is an allowed one."""
        if delivery.bucket not in self._buckets:
            raise RejectedError(
                f"{delivery}: bucket is not one of source.buckets",
                reason=Reason.FOREIGN_BUCKET,
            )

    def request(self, delivery: Delivery, known_etags: Sequence[str]) -> dict[str, str]:
        """Return the parameters of GetObject; conditional with exactly one known etag.

        Raises RejectedError as ``check`` does.
        """
        self.check(delivery)
        bucket = self._access_points.get(delivery.bucket, delivery.bucket)
        request = {"Bucket": bucket, "Key": delivery.key, **self._headers}
        if delivery.version_id is not None:
            request["VersionId"] = delivery.version_id
        if len(known_etags) == 1:
            request["IfNoneMatch"] = f'"{known_etags[0]}"'
        return request


def _denied(config: Source) -> str:
    """Return what may be behind a 403, which says little on purpose."""
    causes = "s3:GetObject is not allowed, or there is no such key and s3:ListBucket"
    causes += " is not allowed"
    if config.expected_bucket_owner is not None:
        causes += ", or the bucket is not source.expected_bucket_owner's"
    return causes
