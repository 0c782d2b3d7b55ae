"""Times in answers of AWS, read quickly in the one form that comes with every object.

The SDK tries any form of any time, which for ``Last-Modified`` costs as much as signing
the request.
"""

from datetime import datetime
from email.utils import parsedate_to_datetime

from botocore.utils import parse_timestamp


def parse(value: object) -> datetime:
    """Return the time that ``value`` says; as the SDK does it, unless it is HTTP's.

    Raises ValueError for what is no time.
    """
    if isinstance(value, str) and value.endswith(" GMT"):
        return parsedate_to_datetime(value)
    parsed: datetime = parse_timestamp(value)
    return parsed
