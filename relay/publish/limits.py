"""What PutMetricData takes; from its page in the CloudWatch API Reference."""

from typing import Final

MAX_DATA: Final = 1_000
"""Metrics a request."""
MAX_REQUEST_BYTES: Final = 1_000_000
"""1 MB a request. Counted before the SDK compresses it: always on the safe side."""
MAX_VALUES: Final = 150
"""Different values, each with its count, of one metric in a request."""
MAX_VALUE: Final = 2.0**360
"""Values lie between -2^360 and 2^360."""
MAX_AGE_SECS: Final = 14 * 86_400
MAX_AHEAD_SECS: Final = 2 * 3_600
MAX_DIMENSION_LENGTH: Final = 1_024
