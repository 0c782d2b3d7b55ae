"""What PutLogEvents and its neighbours take, each number with the page that states it.

CloudWatch Logs API Reference, PutLogEvents, unless a line names another page.
"""

MAX_BATCH_EVENTS = 10_000
"""Log events in one call."""

MAX_BATCH_BYTES = 1_048_576
"""Sum of all messages in UTF-8 plus ``EVENT_OVERHEAD_BYTES`` for each."""

EVENT_OVERHEAD_BYTES = 26
"""Counted for every log event beside its message."""

MAX_MESSAGE_BYTES = MAX_BATCH_BYTES - EVENT_OVERHEAD_BYTES
"""The largest message: alone it fills a batch."""

MAX_SPAN_MS = 24 * 60 * 60 * 1000
"""Between the oldest and the newest event of a batch; exactly 24 hours is allowed."""

MAX_STREAM_NAME_CHARACTERS = 512
"""API Reference, CreateLogStream: 1 to 512 characters."""

STREAM_NAME_REFUSES = ":*"
"""API Reference, CreateLogStream: a name holds neither colon nor asterisk."""
