"""Object keys: which kind of CloudTrail file an object is, of which account and region.

    [prefix/]AWSLogs/[<o-org>/]<account>/CloudTrail[-Kind]/<region>/YYYY/MM/DD/<file>
    [prefix/]AWSLogs/[<o-org>/]<account>/CloudTrail[-Kind]/        a marker, zero bytes
    [folder/]<account>_CloudTrail[-Kind]_<region>_<rest>           moved elsewhere

Source: CloudTrail User Guide, "Getting and viewing your CloudTrail log files". Folders
decide, not file names: CloudTrail's own have changed their form over the years.
"""

import re
from typing import Final

from relay.model import FileKind, LogFileKey

_KINDS: Final = {
    "CloudTrail": FileKind.EVENTS,
    "CloudTrail-Insight": FileKind.INSIGHT,
    "CloudTrail-NetworkActivity": FileKind.NETWORK_ACTIVITY,
    "CloudTrail-Aggregated": FileKind.AGGREGATED,
    "CloudTrail-Digest": FileKind.DIGEST,
}
_KIND: Final = "(?P<kind>" + "|".join(_KINDS) + ")"
_TRAIL_FOLDER: Final = (
    r"(?:(?P<prefix>.+)/)?AWSLogs/(?:(?P<organization>o-[a-z0-9]{10,32})/)?"
    rf"(?P<account>[0-9]{{12}})/{_KIND}/"
)
_IN_FOLDER: Final = re.compile(
    _TRAIL_FOLDER + r"(?P<region>[a-z0-9-]+)/(?:.+/)?[^/]+", re.DOTALL
)
_MARKER: Final = re.compile(_TRAIL_FOLDER + r"(?:.+/)?", re.DOTALL)
_FLAT: Final = re.compile(
    r"(?:(?P<prefix>.+)/)?(?P<account>[0-9]{12})_"
    rf"{_KIND}_(?P<region>[a-z0-9-]+)_[^/]+",
    re.DOTALL,
)


def parse_key(key: str) -> LogFileKey | None:
    """Take an object key apart; None when it is not one of CloudTrail's.

    ``key`` is decoded. None also for a kind of CloudTrail file that is not known here.
    """
    if key.endswith("/"):
        found = _MARKER.fullmatch(key)
        return _log_file_key(found, FileKind.MARKER, region="") if found else None
    found = _IN_FOLDER.fullmatch(key) or _FLAT.fullmatch(key)
    if found is None:
        return None
    return _log_file_key(found, _KINDS[found["kind"]], region=found["region"])


def _log_file_key(found: re.Match[str], kind: FileKind, *, region: str) -> LogFileKey:
    return LogFileKey(
        kind=kind,
        account=found["account"],
        region=region,
        organization=found.groupdict().get("organization"),
        prefix=found["prefix"] or "",
    )
