"""What an SQS queue's URL says of the queue: its region and its account.

Forms known: ``sqs.<region>.amazonaws.com`` (also .com.cn, FIPS, ``api.aws`` and
interface endpoints) and the legacy ``<region>.queue.amazonaws.com``; see "Amazon SQS
endpoints and quotas" in the AWS General Reference.
"""

import re
from urllib.parse import urlsplit

_REGION = r"([a-z]{2}(?:-[a-z]+)+-\d+)"
_HOST = re.compile(rf"(?:^|\.)sqs(?:-fips)?\.{_REGION}\.|^{_REGION}\.queue\.")
_ACCOUNT = re.compile(r"/(\d{12})/[^/]+/?$")


def queue_region(url: str) -> str | None:
    """Return the region that the host of ``url`` names, None when it names none."""
    found = _HOST.search(urlsplit(url).hostname or "")
    return (found[1] or found[2]) if found else None


def queue_account(url: str) -> str | None:
    """Return the account that the path of ``url`` names, None when it names none."""
    found = _ACCOUNT.search(urlsplit(url).path)
    return found[1] if found else None
